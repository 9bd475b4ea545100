import { alertKindOf } from '../domain/alert/kind.ts'
import type { Word, Wording } from '../domain/case/log.ts'
import { caseDeadlines, orderIdOf, type CaseView } from '../domain/case/view.ts'
import { decisionOf, saysOf, type WhyCode } from '../domain/case/reasons.ts'
import { emptyLedger, openClaim } from '../domain/refund/ledger.ts'
import { planRefund, restOf, type CaseOfOrder, type RefundPlan } from '../domain/refund/plan.ts'
import { answerTypesOf, takesAnswer } from '../domain/alert/resolution-types.ts'
import { forbids } from '../domain/case/resolution.ts'
import type { CaseRecord } from '../store/case-store.ts'
import { moneyText } from './case-row.ts'

/** What a person wishes to say; `amount` (canonical) is what they saw, so that nobody releases what they have not seen. */
export type Wish = { word: 'approve'; amount?: string } | { word: 'refuse' } | { word: 'resolve'; wording: Wording }

/** The word as it is kept, or in a sentence why it cannot be said now and what can be done. */
export type Permit = { word: Word } | { not: string }

type Standing = Pick<CaseRecord, 'state' | 'why'>

/** Whether a person may say this of a case as it stands. Pure. */
export function permitWord(view: CaseView, record: Standing, wish: Wish): Permit {
  const finished = finishedSays(view, record)
  if (finished !== null) return { not: finished }
  const claim = view.ledger === null ? null : openClaim(view.ledger)
  if (claim !== null && claim.state !== 'claimed')
    return { not: `its refund is under way (${claim.state}); wait until it is known what came of it` }
  switch (wish.word) {
    case 'approve':
      return permitApproval(view, record, wish.amount)
    case 'refuse':
      return isAnswering(view, record) ? { not: ANSWERING } : { word: { word: 'refuse' } }
    case 'resolve':
      return permitResolution(view, record, wish.wording)
  }
}

const ANSWERING = 'its answer is on its way; resolve it again if the platform refuses that'

/** Words went out, and the platform has not refused them. */
const isAnswering = ({ facts: { worded, sent, answered } }: CaseView, { why }: Standing) =>
  why !== 'deadline-passed' &&
  worded !== null &&
  sent !== null &&
  sent.calls > 0 &&
  sent.at >= worded.at &&
  (answered === null || answered.at < worded.at)

function finishedSays({ facts, cases }: CaseView, { state, why }: Standing): string | null {
  if (facts.kind === 'chargeback') return 'a chargeback is neither refunded nor answered here'
  if (facts.kind === 'alert' && alertKindOf(facts.facts) === 'notice')
    return 'it informs only: nothing is refunded and nothing is answered'
  if (why === 'taken-over') {
    const alert = cases.find(one => one.facts.kind === 'alert' && alertKindOf(one.facts.facts) === 'refundable')
    return `an alert of the same order carries it on; decide about ${alert?.id ?? 'that one'}`
  }
  if (facts.answered?.accepted === true) return 'it has its answer, and an answer is final'
  return state === 'refunded' ? 'its order was refunded; there is nothing left to decide' : null
}

/** What an approval would release now: only what waits for a person, and only what the rules let happen after it. */
function permitApproval(view: CaseView, record: Standing, seen?: string): Permit {
  if (orderIdOf(view.facts) === null || view.order === null)
    return { not: `no order is known for it, so nothing can be refunded; ${record.why === 'several-orders' ? 'refund by hand and resolve it' : 'have the CRM send the order'}` } // prettier-ignore
  if (isAnswering(view, record)) return { not: ANSWERING }
  if (record.why === 'match-conflict') return { not: tell('match-conflict') }
  const amount = restOf({ ...view, ledger: view.ledger ?? emptyLedger('') })
  const currency = view.order.currency ?? 'USD'
  const approved = { word: 'approve', amount, currency } as const
  const [before, after] = [planOf(view), planOf(withWord(view, approved))]
  if (!isMoving(after)) return { not: amount === '0' ? NOTHING_LEFT : tell(whyOf(after)) }
  if (isMoving(before)) return { not: 'nobody has to approve it: the refund is being made' }
  if (seen !== undefined && seen !== amount)
    return { not: `what is left to give back is ${moneyText(amount, currency)} by now; look again before you approve` }
  return { word: approved }
}

const NOTHING_LEFT = 'nothing is left to give back; resolve it with the answer that is true'

/** What an approval would give back as the case stands; null when nothing waits for one. */
export function amountToApprove(view: CaseView, record: Standing): { amount: string; currency: string } | null {
  const permit = permitWord(view, record, { word: 'approve' })
  return 'word' in permit && permit.word.word === 'approve'
    ? { amount: permit.word.amount, currency: permit.word.currency }
    : null
}

/** A reason with what a person can do instead. */
const tell = (why: WhyCode): string => [saysOf(why), decisionOf(why)].filter(text => text !== null).join(' ')

/** What would happen next about the order's refund; a switch that is off only puts it off. */
function planOf({ now, order, ledger, cases, terms }: CaseView): RefundPlan {
  const known = ledger ?? emptyLedger('')
  const { mode } = terms.refunds
  return planRefund({
    now,
    order,
    ledger: known,
    cases,
    terms: { ...terms.refunds, mode: mode === 'off' ? 'approve' : mode },
    isReportFresh: known.report !== null,
    leaseMs: terms.refundLeaseMs,
  })
}

const MOVING: readonly RefundPlan['do'][] = ['ask-gateway', 'claim', 'send', 'retry', 'adopt']
const isMoving = (plan: RefundPlan) => MOVING.includes(plan.do)
const whyOf = (plan: RefundPlan): WhyCode => ('why' in plan ? plan.why : 'refund-under-way')

function withWord(view: CaseView, word: Word): CaseView {
  const said = { what: 'said', at: wordAt(view), by: '', reason: null, ...word } as const
  const facts = { ...view.facts, said: [...view.facts.said, said] }
  const cases = view.cases.map((one): CaseOfOrder => (one.id === view.id ? { ...one, facts } : one))
  return { ...view, facts, cases }
}

/** A moment for a new word: after every word that was said of the order, so that the last one counts. */
export const wordAt = ({ now, cases }: CaseView): number =>
  Math.max(now, ...cases.flatMap(({ facts }) => facts.said.map(({ at }) => at + 1)))

function permitResolution(view: CaseView, record: Standing, wording: Wording): Permit {
  const { facts, order, ledger, cases, terms, now, id } = view
  if (facts.kind !== 'alert') return { not: 'no alert asks for an answer; approve or refuse the refund' }
  if (isAnswering(view, record)) return { not: ANSWERING }
  if (!takesAnswer(id, wording.type))
    return { not: `its platform has no word for ${wording.type}; choose one of ${answerTypesOf(id).join(', ')}` }
  const forbidden = forbids(wording.type, {
    now,
    caseId: id,
    facts: facts.facts,
    alertAt: caseDeadlines(facts, terms.deadlines).startedAt,
    match: orderIdOf(facts) === null ? 'none' : 'one',
    order,
    ledger: ledger ?? emptyLedger(''),
    cases,
    resolve3ds: terms.resolve3ds,
  })
  return forbidden === null
    ? { word: { word: 'resolve', wording } }
    : { not: `${wording.type} would not be true: ${forbidden}; choose the answer that is true` }
}
