import type { Deps } from '../deps.ts'
import { formatAmount } from '../domain/basics/money.ts'
import { orderIdOf } from '../domain/case/log.ts'
import type { CaseView } from '../domain/case/view.ts'
import { moneyOf } from '../domain/read-money.ts'
import type { MatchDetails } from './case-details.ts'
import { isoTimeOrNull } from './iso-time.ts'

/** The match, and what the compared orders are; the orders are read for display only. */
export async function matchOf(
  deps: Pick<Deps, 'orders'>,
  { assessment, facts, terms }: CaseView,
): Promise<MatchDetails> {
  const { candidates } = assessment
  const records = await Promise.all(candidates.map(({ orderId }) => deps.orders.read(orderId)))
  const by = assessment.verdict === 'open' ? null : assessment.by
  return {
    verdict: assessment.verdict,
    by: by ?? (orderIdOf(facts) === null ? null : (facts.own.at(-1)?.by ?? 'platform')),
    reason: assessment.verdict === 'open' ? assessment.reason : null,
    candidates: candidates.map(({ orderId, agreements, contradictions, unknowns }, i) => {
      const record = records[i] ?? null
      const money = record === null ? null : moneyOf(record, terms.defaultCurrency)
      const amount = money === null ? null : money.captured === null || money.captured === '0' ? money.total : money.captured // prettier-ignore
      return {
        order_id: orderId,
        agrees: agreements,
        contradicts: contradictions,
        unknown: unknowns,
        sold_at: isoTimeOrNull(money?.soldAt ?? null),
        amount: amount === null ? null : formatAmount(amount, money?.currency),
        currency: money?.currency ?? null,
        card_last_4: money?.cardLast4 ?? null,
        merchant_account: money?.merchantAccount ?? null,
      }
    }),
  }
}
