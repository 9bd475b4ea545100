import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOf } from '../../src/domain/account/account.ts'
import { eventKey } from '../../src/domain/alert/event.ts'
import { ANSWER_TYPES } from '../../src/domain/alert/resolution-types.ts'
import { decide, type CaseDecision } from '../../src/domain/case/decide.ts'
import { foldLog, orderIdOf, slotOf, type CaseEntry, type Resolution } from '../../src/domain/case/log.ts'
import { actionOf } from '../../src/domain/case/reasons.ts'
import { triggerViewOf, type CaseView } from '../../src/domain/case/view.ts'
import { emptyLedger, type Claim } from '../../src/domain/refund/ledger.ts'
import { planRefund, type RefundPlan } from '../../src/domain/refund/plan.ts'
import { isContradicted, isRefundableAlert } from '../../src/domain/refund/trigger.ts'
import { size } from '../support/sizes.ts'
import { anyCase } from './any-case.ts'
import { claimed, HOUR_MS, MINUTE_MS, RESPOND_BY, SEEN_AT, STOP_AT, TERMS } from './build-case.ts'
import { lieIn } from './true-answers.ts'

const planOf = (view: CaseView, isReportFresh = true): RefundPlan =>
  planRefund({ ...triggerViewOf(view), isReportFresh, mayAsk: true, leaseMs: TERMS.refundLeaseMs })
/** What a plan is about to move, and whether a person released it; null when it moves nothing. */
function moves(plan: RefundPlan): { amount: string; isReleased: boolean } | null {
  if (plan.do === 'claim') return { amount: plan.refund.amount, isReleased: plan.refund.approval !== null }
  if (plan.do === 'send') return { amount: plan.claim.amount, isReleased: plan.claim.approvedBy !== null }
  return plan.do === 'retry' ? { amount: plan.claim.amount, isReleased: true } : null
}
const millis = (amount: string | null | undefined) => Math.round(Number(amount ?? 0) * 1000)
const answersIn = (entries: readonly CaseEntry[]): Resolution[] => entries.flatMap(one => (one.what === 'resolution' && one.by === 'policy' ? [one.resolution] : [])) // prettier-ignore

describe('whatever the state of a case, its order and its refunds', () => {
  it('an automatic answer is true, by an oracle of its own, and every answer is reached', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(anyCase, view => {
        const [answer, ...more] = answersIn(decide(view).entries)
        expect(more).toEqual([])
        if (answer === undefined) return
        seen.add(answer.type)
        expect(lieIn(view, answer)).toBeNull()
      }),
      { numRuns: 1_000, seed: 9 },
    )
    // The states drawn reach every answer that is ever chosen: none of the above holds for want of a case.
    expect([...seen].toSorted()).toEqual(ANSWER_TYPES.filter(type => type !== 'shipped').toSorted())
  })

  it('what is not finished is decided again in time, and what is finished is not', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const { state, lookAt, flags } = decide(view)
        const isOpen = flags.length > 0 || !['resolved', 'refunded', 'noted'].includes(state)
        expect(isOpen && lookAt === null).toBe(false)
        expect(!isOpen && state !== 'noted' && lookAt !== null).toBe(false)
        expect(lookAt === null || (lookAt > view.now && lookAt <= view.now + TERMS.lookMs)).toBe(true)
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('a case that needs a person says what they must do, and nothing goes out past them', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const { state, reason, effects, entries } = decide(view)
        const isDesk = state === 'parked' || state === 'awaiting-approval'
        expect(isDesk && actionOf(reason) === null).toBe(false)
        expect(isDesk && effects.includes('resolve')).toBe(false)
        expect(state === 'resolving' || !effects.includes('resolve')).toBe(true)
        expect(answersIn(entries)).not.toContainEqual({ type: 'other', description: '' })
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('at the hard stop nothing merely waits, and it is escalated unless it has its answer', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const now = Math.max(view.now, STOP_AT + 49 * HOUR_MS)
        const late = decide({ ...view, now })
        expect(['received', 'unmatched', 'matched', 'refunding'].includes(late.state)).toBe(false)
        const isEscalated = late.alarms.includes('case-escalated')
        const isDone = ['resolved', 'noted', 'refunded'].includes(late.state)
        const wantsAnswer = late.respondBy !== null && view.facts.answered?.accepted !== true
        expect(isEscalated || isDone || !wantsAnswer).toBe(true)
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('what was decided and stored is decided again without a new fact or alarm', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const first = decide(view)
        const second = afterStoring(view, first)
        const again = decide(second)
        expect([again.entries, again.alarms]).toEqual([[], []])
        expect([again.state, again.reason, again.orderId]).toEqual([first.state, first.reason, first.orderId])
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('the order of the order’s other cases decides nothing', () => {
    fc.assert(
      fc.property(anyCase, view => {
        expect(decide({ ...view, cases: view.cases.toReversed() })).toEqual(decide(view))
        expect(planOf({ ...view, cases: view.cases.toReversed() })).toEqual(planOf(view))
      }),
      { numRuns: size(66, 200) },
    )
  })
})

/** The view after what was decided was stored. */
function afterStoring(view: CaseView, { entries, state, reason }: CaseDecision): CaseView {
  const { facts } = view
  const slots = new Map<string, CaseEntry>()
  const event = { type: facts.kind === 'request' ? 'refund' : 'alert', guid: 'g', facts: facts.facts, sentAt: facts.eventAt } as const
  const log: CaseEntry[] = [
    { what: 'hook', at: facts.seenAt, event, raw: {} },
    ...(facts.record === null ? [] : [{ what: 'read-back' as const, at: facts.askedAt ?? SEEN_AT, facts: facts.record }]),
    ...(facts.missedSince === null ? [] : [{ what: 'asked' as const, at: facts.askedAt ?? SEEN_AT, missedSince: facts.missedSince }]),
    ...facts.decisions, ...facts.own, ...facts.alarms,
    ...[...facts.marks].map((mark): CaseEntry => ({ what: 'mark', at: 0, mark })),
    ...[facts.resolution, facts.sent, facts.answered].filter(entry => entry !== null),
    ...entries,
  ]
  for (const entry of log) slots.set(slotOf(entry, eventKey), entry)
  const folded = foldLog(facts.kind, facts.guid, [...slots.values()])
  const cases = [...view.cases.filter(({ id }) => id !== view.id), { id: view.id, facts: folded }]
  return { ...view, facts: folded, cases, before: { state, reason } }
} // prettier-ignore

describe('whatever the state of a refund', () => {
  it('what is planned never exceeds what was captured less all that is known as refunded, in whole minor units', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const plan = planOf(view)
        const moved = moves(plan)
        if (moved === null || plan.do === 'retry') return
        const { order, ledger } = view
        const listed = (ledger?.report?.refunds ?? []).filter(({ status }) => status !== 'failed').reduce((sum, one) => sum + millis(one.amount), 0) // prettier-ignore
        const ours = (ledger?.claims ?? []).filter(({ state }) => state === 'confirmed').map(({ target }) => millis(target)) // prettier-ignore
        const stated = moved.isReleased ? 0 : millis(order?.reported?.amount)
        const left = millis(order?.captured) - Math.max(listed, stated, ...ours)
        // Where the account contradicts itself, a person may release what the gateway itself states as refundable.
        const most = moved.isReleased ? Math.max(left, millis(ledger?.report?.refundable)) : left
        expect(millis(moved.amount)).toBeLessThanOrEqual(most)
        expect(millis(moved.amount)).toBeGreaterThan(0)
        expect(moved.amount).toMatch(/^\d+(\.\d{1,2})?$/)
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('without a person no money moves in doubt, past a limit, late, or where a notice may concern the sale', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const moved = moves(planOf(view))
        if (moved === null) return
        const trigger = triggerViewOf(view)
        const { mode, autoLimit, limitCurrency } = view.terms.refunds
        const alerts = view.cases.filter(isRefundableAlert).filter(({ facts }) => facts.answered === null)
        const doubts = [
          accountOf(trigger).conflict,
          view.untied.length > 0 ? 'untied' : null,
          alerts.length > 0 && alerts.every(({ facts }) => isContradicted(facts, trigger)) ? 'contradicted' : null,
          mode === 'auto' ? null : mode,
          autoLimit !== null && (limitCurrency !== 'USD' || Number(moved.amount) > Number(autoLimit)) ? 'limit' : null,
          view.now >= RESPOND_BY && !view.cases.some(({ facts }) => facts.facts.partner?.includes('cdrn') === true) ? 'late' : null,
        ]
        expect(moved.isReleased ? [] : doubts.filter(one => one !== null)).toEqual([])
      }),
      { numRuns: size(66, 200) },
    )
  }) // prettier-ignore

  it('nobody at all moves money when it is charged back, RDR paid, declined, off, not settled, or under way already', () => {
    fc.assert(
      fc.property(anyCase, view => {
        if (moves(planOf(view)) === null) return
        const { order, cases, ledger, terms } = view
        expect([order?.chargeback, order?.settled, order?.neverPaid, terms.refunds.mode === 'off', terms.refunds.hasGateway]).toEqual([false, true, null, false, true]) // prettier-ignore
        expect(cases.filter(({ facts }) => facts.kind === 'chargeback')).toEqual([])
        expect(cases.filter(({ facts: { facts } }) => facts.partner?.includes('rdr') === true && facts.rdrResolution !== 'declined')).toEqual([]) // prettier-ignore
        const decisions = cases.flatMap(({ facts }) => [...facts.decisions]).toSorted((a, b) => a.at - b.at)
        expect(decisions.findLast(one => one.decision === 'approve' || one.decision === 'decline')?.decision).not.toBe('decline') // prettier-ignore
        expect(
          (ledger?.claims ?? []).filter(({ state }) => ['sending', 'uncertain', 'pending'].includes(state)),
        ).toEqual([])
        expect((ledger?.report?.refunds ?? []).filter(({ status }) => status === 'pending')).toEqual([])
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('the gateway is asked at most once for one plan, and before anything is claimed or sent', () => {
    fc.assert(
      fc.property(anyCase, view => {
        expect(planOf(view).do).not.toBe('ask-gateway')
        expect(['claim', 'send']).not.toContain(planOf(view, false).do)
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('a step leads on, and never back to itself', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const plan = planOf(view)
        const ledger = view.ledger ?? emptyLedger('A')
        const put = (claim: Claim): CaseView => ({ ...view, ledger: { ...ledger, claims: [...ledger.claims.filter(({ key }) => key !== claim.key), claim] } }) // prettier-ignore
        const next = stepAfter(plan, put)
        expect(next === null ? plan.do : planOf(next).do).not.toBe(next === null ? 'never' : plan.do)
        // What was stored or released a moment ago goes out, once the case keeps its match.
        const isKept = view.cases.every(({ facts }) => orderIdOf(facts) !== null)
        const goesOut = next !== null && (plan.do === 'claim' || plan.do === 'retry')
        expect(goesOut ? planOf(next).do : 'send').toMatch(isKept ? /^send$/ : /^send$|^wait$/)
      }),
      { numRuns: size(66, 200) },
    )
  })
})

/** The view after a step that changes only a claim; null after any other. */
function stepAfter(plan: RefundPlan, put: (claim: Claim) => CaseView): CaseView | null {
  switch (plan.do) {
    case 'claim': {
      const { approval, ...refund } = plan.refund
      return put(claimed({ ...refund, key: 'new', claimedAt: SEEN_AT + MINUTE_MS, approvedBy: approval?.by ?? null, approvedAt: approval?.at ?? null })) // prettier-ignore
    }
    case 'retry':
      return put({ ...plan.claim, state: 'claimed', approvedBy: plan.approval.by, approvedAt: plan.approval.at, held: null, notBefore: null, reason: null }) // prettier-ignore
    case 'drop':
      return put({ ...plan.claim, state: plan.claim.sends === 0 ? 'dropped' : 'parked', reason: { code: plan.reason, words: null } }) // prettier-ignore
    case 'record':
      return put({ ...plan.claim, isRecorded: true })
    default:
      return null
  }
}
