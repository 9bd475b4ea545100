import { describe, expect, it } from 'vitest'
import { emptyLedger, type Claim } from '../../src/domain/refund/ledger.ts'
import type { RefundMode } from '../../src/domain/account/account.ts'
import type { BeginRefund } from '../../src/store/refund-store.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const ORDERS = 100

describe('the switch for refunds', () => {
  it.runIf(isLong)(
    'turned off in the middle of 100 refunds: no further one begins, none is lost, each goes on once',
    async () => {
      const line = await open({ ALERTS_CONCURRENCY: '10', CASE_LOOK_MS: '15000', SWEEP_MS: '1000' })
      await line.start('alerts')
      const ids = Array.from({ length: ORDERS }, (_, i) => `K-${i}`)
      for (let at = 0; at < ORDERS; at += 50) await Promise.all(ids.slice(at, at + 50).map(id => line.sell(id)))
      await eventually(() => expect(line.sandbox.inbox.records()).toHaveLength(ORDERS))
      line.sandbox.faults.set([{ on: 'refund', fault: { kind: 'slow', ms: 60 } }])
      const sent = () => line.sandbox.refunds.list().length
      const guids = Promise.all(ids.map(id => line.askRefund(id)))
      await eventually(() => expect(sent()).toBeGreaterThan(20), { everyMs: 2 })
      const { refunds, jobDeps } = line.deps
      await refunds.setMode('off', 'ann', 'looks odd', Date.now())
      const offAt = await jobDeps.redisNow()
      await guids

      await eventually(async () => expect(await restless(line, ids)).toEqual([]), { withinMs: 60_000 })
      const begun = await begunAt(line, ids)
      expect(begun.filter(at => at > offAt)).toEqual([])
      expect(sent()).toBe(begun.length)
      expect(begun.length).toBeLessThan(ORDERS)

      await refunds.setMode('auto', 'ann', null, Date.now())
      await eventually(() => expect(sent()).toBe(ORDERS), { withinMs: 60_000 })
      await eventually(async () => expect(await line.deps.cases.counts(['refunded'])).toEqual({ refunded: ORDERS }), { withinMs: 60_000 }) // prettier-ignore
      expect(line.sandbox.refunds.allTotals().filter(({ effective }) => effective !== 1)).toEqual([])
      expect(await refunds.modeLog()).toMatchObject([{ by: 'ann', from: 'off', to: 'auto' }, { from: 'auto', to: 'off', reason: 'looks odd' }]) // prettier-ignore
    },
  )

  it('outranks what is configured, also for what a person has released', async () => {
    const line = await open({ REFUND_MODE: 'approve' }, { isScheduled: true })
    await line.deps.refunds.setMode('off', 'ann', null, Date.now())
    const guid = await play(line, 'K-1')
    await line.caseOf(guid, one => one.reason === 'refunds-off')
    await line.decide(guid, { decision: 'approve', amount: '30', currency: 'USD' })
    expect((await line.caseOf(guid, one => one.state === 'refunding')).reason).toBe('refunds-off')
    expect(line.refundCalls('K-1')).toEqual([])
    await line.deps.refunds.setMode('approve', 'ann', null, Date.now())
    await line.caseOf(guid, one => one.state === 'resolved')
    expect(line.refundCalls('K-1')).toHaveLength(1)
  })
})

describe('the last look before a refund goes out', () => {
  it('is at the switch, at the release, and at everything the plan was made from, whatever was read before', async () => {
    const line = await open({}, { without: ['alerts', 'scheduler', 'order-sync'] })
    await line.sell('B-1')
    const { deps } = line
    const { rev } = (await deps.orders.read('B-1'))!
    const begin = (change: Partial<BeginRefund> = {}) =>
      deps.refunds.begin({
        before: emptyLedger('B-1'), ledger: emptyLedger('B-1'), claim: { key: 'k', approvedBy: null } as Claim, attempt: 'a', orderRev: rev,
        defaultMode: 'auto', isReleased: false, counted: null, hourlyLimit: null, lostAfterMs: 1_000, untiedVersion: '0', respondBy: null, event: null, ...change,
      }) // prettier-ignore
    const setMode = (mode: RefundMode) => deps.refunds.setMode(mode, 'ann', null, Date.now())
    await setMode('off')
    expect(await begin({ isReleased: true })).toEqual({ go: false, why: 'off' })
    await setMode('approve')
    expect(await begin()).toEqual({ go: false, why: 'approval' })
    await setMode('auto')
    expect(await begin({ orderRev: rev + 1 })).toEqual({ go: false, why: 'changed' })
    expect(await begin({ before: { ...emptyLedger('B-1'), version: 1 } })).toEqual({ go: false, why: 'changed' })
    expect(await begin({ counted: 30_000_000n, hourlyLimit: 29_999_999n })).toEqual({ go: false, why: 'capped' })
    expect((await deps.refunds.read('B-1')).version).toBe(0)
    expect(await begin()).toMatchObject({ go: true })
  })
})

describe('a refund that is more than may move by itself', () => {
  const LIMITS = { REFUND_AUTO_LIMIT: '50', REFUND_HOURLY_LIMIT: '100', REFUND_LIMIT_CURRENCY: 'USD' }

  it.runIf(isLong)('waits for a person, who releases exactly that one', async () => {
    const line = await open(LIMITS)
    const big = await play(line, 'L-big', { order_total: '50.01' })
    const other = await play(line, 'L-other', { order_total: '60.00' })
    const foreign = await play(line, 'L-eur', { currency: 'EUR' })
    const waits = (guid: string) => line.caseOf(guid, one => one.state === 'awaiting-approval')
    expect([(await waits(big)).reason, (await waits(other)).reason, (await waits(foreign)).reason]).toEqual([
      'above-limit',
      'above-limit',
      'other-currency',
    ])
    // More than is refundable is not released at all.
    await line.decide(big, { decision: 'approve', amount: '50.02', currency: 'USD' })
    expect((await line.caseOf(big, one => one.state === 'parked')).reason).toBe('rest-changed')
    await line.decide(big, { decision: 'approve', amount: '50.01', currency: 'USD' })
    await line.caseOf(big, one => one.state === 'resolved')
    expect(line.sandbox.refunds.list().map(({ order_id: id, amount }) => [id, amount])).toEqual([['L-big', '50.01']])
    expect([(await waits(other)).reason, (await waits(foreign)).reason]).toEqual(['above-limit', 'other-currency'])
    await line.decide(foreign, { decision: 'decline' })
    expect((await line.caseOf(foreign, one => one.state === 'parked')).reason).toBe('refused-by-person')
  })

  it.runIf(isLong)('in an hour: of ten orders at once, over two workers, as many go as fit; a person releases one more', async () => {
    const line = await open(LIMITS)
    await line.start('alerts')
    const ids = Array.from({ length: 10 }, (_, i) => `L-${i}`)
    const guids = await Promise.all(ids.map(id => play(line, id)))
    await eventually(async () =>
      expect(await line.deps.cases.counts(['resolved', 'awaiting-approval'])).toEqual({ resolved: 3, 'awaiting-approval': 7 }),
    )
    expect(line.sandbox.refunds.list()).toHaveLength(3)
    const records = await line.deps.cases.records(guids.map(guid => `midigator:${guid}`))
    const waiting = records.filter(({ state }) => state === 'awaiting-approval')
    expect(new Set(waiting.map(({ reason }) => reason))).toEqual(new Set(['hourly-limit']))
    await line.decide(waiting[0]!.guid, { decision: 'approve', amount: '30', currency: 'USD' })
    await line.caseOf(waiting[0]!.guid, one => one.state === 'resolved')
    expect(line.sandbox.refunds.list().map(({ order_id: id }) => id)).toContain(waiting[0]!.orderId)
    expect(line.sandbox.refunds.list()).toHaveLength(4)
  }) // prettier-ignore
})

async function play(line: AlertLine, orderId: string, fields: Record<string, unknown> = {}): Promise<string> {
  await line.sold(orderId, fields)
  const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: orderId })
  return guid!
}

const claimsOf = async ({ deps }: AlertLine, ids: readonly string[]) =>
  Promise.all(ids.map(async id => (await deps.refunds.read(id)).claims.at(-1)))

/** What is neither refunded nor waiting for the switch without a call under way. */
async function restless(line: AlertLine, ids: readonly string[]): Promise<string[]> {
  const claims = await claimsOf(line, ids)
  const records = await line.deps.cases.records(ids.map(id => `midigator:${line.sandbox.alerts.nameOrder(id)}`))
  expect(records).toHaveLength(ids.length)
  return records.flatMap(({ orderId, state, reason }, i) => {
    const isResting = state === 'refunded' || reason === 'refunds-off'
    return isResting && claims[i]?.state !== 'sending' ? [] : [`${orderId} ${state} ${reason} ${claims[i]?.state}`]
  })
}

/** When the calls of those refunds began that ever began, by Redis' clock. */
const begunAt = async (line: AlertLine, ids: readonly string[]) =>
  (await claimsOf(line, ids)).flatMap(claim => claim?.firstSentAt ?? [])
