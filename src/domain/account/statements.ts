import { addAmounts } from '../basics/money.ts'
import { totalOf } from '../refund/ledger.ts'
import { rdrTotal, type AccountView } from './account.ts'

/** One thing that one side states about the sale's money; `amount` null: it states that there is something, not how much. */
export interface Statement {
  source: 'crm' | 'ledger' | 'gateway' | 'rdr' | 'chargeback'
  what: 'captured' | 'refunded' | 'pending' | 'refundable'
  amount: string | null
  /** When it was stated, or learnt; null: not known. */
  at: number | null
}

/** What each side states about the sale's money, for people who compare it. */
export function statementsOf({ order, ledger, cases }: AccountView): Statement[] {
  if (order === null) return []
  const { report } = ledger
  const statements: Statement[] = [{ source: 'crm', what: 'captured', amount: order.captured, at: order.soldAt }]
  if (order.reported !== null)
    statements.push({ source: 'crm', what: 'refunded', amount: order.reported.amount, at: order.reported.at })
  const confirmed = ledger.claims.filter(({ state }) => state === 'confirmed')
  if (confirmed.length > 0) {
    const amount = addAmounts(...confirmed.map(one => one.amount))
    statements.push({ source: 'ledger', what: 'refunded', amount, at: confirmed.at(-1)!.confirmedAt })
  }
  if (report !== null) {
    const of = (status: 'succeeded' | 'pending') => totalOf(report.refunds.filter(one => one.status === status))
    statements.push({ source: 'gateway', what: 'refunded', amount: of('succeeded'), at: report.at })
    if (of('pending') !== '0') statements.push({ source: 'gateway', what: 'pending', amount: of('pending'), at: report.at }) // prettier-ignore
    if (report.refundable !== null)
      statements.push({ source: 'gateway', what: 'refundable', amount: report.refundable, at: report.at })
  }
  const rdr = rdrTotal({ order, cases })
  if (rdr !== '0') statements.push({ source: 'rdr', what: 'refunded', amount: rdr, at: null })
  for (const { facts } of cases)
    if (facts.kind === 'chargeback')
      statements.push({ source: 'chargeback', what: 'refunded', amount: facts.facts.amount ?? null, at: facts.seenAt })
  return statements
}
