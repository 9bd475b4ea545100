import { alertKindOf, asksRefund } from '../alert/kind.ts'
import { isConflict, type CaseEntry, type CaseFacts } from '../case/log.ts'
import type { WhyCode } from '../case/reasons.ts'
import { compareAmounts } from '../basics/money.ts'
import type { Claim } from './ledger.ts'
import { restOf, type CaseOfOrder, type RestView } from '../account/rest.ts'

export type RefundMode = 'auto' | 'approve' | 'off'

/** What the merchant decided about refunds; limits in `limitCurrency`, null where there is none. */
export interface RefundTerms {
  trigger: 'order.refund' | 'match' | 'either'
  mode: RefundMode
  autoLimit: string | null
  hourlyLimit: string | null
  limitCurrency: string | null
}

/** Who wants the refund, and why a person must release it all the same. */
export interface RefundWish {
  by: string
  needs: WhyCode | null
}

type WishView = RestView & { terms: RefundTerms }

/**
 * `REFUND_TRIGGER`: an `order.refund` asks for the whole rest; without it an alert's amount must be what was captured or the rest,
 * exactly. An alert that asks for the refund itself needs no other trigger.
 */
export function wishOf(view: WishView): RefundWish | null {
  const { cases, terms } = view
  const alerts = cases.filter(({ facts }) => facts.kind === 'alert' && alertKindOf(facts.facts) === 'refundable')
  const request = cases.find(({ facts }) => facts.kind === 'request')
  const alert = alerts.filter(({ facts }) => isOpen(facts)).toSorted(byAge)[0]
  // What was answered is final: a refund after it would be for nobody.
  if (alerts.length > 0 && alert === undefined) return null
  const by = alert?.id ?? request?.id
  if (by === undefined) return null
  if (request !== undefined && (terms.trigger !== 'match' || alert !== undefined)) return { by, needs: null }
  const isTriggered = alert !== undefined && (terms.trigger !== 'order.refund' || asksRefund(alert.facts.facts))
  const byMatch = isTriggered ? matchWish(alert, view) : null
  // A person may release what no trigger came for: that amount, and no other.
  return byMatch ?? (lastWord(cases)?.word === 'approve' ? { by, needs: 'no-trigger' } : null)
}

/** An alert asks for a refund by itself once the platform told the whole of it: a hook alone may hide that RDR has paid. */
function matchWish({ id, facts }: CaseOfOrder, view: WishView): RefundWish | null {
  const { amount, currency = 'USD' } = facts.facts
  const { order } = view
  if (amount === undefined || facts.enrichedAt === null || order === null) return null
  const agrees =
    currency === (order.currency ?? 'USD') &&
    [order.captured, restOf(view)].some(known => known !== null && compareAmounts(amount, known) === 0)
  return { by: id, needs: agrees ? null : 'amount-differs' }
}

/** No answer of it has gone out from anywhere, no person has chosen one, and it is this order's alone. */
const isOpen = (facts: CaseFacts) => {
  const { worded, sent, said } = facts
  const isUnworded = worded === null || (worded.by === 'policy' && sent === null)
  return isUnworded && said.at(-1)?.word !== 'resolve' && !isConflict(facts) && facts.facts.answeredAs === undefined
}
const byAge = (a: CaseOfOrder, b: CaseOfOrder) => a.facts.seenAt - b.facts.seenAt || (a.id < b.id ? -1 : 1)

type Said = Extract<CaseEntry, { what: 'said' }>
/** The last decision a person took about refunding this order, whichever of its cases it was taken on. */
export function lastWord(cases: readonly CaseOfOrder[]): Extract<Said, { word: 'approve' | 'refuse' }> | null {
  const words = cases.flatMap(({ facts }) => facts.said.filter(said => said.word !== 'resolve'))
  return words.toSorted((a, b) => a.at - b.at).at(-1) ?? null
}

/** When a refund was last sent, or decided. */
export const lastTriedAt = ({ sendingAt, firstSentAt, claimedAt }: Claim): number =>
  sendingAt ?? firstSentAt ?? claimedAt

/** Who released exactly this amount, after `sinceMs`; null when nobody did. */
export function approvalOf(
  { cases }: Pick<RestView, 'cases'>,
  amount: string,
  currency: string,
  sinceMs: number,
): string | null {
  const last = lastWord(cases)
  if (last?.word !== 'approve' || last.at <= sinceMs) return null
  return compareAmounts(last.amount, amount) === 0 && last.currency === currency ? last.by : null
}

/** Why a refund of this size waits for a person; null when it does not. */
export function approvalNeeded(terms: RefundTerms, amount: string, currency: string): WhyCode | null {
  if (terms.mode === 'approve') return 'approve-mode'
  const isLimited = (terms.autoLimit ?? terms.hourlyLimit) !== null
  if (isLimited && terms.limitCurrency !== null && currency !== terms.limitCurrency) return 'other-currency'
  return terms.autoLimit !== null && compareAmounts(amount, terms.autoLimit) > 0 ? 'above-limit' : null
}
