import { describe, expect, it } from 'vitest'

import type { CaseEntry } from '../../src/domain/case/log.ts'
import type { Origin } from '../../src/domain/register.ts'

import { again, done, later } from '../../src/jobs/job.ts'
import { refundOrder } from '../../src/jobs/refund-order.ts'

import {
  answered,
  approved,
  CARD,
  claimed,
  DAY_MS,
  ETHOCA,
  hook,
  HOUR_MS,
  MINUTE_MS,
  NOW,
  readBack,
  RESPOND_BY,
  sending,
  stopped,
  termsWith,
  uncertain,
} from './build-case.ts'
import { storedOrder } from './job-world.ts'
import { ALERT, found, ID, KEY, OTHERS, RefundWorld, SENT, stated } from './refund-world.ts'

/** When `storedOrder` was sold. */
const SOLD_AT = Date.UTC(2026, 0, 1)
const MATCHED_BY_CARD: CaseEntry = { what: 'matched', at: NOW, orderId: 'A', by: 'card', isActed: true }

describe('a refund of an alert', () => {
  it('asks the gateway, stores what it will ask for, sends it once, and tells the order and its cases', async () => {
    const made = new RefundWorld()
    expect(await made.run()).toEqual(SENT)
    const body = JSON.stringify({ orderId: 'A', transactionId: 'T-A', amount: '30', currency: 'USD', reason: 'dispute alert', reference: KEY }) // prettier-ignore
    expect(made.queries).toEqual(['A T-A 500'])
    expect(made.sent).toEqual([`${KEY} ${body} 500`])
    expect(made.claims()).toMatchObject([{
      key: KEY, state: 'confirmed', generation: 0, gateway: 'http', transaction: 'T-A', amount: '30', target: '30', currency: 'USD', wantedBy: ID,
      respondBy: RESPOND_BY, claimedAt: NOW, approvedBy: null, approvedAt: null, sends: 1, refundId: 'r1', arn: '74', confirmedAt: NOW, isRecorded: true,
      refusals: 0, refundableBefore: '30',
    }]) // prettier-ignore
    expect(made.merged).toEqual([
      {
        change: { orderId: 'A', occurredAt: NOW, notes: [], values: { is_refund: true, refunded_to_date: '30', rma_reason: 'Refunded after a dispute alert', rma_number: 'T-A' } },
        origin: expect.objectContaining({ name: expect.stringMatching('ledger') as string }) as Origin,
        settleMs: 0,
      },
    ]) // prettier-ignore
    expect(made.called).toEqual([`call succeeded 0`, `refunded ${KEY} 0`, 'sync A'])
    expect(made.asked).toEqual([OTHERS])
    expect(made.shown()).toEqual([{ what: 'refunded', amount: '30', currency: 'USD', refund_id: 'r1', arn: '74' }])
    expect(refundOrder.key({ orderId: 'A' })).toBe('A')
  })

  it('needs a gateway, and says why nothing is done', async () => {
    const made = new RefundWorld()
    expect(await made.run({ gateway: null })).toEqual(done('no gateway configured'))
    made.put(ID, 'alert', [...ALERT, ...answered(NOW)], { orderId: 'A' })
    expect(await made.run()).toMatchObject({ outcome: 'done', note: 'no-trigger' })
    expect([made.sent, made.queries]).toEqual([[], ['A T-A 500']])
  })

  it('stops with its process, and comes back where its cases change all the time', async () => {
    const made = new RefundWorld()
    made.signal = AbortSignal.abort()
    expect(await made.run()).toEqual(again('stopping'))
    expect(made.queries).toEqual([])
    const busy = new RefundWorld()
    busy.contended = 99
    expect(await busy.run()).toEqual(again('too-many-steps'))
    expect(busy.queries).toHaveLength(24)
  })

  it('that was matched by card alone is not sent once another order fits as well', async () => {
    const made = new RefundWorld()
    const { orderId: _, ...facts } = { ...ETHOCA, ...CARD, transactionAt: SOLD_AT }
    made.put(ID, 'alert', [hook('alert', facts), readBack(facts), MATCHED_BY_CARD], { orderId: 'A' })
    made.report = { read: false, why: 'http-503' }
    expect(await made.run()).toEqual(again('gateway-unreadable'))
    made.report = found()
    made.orders.set('B', storedOrder('B'))
    expect(await made.run()).toEqual(done('no-trigger'))
    expect([made.sent, made.claims()]).toEqual([[], []])
    made.orders.delete('B')
    await made.run()
    expect(made.sent).toHaveLength(1)
    // Once money moved for it, it is the order's.
    made.orders.set('B', storedOrder('B'))
    await made.run()
    expect(made.claims()).toMatchObject([{ state: 'confirmed', isRecorded: true }])
  })

  it('waits where the wait is short, and leaves a long one to the sweep', async () => {
    const made = new RefundWorld()
    made.refunded('A', [uncertain({ lookAt: NOW + 700 })])
    expect(await made.run()).toEqual(later(700, 'refund-uncertain'))
    made.refunded('A', [uncertain({ lookAt: NOW + 1_000 })])
    expect(await made.run()).toEqual(later(1_000, 'refund-uncertain'))
    made.refunded('A', [uncertain({ lookAt: NOW + 1_001 })])
    expect(await made.run()).toEqual(done('refund-uncertain'))
  })

  it('without an order id of the gateway’s bears the order’s own', async () => {
    const made = new RefundWorld()
    made.orders.set('A', storedOrder('A', { transaction_id: null }))
    await made.run()
    expect(made.claims()).toMatchObject([{ transaction: 'A', key: 'http|A|30|0' }])
    expect(made.queries[0]).toBe('A null 500')
    expect(made.merged[0]!.change.values).not.toHaveProperty('rma_number')
  })

  it('has notices without an order that may be of it decided again, once something of it was written', async () => {
    const made = new RefundWorld()
    made.put('midigator:cb', 'chargeback', [hook('chargeback', { ...CARD, amount: '30', currency: 'USD' })])
    made.untied = { 'last_4:1881': ['midigator:cb'] }
    await made.run()
    expect([made.asked, made.sent]).toEqual([[OTHERS, 'decide midigator:cb'], []])
    await made.run()
    expect(made.asked).toHaveLength(2)
  })

  it('of a transaction that belongs to another order is for a person', async () => {
    const made = new RefundWorld()
    made.owned = true
    expect(await made.run()).toEqual(done('transaction-taken'))
    expect(made.claims()).toMatchObject([{ state: 'parked', reason: { code: 'transaction-of-another-order', words: null }, sends: 0 }]) // prettier-ignore
    expect(made.sent).toEqual([])
  })

  it('takes the place of one that was given up before it was sent', async () => {
    const made = new RefundWorld()
    made.refunded('A', [
      stopped('dropped', 'c', { key: KEY, sends: 0 }),
      stopped('dropped', 'c', { key: 'k0', sends: 0 }),
    ])
    await made.run()
    expect(made.claims()).toMatchObject([{ key: 'k0', state: 'dropped' }, { state: 'confirmed' }])
  })

  it('is planned anew where the order’s refunds changed before it was stored', async () => {
    const made = new RefundWorld()
    made.changedClaims = 1
    expect(await made.run()).toEqual(SENT)
    expect(made.claims()).toMatchObject([{ state: 'confirmed' }])
    expect(made.queries).toHaveLength(2)
  })

  it('keeps what the gateway stated as refundable, where it did', async () => {
    const made = new RefundWorld()
    made.report = found({ refundableAmount: null })
    await made.run()
    expect(made.claims()).toMatchObject([{ refundableBefore: null }])
  })

  it('bears who released it', async () => {
    const made = new RefundWorld()
    made.put(ID, 'alert', [...ALERT, approved('20', NOW - 1)], { orderId: 'A' })
    await made.run()
    expect(made.claims()[0]).toMatchObject({ amount: '20', approvedBy: 'ann', approvedAt: NOW - 1 })
    expect(made.begun[0]).toMatchObject({ isReleased: true, respondBy: RESPOND_BY, event: { approved_by: 'ann' } })
  })
})

describe('leave to send', () => {
  it('is asked for with everything that may forbid it', async () => {
    const made = new RefundWorld()
    made.terms = termsWith({ limitCurrency: 'USD', hourlyLimit: '100' })
    await made.run()
    expect(made.begun).toHaveLength(1)
    expect(made.begun[0]).toMatchObject({
      attempt: 'try', orderRev: storedOrder().rev, defaultMode: 'auto', isReleased: false, counted: 30_000_000n, hourlyLimit: 100_000_000n,
      lostAfterMs: 20_000, untiedVersion: '7', respondBy: RESPOND_BY, ledger: { claims: [{ state: 'sending', sends: 1, attempt: 'try' }] },
      event: { what: 'refund-sent', amount: '30', currency: 'USD', for: ID, approved_by: null },
    }) // prettier-ignore
  })

  it('is asked for without a mode where none was configured', async () => {
    const made = new RefundWorld()
    await made.run({ refunds: { ...made.refundDeps().refunds, defaultMode: undefined } })
    expect(made.begun).toMatchObject([{ defaultMode: '' }])
  })

  it('counts no amount of another currency than the limit’s, and has no limit where none is set', async () => {
    const made = new RefundWorld()
    made.terms = termsWith({ limitCurrency: 'EUR' })
    await made.run()
    expect(made.begun[0]).toMatchObject({ counted: null, hourlyLimit: null })
  })

  it('has no deadline once a person released it after the deadline', async () => {
    const by = async (at: number) => {
      const made = new RefundWorld()
      made.now = RESPOND_BY + HOUR_MS
      made.put(ID, 'alert', [...ALERT, approved('30', at)], { orderId: 'A' })
      await made.run()
      return made.begun.map(({ respondBy }) => respondBy)
    }
    expect(await by(RESPOND_BY)).toEqual([null])
    expect(await by(RESPOND_BY - 1)).toEqual([])
  })

  it('that is refused stops the refund, holds it, or has everything read again', async () => {
    const off = new RefundWorld()
    off.refusals = [{ go: false, why: 'off' }]
    expect(await off.run()).toEqual(done('refunds-off'))
    expect(off.sent).toEqual([])
    const capped = new RefundWorld()
    capped.refusals = [{ go: false, why: 'capped' }]
    expect(await capped.run()).toEqual(done('hourly-limit'))
    expect(capped.claims()).toMatchObject([{
      state: 'claimed', held: 'hourly-limit', notBefore: null, reason: null, sends: 0, lookups: 0, refusals: 0, firstSentAt: null, refundId: null,
      arn: null, confirmedAt: null, isRecorded: false,
    }]) // prettier-ignore
    const changed = new RefundWorld()
    changed.refusals = [{ go: false, why: 'changed' }]
    expect(await changed.run()).toEqual(SENT)
    expect([changed.begun.length, changed.sent.length, changed.queries.length]).toEqual([2, 1, 2])
  })

  it('is for another try of the same refund without another line on the timeline', async () => {
    const made = new RefundWorld()
    made.keepsKeysMs = DAY_MS
    made.refunded('A', [uncertain({ key: KEY, lookAt: NOW })], stated())
    expect(await made.run()).toEqual(SENT)
    expect(made.begun).toMatchObject([{ event: null, ledger: { claims: [{ sends: 2 }] } }])
    expect(made.sent).toHaveLength(1)
  })
})

describe('a send', () => {
  it('does not go out where it cannot be made safe, too late after leave, or while the process ends', async () => {
    const unsafe = new RefundWorld()
    unsafe.commit = () => Promise.reject(new Error('no replica'))
    expect(await unsafe.run()).toEqual(again('not-durable'))
    expect(unsafe.claims()).toMatchObject([{ state: 'claimed', sends: 0, firstSentAt: null, reason: null }])
    const late = new RefundWorld()
    late.monotonic = [0, 2_001]
    expect(await late.run()).toEqual(again('withheld'))
    expect(late.asked).toEqual([OTHERS])
    const ending = new RefundWorld()
    const controller = new AbortController()
    ending.signal = controller.signal
    ending.commit = async () => controller.abort()
    expect(await ending.run()).toEqual(again('withheld'))
    expect([unsafe.sent, late.sent, ending.sent]).toEqual([[], [], []])
  })

  it('goes out within two seconds, and is timed', async () => {
    const made = new RefundWorld()
    made.monotonic = [1_000, 3_000, 3_070]
    await made.run()
    expect(made.called[0]).toBe('call succeeded 70')
    const lost = new RefundWorld()
    lost.answers = [{ said: 'nothing', why: 'timeout' }]
    expect(await lost.run()).toEqual(done('refund-uncertain'))
    expect(lost.called).toEqual(['call nothing 0'])
    expect(lost.claims()).toMatchObject([{ state: 'uncertain', sends: 1, lookAt: NOW + 5_000, reason: { code: 'timeout' } }]) // prettier-ignore
    expect(lost.shown()).toEqual([{ what: 'refund-uncertain', amount: '30', currency: 'USD', code: 'timeout' }])
    expect(lost.lookAt()).toBe(NOW + 5_000)
  })

  it('that surely was not taken is tried again with a pause', async () => {
    const made = new RefundWorld()
    made.answers = [{ said: 'not-taken', why: 'http-429', retryAfterMs: null }]
    expect(await made.run()).toEqual(again('http-429'))
    expect(made.claims()).toMatchObject([{ state: 'claimed', sends: 0 }])
    expect(made.shown()).toEqual([])
    expect(made.asked).toEqual([OTHERS])
  })

  it('that is refused for good ends there, with the gateway’s words on the timeline', async () => {
    const made = new RefundWorld()
    made.answers = [{ said: 'refused', kind: 'final', code: 'closed', words: 'no' }]
    expect(await made.run()).toMatchObject({ outcome: 'done' })
    expect(made.shown()).toEqual([{ what: 'refund-refused', amount: '30', currency: 'USD', code: 'closed', words: 'no' }]) // prettier-ignore
    expect(made.claims()).toMatchObject([{ state: 'refused' }])
    expect(made.called).toEqual(['call refused 0', 'stopped refused'])
  })

  it('that is refused for now is waited out', async () => {
    const made = new RefundWorld()
    made.answers = [{ said: 'refused', kind: 'passing', code: 'later', words: 'l' }]
    expect(await made.run()).toEqual(done('refund-refused-for-now'))
    expect(made.claims()).toMatchObject([{ state: 'claimed', notBefore: NOW + MINUTE_MS, refusals: 1 }])
    expect(made.shown()).toMatchObject([{ what: 'refund-refused', code: 'later', words: 'l' }])
    expect(made.lookAt()).toBe(NOW + MINUTE_MS)
  })

  it('for another account than there is has the account read again', async () => {
    const made = new RefundWorld()
    made.answers = [{ said: 'refused', kind: 'look-again', code: 'too_much', words: 'w' }]
    await made.run()
    expect(made.claims()[0]).toMatchObject({ state: 'dropped' })
    const written = made.refundWrites.find(({ ledger }) => ledger.claims[0]?.state === 'dropped')
    expect(written!.ledger.report).toBeNull()
    expect(made.queries).toHaveLength(2)
  })

  it('is written by the attempt that the ledger has alone, beside whatever was written meanwhile', async () => {
    const other = new RefundWorld()
    other.onSent = () => other.refunded('A', [sending({ key: KEY, attempt: 'other' })])
    expect(await other.run()).toEqual(again('superseded'))
    expect(other.asked).toEqual([OTHERS])
    const gone = new RefundWorld()
    gone.onSent = () => gone.refunded('A', [claimed({ key: KEY })])
    expect(await gone.run()).toEqual(again('superseded'))
    const beside = new RefundWorld()
    beside.onSent = () => {
      const earlier = stopped('dropped', 'c', { key: 'k0' })
      beside.refunded('A', [earlier, ...beside.claims()], beside.ledgerOf('A').report)
      beside.contended = 2
    }
    await beside.run()
    expect(beside.claims()).toMatchObject([
      { key: 'k0', state: 'dropped' },
      { key: KEY, state: 'confirmed' },
    ])
    expect(beside.called.filter(one => one.startsWith('refunded'))).toHaveLength(1)
  })
})
