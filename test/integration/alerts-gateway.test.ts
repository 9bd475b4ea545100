import { describe, expect, it } from 'vitest'
import type { Ledger } from '../../src/domain/refund/ledger.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
type FaultKind = FaultRule['fault']

/** What may become of a call for a refund, and whether the money moved all the same. */
const LOST: Record<string, { fault: FaultKind; moved: boolean }> = {
  'no answer, no effect': { fault: { kind: 'hang' }, moved: false },
  'no answer, done': { fault: { kind: 'commit-then-hang' }, moved: true },
  '500, no effect': { fault: { kind: 'status', status: 500 }, moved: false },
  '500, done': { fault: { kind: 'commit-then-fail', status: 500 }, moved: true },
  'lost, no effect': { fault: { kind: 'reset' }, moved: false },
  'lost, done': { fault: { kind: 'commit-then-reset' }, moved: true },
}
const names = Object.keys(LOST)
const lose = (line: AlertLine) =>
  line.sandbox.faults.set(names.map(id => ({ on: 'refund', orderId: id, times: 1, fault: LOST[id]!.fault })))

describe('a gateway that does not say whether it refunded', () => {
  it.runIf(isLong)('and keeps keys: each order is refunded once, under one key and in one wording', async () => {
    const line = await open()
    const guids = await playAll(line)
    for (const guid of guids) await line.caseOf(guid, one => one.state === 'resolved')
    for (const id of names) {
      expect([id, line.sandbox.refunds.totals(id).effective]).toEqual([id, 1])
      const calls = line.refundCalls(id)
      expect(new Set(calls.map(({ payload }) => JSON.stringify(payload))).size).toBe(1)
      expect([id, calls.length]).toEqual([id, LOST[id]!.moved ? 1 : 2])
    }
  })

  it.runIf(isLong)(
    'and keeps no keys, nor states what is refundable: what it lists is confirmed, anything else waits for a person',
    async () => {
      const line = await open({ REFUND_HTTP_KEEPS_KEYS_HOURS: '0' }, { keepsKeysMs: 0 })
      line.sandbox.gateway.traits.set([{ refundable_amount: false }])
      const guids = await playAll(line)
      for (const [i, id] of names.entries()) {
        const { reason } = await line.caseOf(guids[i]!, one => one.state === (LOST[id]!.moved ? 'resolved' : 'parked'))
        expect([id, reason]).toEqual([id, LOST[id]!.moved ? 'answered' : 'refund-parked'])
        expect([id, line.refundCalls(id).length]).toEqual([id, 1])
      }
      // A person who has looked releases it: it goes out once more.
      const at = names.indexOf('no answer, no effect')
      await line.decide(guids[at]!, { decision: 'approve', amount: '30', currency: 'USD' })
      await line.caseOf(guids[at]!, one => one.state === 'resolved')
      expect(line.sandbox.refunds.totals(names[at]!).effective).toBe(1)
      expect(line.refundCalls(names[at]!)).toHaveLength(2)
    },
  )

  it.runIf(isLong)('and cannot be asked: nothing is sent until it can', async () => {
    const line = await open()
    line.sandbox.faults.set([{ on: 'refund-list', fault: { kind: 'status', status: 500 } }])
    const guid = await play(line, 'G-1')
    const asked = () => line.sandbox.inbox.stats().answers['refund-list']?.['500'] ?? 0
    await eventually(() => expect(asked()).toBeGreaterThan(3))
    expect(line.refundCalls('G-1')).toEqual([])
    expect(await line.caseOf(guid)).toMatchObject({ state: 'matched', reason: 'asking-gateway' })
    line.sandbox.faults.set([{ on: 'refund-list', times: 3, fault: { kind: 'status', status: 200, body: { refunds: 'none' } } }])
    await line.caseOf(guid, one => one.state === 'resolved')
    expect(line.refundCalls('G-1')).toHaveLength(1)
  }) // prettier-ignore

  it.runIf(isLong)('at any call, and fails a fifth of them for a while, refunds every order once', async () => {
    const line = await open({ CASE_LOOK_MS: '1000' })
    line.sandbox.faults.set([
      { on: 'refund', probability: 0.5, times: 15, fault: { kind: 'commit-then-fail' } },
      { on: 'refund', probability: 0.5, times: 15, fault: { kind: 'reset' } },
      { on: 'refund-list', probability: 0.4, times: 20, fault: { kind: 'status', status: 503 } },
    ])
    const ids = Array.from({ length: 24 }, (_, i) => `F-${i}`)
    const guids = await Promise.all(ids.map(id => play(line, id)))
    for (const guid of guids) await line.caseOf(guid, one => one.state === 'resolved')
    expect(ids.map(id => line.sandbox.refunds.totals(id).effective)).toEqual(ids.map(() => 1))
  })
})

describe('a gateway that answers', () => {
  it.runIf(isLong)(
    '409: looked up; what was given back by hand meanwhile is told as it is, and not sent again',
    async () => {
      const line = await open()
      line.sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'slow', ms: 150 } }])
      const guid = await play(line, 'G-2')
      await eventually(() => expect(line.refundCalls('G-2')).toHaveLength(1), { everyMs: 2 })
      line.sandbox.refunds.addByHand('G-2', '30.00')
      await line.caseOf(guid, one => one.state === 'resolved')
      expect(line.refundCalls('G-2').map(({ status }) => status)).toEqual([409])
      expect(line.sandbox.refunds.totals('G-2')).toMatchObject({ effective: 1, refunded: '30.00' })
      expect(answerOf(line, guid)).toBe('issued_full_refund')
    },
  )

  it.runIf(isLong)(
    '409 with nothing to show for it: read and planned again, it is the same refund, so a person decides',
    async () => {
      const line = await open()
      line.sandbox.faults.set([{ on: 'refund', fault: { kind: 'status', status: 409 } }])
      const guid = await play(line, 'G-3')
      const { reason } = await line.caseOf(guid, one => one.state === 'parked')
      expect(reason).toBe('refund-refused')
      expect(line.refundCalls('G-3')).toHaveLength(1)
    },
  )

  it.runIf(isLong)('422: refused for good; it waits for a person, who may have it tried once more', async () => {
    const line = await open()
    line.sandbox.gateway.setRules([{ times: 1, behave: { kind: 'refuse', code: 'card_expired', message: 'the card has expired' } }])
    const guid = await play(line, 'G-4')
    expect((await line.caseOf(guid, one => one.state === 'parked')).reason).toBe('refund-refused')
    expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
    await line.decide(guid, { decision: 'approve', amount: '30', currency: 'USD' })
    await line.caseOf(guid, one => one.state === 'resolved')
    const keys = line.refundCalls('G-4').map(({ payload }) => (payload as { reference: string }).reference)
    expect(new Set(keys).size).toBe(2)
  }) // prettier-ignore

  it.runIf(isLong)('settled: false is waited for, and nothing is sent before', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ settles_at: new Date(Date.now() + 86_400_000).toISOString() }])
    const guid = await play(line, 'G-9')
    await line.caseOf(guid, one => one.reason === 'gateway-not-settled')
    await rewrite(line, 'G-9', tenMinutesLater)
    await line.caseOf(guid, one => one.reason === 'gateway-not-settled')
    expect(line.refundCalls('G-9')).toEqual([])
    line.sandbox.gateway.traits.set([])
    await rewrite(line, 'G-9', tenMinutesLater)
    await line.caseOf(guid, one => one.state === 'resolved')
    expect(line.refundCalls('G-9')).toHaveLength(1)
  })

  it.runIf(isLong)('422 for the time being: it is tried again a minute later under the same key, and a person need not be asked', async () => {
    const line = await open()
    line.sandbox.gateway.setRules([{ times: 1, behave: { kind: 'refuse', code: 'try_later', message: 'try again in a minute' } }])
    const guid = await play(line, 'G-10')
    const waiting = await line.caseOf(guid, one => one.reason === 'refund-refused-for-now')
    expect(waiting.state).toBe('refunding')
    expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
    await rewrite(line, 'G-10', minuteLater)
    await line.caseOf(guid, one => one.state === 'resolved')
    const keys = line.refundCalls('G-10').map(({ payload }) => (payload as { reference: string }).reference)
    expect(keys).toEqual([keys[0], keys[0]])
    expect(line.sandbox.refunds.totals('G-10')).toMatchObject({ effective: 1, refunded: '30.00' })
  }) // prettier-ignore

  it('422 amount too large: the sale is read anew, and where that explains nothing a person decides', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ refundable_amount: false }])
    line.sandbox.payments.set('G-11', { captured: '20.00', currency: 'USD' })
    const guid = await play(line, 'G-11')
    expect((await line.caseOf(guid, one => one.state === 'parked')).reason).toBe('refund-refused')
    expect(line.refundCalls('G-11')).toHaveLength(1)
    await line.decide(guid, { decision: 'approve', amount: '20', currency: 'USD' })
    await line.caseOf(guid, one => one.state === 'resolved')
    expect(line.sandbox.refunds.totals('G-11')).toMatchObject({ effective: 1, refunded: '20.00' })
    expect(answerOf(line, guid)).toBe('other')
  })

  it('pending: nothing is told until it is done', async () => {
    const line = await open()
    line.sandbox.gateway.setRules([{ behave: pending(300, 'succeeded') }])
    const guid = await play(line, 'G-5')
    await line.caseOf(guid, one => one.reason === 'refund-pending')
    expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
    expect(line.sandbox.inbox.record('G-5')).not.toMatchObject({ is_refund: 1 })
    await line.caseOf(guid, one => one.state === 'resolved')
    const [refund] = line.sandbox.refunds.list('G-5')
    expect(refund).toMatchObject({ status: 'succeeded', replays: 0 })
    expect(line.refundCalls('G-5')).toHaveLength(1)
  })

  it.runIf(isLong)('pending, and then failed: a person', async () => {
    const line = await open()
    line.sandbox.gateway.setRules([{ behave: pending(100, 'failed') }])
    const guid = await play(line, 'G-6')
    expect((await line.caseOf(guid, one => one.state === 'parked')).reason).toBe('refund-refused')
    expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
  })

  it.runIf(isLong)('done, and later failed: the answered case opens again, parked, with an alarm', async () => {
    const line = await open({ REFUND_LOOKUPS_MS: '50,3500' })
    line.sandbox.gateway.setRules([{ behave: { kind: 'succeed-then-fail', ms: 3_000 } }])
    const guid = await play(line, 'G-7')
    await line.caseOf(guid, one => one.state === 'resolved')
    expect((await line.caseOf(guid, one => one.state === 'parked')).reason).toBe('refund-taken-back')
    const rung = expect.objectContaining({ name: 'case-parked', why: expect.stringContaining(guid) as string }) as object
    await eventually(async () => expect(await line.deps.alarms.list(Date.now())).toContainEqual(rung))
    const taken = { is_refund: 0, refunded_to_date: '0.00', order_status: 'Complete' }
    await eventually(() => expect(line.sandbox.inbox.record('G-7')).toMatchObject(taken))
  }) // prettier-ignore

  it('another amount than was asked for: nobody is told of a refund', async () => {
    const line = await open()
    line.sandbox.faults.set([
      { on: 'refund', fault: { kind: 'status', status: 201, body: { refund_id: 'x', status: 'succeeded', amount: '3.00' } } },
    ])
    const guid = await play(line, 'G-8')
    await eventually(() => expect(line.refundCalls('G-8').length).toBeGreaterThan(0))
    expect((await line.caseOf(guid, one => one.reason === 'refund-uncertain')).state).toBe('refunding')
    expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
  }) // prettier-ignore
})

const answerOf = (line: AlertLine, guid: string) => line.sandbox.alerts.get(guid)?.resolutions.accepted?.resolution_type

/** As if the gateway had been asked ten minutes earlier than it was. */
const tenMinutesLater = ({ report }: Ledger): Partial<Ledger> => ({
  report: report && { ...report, at: report.at - 600_000 },
})
/** As if a refund that waits for another try had waited long enough. */
const minuteLater = ({ claims }: Ledger): Partial<Ledger> => ({
  claims: claims.map(one => (one.state === 'claimed' ? { ...one, notBefore: Date.now() } : one)),
})

/** Changes an order's refunds as they are kept, and has them looked at. */
const rewrite = (line: AlertLine, orderId: string, change: (before: Ledger) => Partial<Ledger>) =>
  eventually(async () => {
    const { refunds } = line.deps
    const before = await refunds.read(orderId)
    const ledger = { ...before, ...change(before) }
    expect(await refunds.commit({ before, ledger, lookAt: Date.now(), takes: null, event: null })).toBe('written')
  })

async function play(line: AlertLine, orderId: string): Promise<string> {
  await line.sold(orderId)
  const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: orderId })
  return guid!
}

async function playAll(line: AlertLine): Promise<string[]> {
  lose(line)
  return Promise.all(names.map(id => play(line, id)))
}
