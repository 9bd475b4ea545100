import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHistory } from '../../src/shadow-run/history.ts'

const read = (...lines: unknown[]) =>
  readHistory(Readable.from(lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`)))
const CHANGE = { type: 'change', body: { order_id: 'A1', occurred_at: '2026-09-01T10:00:00Z' } }
const EVENT = {
  type: 'event',
  at: '2026-09-02T10:00:00+02:00',
  body: { event_type: 'prevention.new', prevention_guid: 'p' },
}
const REFUND = { type: 'refund', at: '2026-09-03T10:00:00Z', order_id: 'A1', amount: '10.50', currency: 'USD' }

describe('reading a history', () => {
  it('sorts what came in by time, and keeps the order of lines that fall on one moment', async () => {
    const second = { ...CHANGE, body: { ...CHANGE.body, order_id: 'A2' } }
    const { arrivals, faults } = await read(EVENT, CHANGE, second)
    expect(faults).toEqual([])
    expect(arrivals.map(({ what, at }) => [what, new Date(at).toISOString()])).toEqual([
      ['change', '2026-09-01T10:00:00.000Z'],
      ['change', '2026-09-01T10:00:00.000Z'],
      ['event', '2026-09-02T08:00:00.000Z'],
    ])
    expect(arrivals.map(({ body }) => (body as { order_id?: string }).order_id)).toEqual(['A1', 'A2', undefined])
  })

  it('keeps the digits of amounts, as numbers and as text', async () => {
    const { refunds } = await read(
      '{"type":"refund","at":"2026-09-03T10:00:00Z","order_id":"A1","amount":0.10,"currency":"usd"}',
    )
    expect(refunds).toMatchObject([{ amount: '0.1', currency: 'USD', status: 'succeeded' }])
  })

  it('names each line that cannot be read with its number, the field and what was expected, and takes the others', async () => {
    const { arrivals, refunds, faults } = await read(
      '{"type":"change"', CHANGE, { type: 'chnage' }, { ...REFUND, amount: 'ten', at: 'yesterday' }, '', { ...CHANGE, body: {} }, [1], REFUND,
    ) // prettier-ignore
    expect(arrivals).toHaveLength(1)
    expect(refunds).toHaveLength(1)
    expect(faults).toEqual([
      { line: 1, message: 'expected JSON; check the body for what your JSON writer cannot have written' },
      { line: 3, message: 'type: expected change, event, record, payment, refund, outcome' },
      { line: 4, message: expect.stringMatching(/^at: expected a time.*; amount: expected an amount such as 49\.95$/) },
      { line: 6, message: 'at: is missing, and body.occurred_at is no time with its offset' },
      { line: 7, message: 'expected an object' },
    ])
  })

  it('never throws, whatever a line holds', async () => {
    const anyLine = fc.oneof(
      fc.string(),
      fc.json(),
      fc.tuple(fc.constantFrom(CHANGE, EVENT, REFUND), fc.dictionary(fc.constantFrom('at', 'body', 'amount', 'platform', 'id', 'status', 'type'), fc.jsonValue())).map(([line, other]) => JSON.stringify({ ...line, ...other })),
    ) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 5 }), async lines => {
        const given = lines.map(line => line.replaceAll(/[\r\n\u2028\u2029]/g, ' '))
        const history = await read(CHANGE, ...given)
        const kept = history.arrivals.length + history.payments.length + history.refunds.length + history.faults.length
        expect(kept).toBeGreaterThan(0)
        expect(history.arrivals).toContainEqual({ what: 'change', at: Date.parse('2026-09-01T10:00:00Z'), body: CHANGE.body, line: 1 })
      }),
      { numRuns: 300 },
    )
  }) // prettier-ignore
})
