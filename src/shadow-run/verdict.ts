import { addAmounts, compareAmounts, formatAmount } from '../domain/basics/money.ts'
import { describeReason, REASONS, type ReasonCode } from '../domain/case/reasons.ts'
import type { CaseRecord, StoredCase } from '../store/case-store.ts'
import type { Outcome } from './history.ts'
import type { ShadowAnswer, ShadowRefund } from './past.ts'

/**
 * What would have become of one alert. `agrees`: as it really ended · `differs`: otherwise · `asks-person`: it needs a person, also after it
 * was answered · `unfinished`: the history ends before it · `unknown`: how it really ended is not stated · `informs`: it needs no answer.
 */
export type Verdict = 'agrees' | 'differs' | 'asks-person' | 'unfinished' | 'unknown' | 'informs'

export interface ShadowAlert {
  id: string
  verdict: Verdict
  orderId: string | null
  state: CaseRecord['state']
  reason: ReasonCode
  /** Why a person is asked, or the reason of its state; as a sentence. A deadline that passed meanwhile is no such reason. */
  why: string
  /** As the platform names it. */
  resolution: string | null
  description: string | null
  answeredAt: number | null
  /** What was refunded because of this alert, in each currency; empty: nothing. */
  refunded: readonly Money[]
  real: Outcome | null
  /** In what it differs, each as a sentence. */
  differences: readonly string[]
}

/** An amount as decimal text with the currency's digits. */
export interface Money {
  amount: string
  currency: string
}

const ASKS_PERSON: readonly CaseRecord['state'][] = ['parked', 'awaiting-approval']
export const asksPerson = ({ state }: Pick<CaseRecord, 'state'>): boolean => ASKS_PERSON.includes(state)

/** What became of an alert here, beside what really did. `made`: the refunds that were sent because of it. */
export function alertOf(
  { record: { id, orderId, state, reason }, log }: StoredCase,
  { answer, made, real }: { answer: ShadowAnswer | null; made: readonly ShadowRefund[]; real: Outcome | null },
): ShadowAlert {
  const refunded = totalsOf(made)
  const alert = {
    id,
    orderId: answer?.orderId ?? orderId,
    state,
    reason,
    why: describeReason(askedBecause(reason, log)),
    resolution: answer?.type ?? null,
    description: answer?.description ?? null,
    answeredAt: answer?.at ?? null,
    refunded,
    real,
  }
  const differences = real === null ? [] : differencesOf(alert, real)
  return { ...alert, verdict: verdictOf(alert, differences), differences }
}

function verdictOf(
  { state, answeredAt, real }: Pick<ShadowAlert, 'state' | 'answeredAt' | 'real'>,
  differences: readonly string[],
): Verdict {
  if (state === 'noted') return 'informs'
  if (asksPerson({ state })) return 'asks-person'
  if (answeredAt === null) return 'unfinished'
  const statesNothing = real === null || [real.resolution, real.order_id, real.refunded].every(stated => stated == null)
  if (statesNothing) return 'unknown'
  return differences.length === 0 ? 'agrees' : 'differs'
}

/** The reason with which it last came to a person; that the deadline passed then is no reason of its own. */
function askedBecause(reason: ReasonCode, log: StoredCase['log']): ReasonCode {
  if (reason !== 'deadline-passed') return reason
  const rung = log.flatMap(entry => (entry.what === 'alarmed' && ON_DESK.includes(entry.alarm) ? [entry] : []))
  const last = rung.toSorted((a, b) => a.at - b.at).findLast(one => one.reason !== reason && one.reason in REASONS)
  return (last?.reason as ReasonCode | undefined) ?? reason
}
const ON_DESK: readonly string[] = ['case-parked', 'case-approval']

/** What the outcome does not state is not compared. */
function differencesOf(
  here: Pick<ShadowAlert, 'resolution' | 'orderId' | 'refunded' | 'answeredAt'>,
  { resolution, order_id: orderId, refunded, currency }: Outcome,
): string[] {
  const differences: string[] = []
  if (resolution != null && resolution !== here.resolution)
    differences.push(`answered ${here.resolution ?? 'nothing'}, really ${resolution}`)
  if (orderId != null && here.orderId !== null && orderId !== here.orderId)
    differences.push(`about order ${here.orderId}, really ${orderId}`)
  if (refunded == null) return differences
  const amount = here.refunded.find(one => currency == null || one.currency === currency)?.amount ?? '0'
  const isOther = here.refunded.some(one => currency != null && one.currency !== currency)
  if (isOther || compareAmounts(amount, refunded) !== 0)
    differences.push(`refunded ${moneyText(here.refunded)}, really ${moneyText(Number(refunded) === 0 ? [] : [{ amount: formatAmount(refunded, currency ?? null), currency: currency ?? '' }])}`)
  return differences
} // prettier-ignore

/** `49.95 USD`, several joined, or `nothing`. */
export const moneyText = (amounts: readonly Money[]): string =>
  amounts.length === 0 ? 'nothing' : amounts.map(({ amount, currency }) => `${amount} ${currency}`.trim()).join(' and ')

/** Currencies are never added to each other. */
export function totalsOf(amounts: readonly Money[]): Money[] {
  const totals = new Map<string, string>()
  for (const { amount, currency } of amounts) totals.set(currency, addAmounts(totals.get(currency) ?? '0', amount))
  return [...totals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, amount]) => ({ amount: formatAmount(amount, currency), currency }))
}
