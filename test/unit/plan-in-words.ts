import type { CaseEntry } from '../../src/domain/case/log.ts'
import { planRefund, type RefundPlan, type RefundView } from '../../src/domain/refund/plan.ts'
import { money, NOW, REFUND_TERMS, refundView } from './build-case.ts'

/** What differs from an order of 30 dollars with one alert; `order` null: no order is known. */
export type Given = Partial<Omit<RefundView, 'terms' | 'order'>> & {
  terms?: Partial<RefundView['terms']>
  order?: Parameters<typeof money>[0] | null
}

export const viewOf = ({ terms, order = {}, ...rest }: Given): RefundView =>
  refundView({ ...rest, order: order === null ? null : money(order), terms: { ...REFUND_TERMS, ...terms } })

export const plan = (given: Given): RefundPlan => planRefund(viewOf(given))

/** The next step about a refund in a few words, such as `claim 20 of 30` or `park: chargeback`. */
export const words = (given: Given): string => inWords(plan(given))

function inWords(one: RefundPlan): string {
  if (one.do === 'claim') return `claim ${one.amount} of ${one.target}`
  return 'why' in one ? `${one.do}: ${one.why}` : one.do
}

/** An answer that may have reached the platform. */
export const ANSWERED: CaseEntry[] = [
  { what: 'worded', at: NOW, by: 'ann', wording: { type: 'other', description: 'x' }, refundKey: null },
  { what: 'sent', at: NOW, calls: 1, unanswered: false },
]
