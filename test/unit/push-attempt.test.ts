import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planPush } from '../../src/domain/diff-order.ts'
import type { PushState } from '../../src/domain/order.ts'
import {
  doubtEndsAt,
  doubtsAtBegin,
  endAttempt,
  liftableDoubts,
  type AttemptEnd,
} from '../../src/domain/push-attempt.ts'
import { showOrder } from '../../src/domain/shown-order.ts'
import { asItIs, change, emptyOrder, merged, orderOf } from './build-order.ts'
import { size } from '../support/sizes.ts'

const DOUBT_MS = 100
const before: Pick<PushState, 'acknowledged' | 'doubts'> = { acknowledged: { avs: '"Y"' }, doubts: { cvv: 500 } }
const attempt = (startedAt: number, endedAt = startedAt + 10) => ({
  fields: ['avs', 'cvv'] as const,
  digests: { avs: '"N"', cvv: '"M"' },
  startedAt,
  endedAt,
})

describe('the end of an attempt', () => {
  it('accepted: what it carried is acknowledged', () => {
    expect(endAttempt({ acknowledged: { eci: '"05"' }, doubts: {} }, attempt(0), 'accepted', DOUBT_MS)).toEqual({
      acknowledged: { eci: '"05"', avs: '"N"', cvv: '"M"' },
      doubts: {},
    })
  })

  it('accepted: a doubt is lifted only by an attempt that began when it was over', () => {
    expect(endAttempt(before, attempt(499), 'accepted', DOUBT_MS).doubts).toEqual({ cvv: 500 })
    expect(endAttempt(before, attempt(500), 'accepted', DOUBT_MS).doubts).toEqual({})
  })

  it('accepted: a doubt of a field it did not carry stays', () => {
    const doubts = { email_address: 1 }
    expect(endAttempt({ acknowledged: {}, doubts }, attempt(999), 'accepted', DOUBT_MS).doubts).toEqual(doubts)
  })

  it('refused or never connected: nothing is acknowledged, no doubt is left, none is lifted', () => {
    expect(endAttempt(before, attempt(999), 'refused', DOUBT_MS)).toEqual(before)
  })

  it('unanswered: what it carried stays in doubt until so long after its end, and nothing is acknowledged', () => {
    expect(endAttempt(before, attempt(0, 700), 'unanswered', DOUBT_MS)).toEqual({
      acknowledged: before.acknowledged,
      doubts: { avs: 800, cvv: 800 },
    })
  })

  it('unanswered: a longer doubt is not made shorter', () => {
    expect(endAttempt(before, attempt(0, 10), 'unanswered', DOUBT_MS).doubts).toEqual({ avs: 110, cvv: 500 })
  })
})

describe('the beginning of an attempt', () => {
  const alive = { id: 'a', fields: ['avs', 'cvv'] as const, startedAt: 0, leaseUntil: 450 }

  it('puts the fields of an attempt that never ended in doubt, counted from when its call can last have been out', () => {
    expect(doubtsAtBegin({ doubts: { cvv: 900 }, attempt: alive }, DOUBT_MS)).toEqual({ avs: 550, cvv: 900 })
  })

  it('leaves doubts alone where every attempt ended', () => {
    expect(doubtsAtBegin({ doubts: { cvv: 900 }, attempt: null }, DOUBT_MS)).toEqual({ cvv: 900 })
  })

  it('changes nothing that was handed to it', () => {
    const doubts = Object.freeze({ cvv: 1 })
    doubtsAtBegin({ doubts, attempt: alive }, DOUBT_MS)
    const frozen = Object.freeze({ acknowledged: Object.freeze({}), doubts })
    for (const end of ['accepted', 'refused', 'unanswered'] as const) endAttempt(frozen, attempt(9), end, DOUBT_MS)
    expect(doubts).toEqual({ cvv: 1 })
  })
})

describe('doubts', () => {
  it('end when the last of them does', () => {
    expect(doubtEndsAt({})).toBeNull()
    expect(doubtEndsAt({ avs: 5, cvv: 9, eci: 7 })).toBe(9)
  })

  it('of what an order has nothing of cannot be lifted and are dropped, its notes too', () => {
    const doubts = { avs: 5, cvv: 9, notes: 7, is_refund: 3 }
    expect(liftableDoubts(doubts, orderOf([{ avs: 'Y', is_refund: null }]))).toEqual({ avs: 5, is_refund: 3 })
    expect(liftableDoubts(doubts, orderOf([{ notes: [{ timestamp: '2026-01-01 00:00:00', note: 'a' }] }]))).toEqual({ notes: 7 })
  }) // prettier-ignore
})

/**
 * A platform as rule 4 fears it: it answers, refuses, commits and says nothing, commits late, or never; and a process of ours
 * may die during the call. What was sent is committed no later than the doubt lasts.
 */
type Fault = 'answers' | 'refuses' | 'silent-commit' | 'silent-late' | 'silent-never' | 'dies-late' | 'dies-never'
interface Step {
  fault: Fault
  /** The new value of the field, or none in this step. */
  value: string | null | undefined
  field: 'avs' | 'cvv'
  /** How long the call takes, and how long after its end a late one is committed. */
  tookMs: number
  lateMs: number
  restMs: number
}
const LEASE_MS = 30
const step = (lateMs: number): fc.Arbitrary<Step> =>
  fc.record({
    fault: fc.constantFrom<Fault>('answers', 'answers', 'refuses', 'silent-commit', 'silent-late', 'silent-never', 'dies-late', 'dies-never'),
    value: fc.constantFrom('A', 'B', null, undefined),
    field: fc.constantFrom('avs', 'cvv'),
    tookMs: fc.integer({ min: 0, max: LEASE_MS }),
    lateMs: fc.integer({ min: 0, max: lateMs }),
    restMs: fc.integer({ min: 0, max: 2 * DOUBT_MS }),
  }) // prettier-ignore

class Platform {
  readonly record: Record<string, unknown> = {}
  private late: { at: number; texts: Record<string, string> }[] = []

  commitUntil(now: number): void {
    const due = this.late.filter(call => call.at <= now).toSorted((a, b) => a.at - b.at)
    this.late = this.late.filter(call => call.at > now)
    for (const call of due) this.commit(call.texts)
  }

  commit(texts: Record<string, string>): void {
    for (const [field, text] of Object.entries(texts)) this.record[field] = JSON.parse(text)
  }

  commitLater(at: number, texts: Record<string, string>): void {
    this.late.push({ at, texts })
  }
}

/** Runs our side against the model; answers what the platform holds in the end, and what we hold. */
function run(steps: readonly Step[], doubtMs: number) {
  const platform = new Platform()
  let order = merged(emptyOrder(), change({ order_status: 'Complete', avs: 'A', cvv: 'A' }))
  let [now, second] = [0, 0]

  function push(fault: Fault, tookMs: number, lateMs: number): boolean {
    const alive = order.push.attempt
    if (alive !== null && alive.leaseUntil > now) now = alive.leaseUntil
    platform.commitUntil(now)
    const plan = planPush(order, asItIs)
    if (plan.do !== 'push') return false
    const doubts = doubtsAtBegin(order.push, doubtMs)
    const texts = plan.digests as Record<string, string>
    const begun = { id: 'x', fields: plan.fields, startedAt: now, leaseUntil: now + LEASE_MS }
    order = { ...order, push: { ...order.push, sent: true, doubts, attempt: begun } }
    const endedAt = now + tookMs
    if (fault === 'answers' || fault === 'silent-commit') platform.commit(texts)
    if (fault === 'silent-late' || fault === 'dies-late') platform.commitLater(endedAt + lateMs, texts)
    now = endedAt
    if (fault.startsWith('dies')) return true
    const end: AttemptEnd = fault === 'answers' ? 'accepted' : fault === 'refuses' ? 'refused' : 'unanswered'
    const after = endAttempt({ ...order.push, doubts }, { ...plan, startedAt: begun.startedAt, endedAt }, end, doubtMs)
    order = { ...order, push: { ...order.push, ...after, attempt: null } }
    return true
  }

  for (const { fault, field, value, tookMs, lateMs, restMs } of steps) {
    if (value !== undefined) order = merged(order, change({ [field]: value }, ++second))
    push(fault, tookMs, lateMs)
    now += restMs
    platform.commitUntil(now)
  }
  let pushes = 0
  // The platform is well again: we push until nothing differs, each time once the last doubt is over.
  while (pushes < 10 && push('answers', 1, 0)) {
    pushes++
    now = Math.max(now, doubtEndsAt(order.push.doubts) ?? now)
  }
  platform.commitUntil(Number.POSITIVE_INFINITY)
  return { platform: platform.record, order, pushes }
}

describe('pushing to a platform that commits late, or twice, or not, or without a word', () => {
  it('ends equal once the doubts are lifted, and then there is nothing to push', () => {
    fc.assert(
      fc.property(fc.array(step(DOUBT_MS - LEASE_MS), { maxLength: 8 }), steps => {
        const { platform, order, pushes } = run(steps, DOUBT_MS)
        expect(platform).toMatchObject(Object.fromEntries(Object.entries(showOrder(order).values).filter(([, value]) => value !== null))) // prettier-ignore
        for (const [field, value] of Object.entries(showOrder(order).values))
          expect(platform[field] ?? null).toBe(value)
        expect(pushes).toBeLessThanOrEqual(3)
        expect(planPush(order, asItIs)).toEqual({ do: 'nothing' })
      }),
      { numRuns: size(200, 500) },
    )
  })

  it('would end wrong without doubts: the model can tell', () => {
    const failing = fc.check(
      fc.property(fc.array(step(DOUBT_MS - LEASE_MS), { maxLength: 8 }), steps => {
        const { platform, order } = run(steps, 0)
        return Object.entries(showOrder(order).values).every(([field, value]) => (platform[field] ?? null) === value)
      }),
      { numRuns: size(500, 2_000) },
    )
    expect(failing.failed).toBe(true)
  })

  it('a value that returns to the acknowledged one is pushed while a late commit of the other may come', () => {
    const base = { field: 'avs', tookMs: 5, lateMs: 60, restMs: 0 } as const
    const { platform } = run(
      [
        { ...base, value: undefined, fault: 'answers' },
        { ...base, value: 'B', fault: 'silent-late' },
        { ...base, value: 'A', fault: 'answers' },
      ],
      DOUBT_MS,
    )
    expect(platform.avs).toBe('A')
  })
})
