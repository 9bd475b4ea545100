import { describe, expect, it } from 'vitest'

import type { Claim, GatewayReport } from '../../src/domain/refund/ledger.ts'

import { again, done, later } from '../../src/jobs/job.ts'

import {
  approved,
  chargebackCase,
  claimed,
  confirmed,
  DAY_MS,
  factsWith,
  hook,
  HOUR_MS,
  listed,
  listedClaim,
  MINUTE_MS,
  NOW,
  pending,
  readBack,
  reportOf,
  SEEN_AT,
  sending,
  stopped,
  termsWith,
  uncertain,
} from './build-case.ts'
import { storedOrder } from './job-world.ts'
import { ALERT, found, ID, KEY, OTHERS, RefundWorld, SENT, stated } from './refund-world.ts'

describe('the look-up of a refund', () => {
  it('finds it by our reference, and it is confirmed, counted and recorded', async () => {
    const made = new RefundWorld()
    const claim = uncertain({ key: KEY, lookAt: NOW, isRecorded: false })
    made.refunded('A', [claim], stated())
    made.report = found({ refunds: [listedClaim(claim, { refundId: 'r7', arn: '75' })], refundableAmount: '0' })
    expect(await made.run()).toEqual(done('nothing-left'))
    expect(made.claims()).toMatchObject([{ state: 'confirmed', refundId: 'r7', arn: '75', confirmedAt: NOW, isRecorded: true }]) // prettier-ignore
    expect(made.shown()).toEqual([{ what: 'refunded', amount: '30', currency: 'USD', refund_id: 'r7', arn: '75' }])
    expect(made.called).toEqual([`refunded ${KEY} ${NOW - SEEN_AT}`, 'sync A'])
  })

  it('shows an ARN only where there is one, and a pending refund as such', async () => {
    const made = new RefundWorld()
    const claim = uncertain({ key: KEY, lookAt: NOW })
    made.refunded('A', [claim], stated())
    made.report = found({ refunds: [listedClaim(claim, { refundId: 'r7', status: 'pending' })], refundableAmount: '0' })
    expect(await made.run()).toEqual(done('refund-pending'))
    expect(made.shown()).toEqual([{ what: 'refund-pending', amount: '30', currency: 'USD', refund_id: 'r7' }])
    made.now += 5_000
    made.report = found({ refunds: [listedClaim(claim, { refundId: 'r7' })], refundableAmount: '0' })
    await made.run()
    expect(made.shown().at(-1)).toEqual({ what: 'refunded', amount: '30', currency: 'USD', refund_id: 'r7' })
  })

  it('that cannot be read has what the gateway stated before count for nothing: no further refund is sent on it', async () => {
    const made = new RefundWorld()
    const kept = confirmed({ key: 'k0', amount: '10', target: '10', lookAt: NOW })
    made.refunded('A', [kept], reportOf([listedClaim(kept)]))
    made.report = { read: false, why: 'away' }
    expect(await made.run()).toEqual(again('gateway-unreadable'))
    expect(made.sent).toEqual([])
    expect(made.claims()).toMatchObject([{ key: 'k0', state: 'confirmed' }])
  })

  it('that cannot be read is made again later, and nothing else is concluded from it', async () => {
    const made = new RefundWorld()
    made.refunded('A', [uncertain({ key: KEY, lookAt: NOW, lookups: 1 })], stated())
    made.report = { read: false, why: 'away' }
    expect(await made.run()).toEqual(done('refund-uncertain'))
    expect(made.claims()).toMatchObject([{ state: 'uncertain', lookups: 1, lookAt: NOW + 30_000 }])
  })

  it('that does not show it waits, and sends again only what is proven absent', async () => {
    const made = new RefundWorld()
    made.refunded('A', [uncertain({ key: KEY, lookAt: NOW, refundableBefore: '30' })], stated())
    expect(await made.run()).toEqual(done('refund-uncertain'))
    expect(made.claims()).toMatchObject([{ state: 'uncertain', lookups: 1, lookAt: NOW + 30_000, absentSince: NOW }])
    expect(made.sent).toEqual([])
    made.refunded('A', [uncertain({ key: KEY, lookAt: NOW, refundableBefore: '30', absentSince: NOW - 15 * MINUTE_MS, approvedBy: 'ann' })], stated()) // prettier-ignore
    expect(await made.run()).toEqual(SENT)
    expect(made.sent).toHaveLength(1)
    expect(made.queries).toHaveLength(2)
  })

  it('waits as long as the gateway’s list may lag', async () => {
    const made = new RefundWorld()
    made.terms = termsWith({ listLagMs: HOUR_MS })
    const absent = uncertain({ key: KEY, lookAt: NOW, refundableBefore: '30', absentSince: NOW - 15 * MINUTE_MS })
    made.refunded('A', [absent], stated())
    expect(await made.run()).toEqual(done('refund-uncertain'))
    expect(made.sent).toEqual([])
  })

  it('of a send whose process died begins after its lease', async () => {
    const made = new RefundWorld()
    made.refunded('A', [sending({ key: KEY, sendingAt: NOW - 20_000 })], stated())
    expect(await made.run()).toEqual(done('refund-uncertain'))
    expect(made.claims()).toMatchObject([{ state: 'uncertain', lookups: 0, lookAt: NOW + 5_000, reason: { code: 'lost', words: null }, refusal: null, absentSince: null }]) // prettier-ignore
    const running = new RefundWorld()
    running.refunded('A', [sending({ key: KEY, sendingAt: NOW - 19_500 })], stated())
    expect(await running.run()).toEqual(later(500, 'refund-under-way'))
  })

  it('of a confirmed refund only watches: one that is not listed stays confirmed', async () => {
    const made = new RefundWorld()
    const claim = confirmed({ key: KEY, lookAt: NOW, lookups: 1, confirmedAt: NOW - 2.5 * DAY_MS })
    made.refunded('A', [claim], stated())
    await made.run()
    expect(made.claims()).toMatchObject([{ state: 'confirmed', lookups: 2, lookAt: NOW + 0.5 * DAY_MS }])
    expect(made.ledgerOf('A').report?.rev).toBe(storedOrder().rev)
    expect(made.shown()).toEqual([])
    expect(made.lookAt()).toBe(NOW + 0.5 * DAY_MS)
    made.refunded('A', [{ ...claim, confirmedAt: null }], stated())
    await made.run()
    expect(made.claims()).toMatchObject([{ state: 'confirmed', lookups: 2, lookAt: NOW + DAY_MS }])
    made.refunded('A', [{ ...claim, lookups: 0 }], stated())
    await made.run()
    expect(made.claims()).toMatchObject([{ state: 'confirmed', lookups: 1, lookAt: NOW + 0.5 * DAY_MS }])
  })

  it('of a confirmed refund that the gateway took back tells the order and its cases', async () => {
    const made = new RefundWorld()
    const claim = confirmed({ key: KEY, lookAt: NOW, confirmedAt: NOW + 50 })
    made.refunded('A', [claim], stated())
    made.report = found({ refunds: [listedClaim(claim, { status: 'failed' })] })
    expect(await made.run()).toEqual(done('refund-taken-back'))
    expect(made.claims()).toMatchObject([{ state: 'failed', isRecorded: true }])
    expect(made.merged.map(({ change }) => change)).toEqual([
      { orderId: 'A', occurredAt: NOW + 51, notes: [], values: { is_refund: false, refunded_to_date: '0', rma_reason: null } },
    ]) // prettier-ignore
    expect(made.shown()).toEqual([{ what: 'refund-refused', amount: '30', currency: 'USD', code: 'failed-after-success', words: null }]) // prettier-ignore
    expect(made.called).toEqual(['stopped failed', 'sync A'])
    expect(made.asked).toEqual([OTHERS])
  })

  it('of a refund that was confirmed and not recorded yet begins with the order’s record, as of then', async () => {
    const made = new RefundWorld()
    made.refunded('A', [confirmed({ key: KEY, isRecorded: false, confirmedAt: NOW - 50 })], stated({ refundable: '0' }))
    await made.run()
    expect(made.merged.map(({ change }) => change.occurredAt)).toEqual([NOW - 50])
    const unknown = new RefundWorld()
    unknown.orders.clear()
    unknown.refunded('A', [confirmed({ key: KEY, isRecorded: false })])
    await unknown.run()
    expect(unknown.merged).toEqual([])
    expect(unknown.claims()).toMatchObject([{ isRecorded: true }])
  })

  it('that was taken back leaves on the order what is confirmed besides', async () => {
    const made = new RefundWorld()
    const kept = confirmed({ key: 'k0', amount: '10', target: '10' })
    const back = confirmed({ key: KEY, amount: '20', target: '30', lookAt: NOW })
    made.refunded('A', [kept, back], stated())
    made.report = found({ refunds: [listedClaim(kept), listedClaim(back, { status: 'failed' })], refundableAmount: '20' }) // prettier-ignore
    await made.run()
    expect(made.merged[0]?.change).toMatchObject({ occurredAt: NOW, values: { is_refund: true, refunded_to_date: '10', rma_reason: 'Refunded after a dispute alert' } }) // prettier-ignore
  })
})

describe('what hinders a refund', () => {
  it('drops one that was never sent', async () => {
    const made = new RefundWorld()
    made.put('midigator:cb', 'chargeback', [hook('chargeback', chargebackCase().facts.facts)], { orderId: 'A' })
    made.refunded('A', [claimed({ key: KEY })], stated())
    expect(await made.run()).toEqual(done('chargeback'))
    expect(made.claims()).toMatchObject([{ state: 'dropped', reason: { code: 'chargeback', words: null } }])
    expect(made.shown()).toEqual([])
  })

  it('has the gateway asked first where a send may have come through, and leaves the rest to a person', async () => {
    const made = new RefundWorld()
    made.put('midigator:cb', 'chargeback', [hook('chargeback', chargebackCase().facts.facts)], { orderId: 'A' })
    made.refunded('A', [claimed({ key: KEY, sends: 1, firstSentAt: SEEN_AT })], stated())
    await made.run()
    expect(made.queries).toHaveLength(1)
    expect(made.claims()).toMatchObject([{ state: 'parked', reason: { code: 'chargeback' } }])
    expect(made.shown()).toEqual([{ what: 'refund-parked', amount: '30', currency: 'USD', code: 'chargeback' }])
    for (const mode of ['off', 'approve'] as const) {
      const through = new RefundWorld()
      through.mode = mode
      const claim = claimed({ key: KEY, sends: 1, firstSentAt: SEEN_AT })
      through.refunded('A', [claim], stated())
      through.report = found({ refunds: [listedClaim(claim)], refundableAmount: '0' })
      expect(await through.run()).toEqual(done('nothing-left'))
      expect(through.claims()).toMatchObject([{ state: 'confirmed' }])
    }
    const unsent = new RefundWorld()
    unsent.mode = 'off'
    unsent.refunded('A', [claimed({ key: KEY })], stated())
    expect(await unsent.run()).toEqual(done('refunds-off'))
    expect(unsent.queries).toEqual([])
  })

  it('is not known where the order is gone; what the gateway lists is kept all the same', async () => {
    const made = new RefundWorld()
    made.orders.clear()
    made.refunded('A', [claimed({ key: KEY, sends: 1, firstSentAt: SEEN_AT })], stated())
    made.report = found({ refunds: [listed({ amount: '5' })] })
    expect(await made.run()).toEqual(done('order-unknown'))
    expect(made.merged).toEqual([])
    expect(made.ledgerOf('A').report).toMatchObject({ rev: 0, refunds: [{ amount: '5' }] })
  })

  it('is over once a person releases what was given up: the same bytes go out under the same key', async () => {
    const made = new RefundWorld()
    made.put(ID, 'alert', [...ALERT, approved('30', NOW - 1)], { orderId: 'A' })
    made.refunded('A', [stopped('parked', 'not-found', { key: KEY, body: '{"first":1}', lookups: 3, claimedAt: SEEN_AT })], stated()) // prettier-ignore
    expect(await made.run()).toEqual(SENT)
    expect(made.sent).toEqual([`${KEY} {"first":1} 500`])
    expect(made.claims()).toMatchObject([{ key: KEY, state: 'confirmed', approvedBy: 'ann', approvedAt: NOW - 1, sends: 2, lookups: 0 }]) // prettier-ignore
  })
})

describe('refunds that only the gateway knew', () => {
  const others = (amount: string, over = {}) => listed({ refundId: 'r5', amount, createdAt: SEEN_AT - DAY_MS, ...over })
  async function learn(refunds: ReturnType<typeof listed>[], before: GatewayReport | null = null, fields = {}) {
    const made = new RefundWorld()
    made.orders.set('A', storedOrder('A', fields))
    if (before !== null) made.refunded('A', [], before)
    made.mode = 'approve'
    made.report = found({ refunds, refundableAmount: null })
    await made.run()
    return made
  }
  const OLD = { at: NOW - DAY_MS, rev: 0, settled: false }

  it('become a change of the order by the gateway', async () => {
    const made = await learn([others('10'), others('5', { refundId: 'r6', status: 'pending' })])
    expect(made.merged).toMatchObject([{ change: { orderId: 'A', occurredAt: NOW, values: { is_refund: true, refunded_to_date: '10' }, notes: [] }, settleMs: 0 }]) // prettier-ignore
    expect(made.merged[0]!.origin.name).toMatch('gateway')
    expect(made.called).toEqual(['sync A'])
    expect(made.ledgerOf('A').report).toMatchObject({ at: NOW, rev: 99, refunds: [{ refundId: 'r5' }, { refundId: 'r6' }], refundable: null, currency: 'USD', settled: true }) // prettier-ignore
  })

  it('become one too where a look-up of our own refund shows them', async () => {
    const made = new RefundWorld()
    made.refunded('A', [uncertain({ key: KEY, lookAt: NOW, lookups: 9 })], stated())
    made.report = found({ refunds: [listed({ amount: '12' })], refundableAmount: '18' })
    await made.run()
    expect(made.merged).toMatchObject([{ origin: { name: 'gateway' }, change: { values: { is_refund: true, refunded_to_date: '12' } } }]) // prettier-ignore
    const ours = new RefundWorld()
    const claim = uncertain({ key: KEY, lookAt: NOW, isRecorded: true })
    ours.refunded('A', [claim], stated())
    ours.report = found({ refunds: [listedClaim(claim)], refundableAmount: '0' })
    await ours.run()
    expect(ours.merged.map(({ origin }) => origin.name)).toEqual([])
  })

  it('are news where only the CRM states as much, and none where our ledger has them or the gateway listed them before', async () => {
    expect((await learn([])).merged).toEqual([])
    expect((await learn([others('10')], null, { is_refund: true, refunded_to_date: '10' })).merged).toHaveLength(1)
    expect((await learn([others('10')], null, { is_refund: true, refunded_to_date: '9' })).merged).toHaveLength(1)
    expect((await learn([others('10')], reportOf([others('10')], OLD))).merged).toEqual([])
  })

  it('that it no longer lists are taken off the order', async () => {
    const made = await learn([others('10', { status: 'failed' })], reportOf([others('10')], OLD))
    expect(made.merged).toMatchObject([{ change: { values: { is_refund: false, refunded_to_date: '0' } } }])
    const pendingBefore = await learn([], reportOf([others('10', { status: 'pending' })], OLD))
    expect(pendingBefore.merged).toEqual([])
  })

  it('keep the revision they were read with where the order took no change', async () => {
    const made = new RefundWorld()
    made.isMergeRefused = true
    made.mode = 'approve'
    made.report = found({ refunds: [others('10')], refundableAmount: null })
    await made.run()
    expect(made.ledgerOf('A').report?.rev).toBe(storedOrder().rev)
  })

  it('are kept up to two hundred of them', async () => {
    const made = await learn(Array.from({ length: 250 }, (_, i) => others('0.01', { refundId: `r${i}` })))
    expect(made.ledgerOf('A').report?.refunds).toHaveLength(200)
  })

  it('are asked for again where the gateway cannot be read', async () => {
    const made = new RefundWorld()
    made.report = { read: false, why: 'away' }
    expect(await made.run()).toEqual(again('gateway-unreadable'))
    expect(made.asked).toEqual([])
  })
})

describe('when the sweep looks after a refund again', () => {
  const swept = async (...claims: Claim[]) => {
    const made = new RefundWorld()
    made.refunded('A', claims, stated())
    made.put('midigator:cb', 'chargeback', [hook('chargeback', chargebackCase().facts.facts)], { orderId: 'A' })
    made.report = found()
    const deps = made.refundDeps()
    const { nextLookAt } = await import('../../src/jobs/refund-run.ts')
    return nextLookAt(made.ledgerOf('A'), NOW, deps)
  }
  it('is after the lease of a send, soon where something is to be done, and when it is looked up', async () => {
    expect(await swept()).toBeNull()
    expect(await swept(sending({ sendingAt: NOW - 5 }))).toBe(NOW - 5 + 20_000)
    expect(await swept(sending({ sendingAt: null }))).toBe(NOW + 20_000)
    expect(await swept(claimed())).toBe(NOW + 4_000)
    expect(await swept(claimed({ notBefore: NOW + 9_000 }))).toBe(NOW + 9_000)
    expect(await swept(confirmed({ isRecorded: false, lookAt: null }))).toBe(NOW + 4_000)
    expect(await swept(pending({ lookAt: NOW + 77 }))).toBe(NOW + 77)
    expect(await swept(stopped('refused'))).toBeNull()
    expect(await swept(confirmed({ lookAt: NOW + 99 }), claimed())).toBe(NOW + 99)
  })
})

it('a refund request has the gateway wait for alerts that it may belong to', async () => {
  const made = new RefundWorld()
  made.terms = termsWith({ trigger: 'order.refund' })
  const loose = factsWith({ orderId: undefined, cardFirst6: '401288', cardLast4: '1881' })
  made.put(ID, 'alert', [hook('alert', loose)])
  made.put('midigator:req', 'request', [hook('refund', { orderId: 'A', amount: '30' }), readBack({ orderId: 'A', currency: 'USD' })], { orderId: 'A' }) // prettier-ignore
  made.unmatched = [ID]
  expect(await made.run()).toEqual(done('awaiting-alert'))
  expect(made.sent).toEqual([])
  made.unmatched = []
  expect(await made.run()).toEqual(SENT)
  expect(made.sent).toHaveLength(1)
})

it('a refund is looked up though its order is stored no more, and alerts without an order are there', async () => {
  const made = new RefundWorld()
  const loose = factsWith({ orderId: undefined, cardFirst6: '401288', cardLast4: '1881' })
  made.put(ID, 'alert', [hook('alert', loose)])
  made.put('midigator:req', 'request', [hook('refund', { orderId: 'A', amount: '30' })], { orderId: 'A' })
  made.unmatched = [ID]
  made.orders.delete('A')
  const claim = uncertain({ key: KEY, lookAt: NOW })
  made.refunded('A', [claim], stated())
  made.report = found({ refunds: [listedClaim(claim)], refundableAmount: '0' })
  await made.run()
  expect(made.claims()).toMatchObject([{ state: 'confirmed', isRecorded: true }])
})
