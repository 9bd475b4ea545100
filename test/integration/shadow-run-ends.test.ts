import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { readHistory } from '../../src/shadow-run/history.ts'
import { shadowRun } from '../../src/shadow-run/shadow-run.ts'
import { termsOf } from '../support/merchants/driver.ts'
import { few } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'

type Line = Record<string, unknown>
const AT = (day: number, hour = 10) => `2026-09-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00Z`
const sold = (id = 'A1', more: Line = {}): Line => ({
  type: 'change',
  body: {
    order_id: id, occurred_at: AT(1), order_date: AT(1), order_total: '49.95', currency: 'USD', payment_state: 'captured', cc_first_6: '411111', cc_last_4: '1111', transaction_id: `ch_${id}`, ...more,
  },
}) // prettier-ignore
const paid = (id = 'A1', more: Line = {}): Line => ({ type: 'payment', order_id: id, transaction_id: `ch_${id}`, currency: 'USD', captured: [{ at: AT(1), amount: '49.95' }], ...more }) // prettier-ignore
const event = (at: string, body: Line, more: Line = {}): Line => ({
  type: 'event',
  at,
  platform: 'midigator',
  body,
  ...more,
})
const alert = (at = AT(20)) => event(at, { event_type: 'prevention.new', prevention_guid: 'pre_1', prevention_type: 'ethoca', card_first_6: '411111', card_last_4: '1111', amount: '49.95', currency: 'USD', event_timestamp: at }) // prettier-ignore
const match = (at = AT(20, 11), id = 'A1') => event(at, { event_type: 'prevention.match', prevention_guid: 'pre_1', order_guid: `ord_${id}`, order_id: id }) // prettier-ignore
const request = (at: string) =>
  event(at, { event_type: 'order.refund', order_guid: 'ord_A1', order_id: 'A1', amount: '49.95' })
const outcome = (resolution = 'issued_full_refund', refunded = '49.95'): Line => ({ type: 'outcome', id: 'pre_1', resolution, refunded, currency: 'USD' }) // prettier-ignore
const refund = (more: Line): Line => ({ type: 'refund', at: AT(20, 12), order_id: 'A1', transaction_id: 'ch_A1', amount: '49.95', currency: 'USD', ...more }) // prettier-ignore

interface Settings {
  mode?: 'auto' | 'approve'
  trigger?: 'match' | 'order.refund'
  hourlyLimit?: string | null
}

describe('how an alert ends in a shadow run', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  let runs = 0

  async function run(lines: Line[], { mode = 'auto', trigger = 'match', hourlyLimit = null }: Settings = {}) {
    const history = await readHistory(Readable.from(lines.map(line => `${JSON.stringify(line)}\n`)))
    expect(history.faults).toEqual([])
    const terms = termsOf({ trigger, keepsKeysHours: 24, defaultCurrency: null })
    const refunds = { ...terms.refunds, mode, hourlyLimit, limitCurrency: hourlyLimit === null ? null : 'USD' }
    const result = await shadowRun(redis, `${namespace}-${(runs += 1)}`, { history, terms: { ...terms, refunds }, keepsKeysMs: 86_400_000, hasGateway: true })
    return { ...result, only: result.alerts[0]! }
  } // prettier-ignore

  it('with a refund that a request before it asked for, as its own', async () => {
    const { only } = await run([sold(), paid(), request(AT(20, 9)), alert(), match(), outcome()], {
      trigger: 'order.refund',
    })
    expect(only).toMatchObject({ verdict: 'agrees', refunded: [{ amount: '49.95', currency: 'USD' }] })
  })

  it('with a person where more was refunded after its answer than was captured', async () => {
    const { only } = await run([sold(), paid(), alert(), match(), refund({ at: AT(20, 15) }), { type: 'change', body: { order_id: 'A1', occurred_at: AT(20, 16), refunded_to_date: '99.90', order_status: 'Refunded' } }, outcome()]) // prettier-ignore
    expect(only).toMatchObject({ verdict: 'asks-person', reason: 'paid-twice', resolution: 'issued_full_refund' })
  })

  it('with a person where the platform names another order after its answer', async () => {
    const { only } = await run([sold(), sold('A2'), paid(), alert(), match(), match(AT(21), 'A2'), outcome()])
    expect(only).toMatchObject({ verdict: 'asks-person', reason: 'match-conflict' })
  })

  const ASKED: readonly [Settings, string][] = [
    [{ mode: 'approve' }, 'Refund mode: manual approval.'],
    [{ hourlyLimit: '20' }, 'Hourly limit reached.'],
  ]
  it.each(few(ASKED))(
    'with the reason for which a person was asked, not with the deadline that passed since: %j',
    async (settings, why) => {
      const { only } = await run([sold(), paid(), alert(), match(), outcome()], settings)
      expect(only).toMatchObject({ verdict: 'asks-person', reason: 'deadline-passed' })
      expect(only.why).toContain(why)
    },
  )

  it('like the history’s own attempt, from its time on', async () => {
    const tooMuch = refund({ at: AT(20, 18), amount: '60', status: 'refused', code: 'amount_too_large' })
    const { only } = await run([
      sold(),
      paid(),
      alert(),
      match(),
      tooMuch,
      refund({ at: AT(20, 19), alert: 'pre_1' }),
      outcome(),
    ])
    expect(only).toMatchObject({ verdict: 'agrees' })
    const closed = refund({ at: AT(19), status: 'refused', code: 'merchant_account_closed' })
    expect((await run([sold(), paid(), alert(), match(), closed])).only).toMatchObject({ resolution: 'unable_to_refund_merchant_account_closed', refunded: [] }) // prettier-ignore
  })

  it('once a pending refund is settled', async () => {
    const { only } = await run([sold(), paid(), alert(), match(), refund({ alert: 'pre_1', status: 'pending', settled_at: AT(20, 15) }), outcome()]) // prettier-ignore
    expect(only).toMatchObject({ verdict: 'agrees' })
  })

  it('with the payment of its own transaction, in as many captures as there are', async () => {
    const parts = [
      paid('A1', { captured: [{ at: AT(1), amount: '20' }] }),
      paid('A1', { captured: [{ at: AT(2), amount: '29.95' }] }),
    ]
    const other = paid('A1', { transaction_id: 'ch_other', captured: [{ at: AT(1), amount: '10' }] })
    const byOther = refund({ at: AT(10), transaction_id: 'ch_other', amount: '10' })
    const { only } = await run([sold('A1', { captured_amount: '49.95' }), ...parts, other, alert(), match(), outcome()])
    expect(only).toMatchObject({ verdict: 'agrees' })
    // A refund that the gateway lists for the order, of another of its payments, is for a person to explain.
    expect((await run([sold(), ...parts, other, byOther, alert(), match()])).only.refunded).toEqual([])
  })

  it('and what was not used of the lines is listed', async () => {
    const { unused, alerts } = await run([
      sold('A1', { order_total: 'lots' }), { type: 'change', body: { order_id: '', occurred_at: AT(1) } }, event(AT(2), { alert: { id: 'x', type: 'inquiry' } }), event(AT(2), { event_type: 'prevention.created', prevention_guid: 'p' }),
      { type: 'record', id: 'pre_9', body: { amount: '5' } }, outcome(),
    ]) // prettier-ignore
    expect(alerts).toEqual([])
    expect(unused).toEqual([
      'the record of midigator:pre_9 does not name it',
      expect.stringContaining('order_total: expected an amount'),
      expect.stringContaining('order_id: expected'),
      expect.stringContaining('this is no event of midigator'),
      expect.stringContaining('this is no event of midigator'),
      'the outcome of midigator:pre_1 has no event of that alert',
    ])
  })
})
