import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHistory } from '../../src/shadow-run/history.ts'
import { size } from '../support/sizes.ts'

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
      { line: 6, message: 'at: is missing, and body.occurred_at is no time' },
      { line: 7, message: 'expected an object' },
    ])
  })

  it('splits lines at line feeds alone, wherever chunks end, after a byte order mark', async () => {
    const name = 'Ann\u2028Bee \u{1f600}'
    const line = JSON.stringify({ ...CHANGE, body: { ...CHANGE.body, billing_first_name: name } })
    const bytes = Buffer.from(`\uFEFF${line}\r\n\r\n${line}`)
    for (const size of [1, 7, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const { arrivals, faults } = await readHistory(Readable.from(chunks))
      expect(faults).toEqual([])
      expect(arrivals.map(({ body }) => (body as Record<string, unknown>).billing_first_name)).toEqual([name, name])
    }
    expect((await readHistory(Readable.from([Buffer.from([0x7b, 0xff, 0x7d])]))).faults).toMatchObject([
      { message: expect.stringContaining('UTF-8') },
    ])
  })

  it('counts every line that cannot be read, and names the first thousand', async () => {
    const { faults, faultCount } = await read(
      ...Array.from({ length: 1_100 }, (_, i) => (i % 2 === 0 ? '{' : { ...CHANGE, body: {} })),
    )
    expect([faults.length, faultCount, faults.at(-1)!.line]).toEqual([1_000, 1_100, 1_000])
  })

  it('takes one outcome of an alert, with the currency of what was refunded', async () => {
    const outcome = { type: 'outcome', id: 'p', refunded: '5', currency: 'USD' }
    const { outcomes, faults } = await read(outcome, outcome, { type: 'outcome', id: 'q', refunded: 5 })
    expect([...outcomes.keys()]).toEqual(['midigator:p'])
    expect(faults).toEqual([
      { line: 2, message: expect.stringContaining('another') },
      { line: 3, message: 'currency: expected the currency of refunded' },
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
        const given = lines.map(line => line.replaceAll(/[\r\n]/g, ' ')).filter(line => line.trim() !== '')
        const { arrivals, records, payments, refunds, outcomes, faults } = await read(CHANGE, ...given)
        const kept = arrivals.length + [...records.values()].flat().length + payments.length + refunds.length + outcomes.size
        expect(kept + faults.length).toBe(1 + given.length)
        expect(arrivals).toContainEqual({ what: 'change', at: Date.parse('2026-09-01T10:00:00Z'), body: CHANGE.body, line: 1 })
      }),
      { numRuns: size(100, 300) },
    )
  }) // prettier-ignore
})
