import { isRdr } from '../alert/kind.ts'
import type { CaseFacts } from '../case/log.ts'
import { greatestAmount, subtractAmounts } from '../basics/money.ts'
import type { OrderMoney } from './order-money.ts'
import { confirmedTotal, reportedTotal, totalOf, type Ledger } from '../refund/ledger.ts'

/** One of an order's cases: its id and what its log says. */
export interface CaseOfOrder {
  id: string
  facts: CaseFacts
}

/** Everything that what is left of an order depends on; `cases`: every case tied to it. */
export interface RestView {
  order: OrderMoney | null
  ledger: Ledger
  cases: readonly CaseOfOrder[]
}

/** What is left to give back: captured less the greatest of what anybody reports, less what RDR paid. */
export function restOf(view: RestView): string {
  const { order } = view
  if (order === null || order.captured === null) return '0'
  return subtractAmounts(order.captured, givenBack(view), rdrTotal(view))
}

/** What was given back, or is being given back, as far as anybody reports. */
export const givenBack = ({ order, ledger }: Omit<RestView, 'cases'>): string =>
  greatestAmount(confirmedTotal(ledger), reportedAmount(order), reportedTotal(ledger.report))

/** The same without what the gateway is not done with yet. */
export function givenBackForSure({ order, ledger }: Omit<RestView, 'cases'>): string {
  const done = ledger.report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  return greatestAmount(confirmedTotal(ledger), reportedAmount(order), totalOf(done))
}

/** What the CRM reports as refunded: an order called Refunded was refunded whole; `0` where no amount is known. */
export function reportedAmount(order: OrderMoney | null): string {
  const { amount = null, byStatus = false } = order?.reported ?? {}
  return greatestAmount(amount ?? '0', (byStatus ? order?.captured : null) ?? '0')
}

/** What RDR has paid on this order: its notices' amounts, unless they say that RDR declined. */
export function rdrTotal({ order, cases }: Omit<RestView, 'ledger'>): string {
  const paid = cases.filter(
    ({ facts }) => facts.kind === 'alert' && isRdr(facts.facts) && facts.facts.rdrResolution !== 'declined',
  )
  return greatestAmount(...paid.map(({ facts }) => facts.facts.amount ?? order?.captured ?? '0'))
}

/** True when the order is known to be charged back, by its own record or by a chargeback tied to it. */
export const isChargedBack = ({ order, cases }: Omit<RestView, 'ledger'>): boolean =>
  order?.chargeback === true || cases.some(({ facts }) => facts.kind === 'chargeback')

/** The CRM says that something was given back, and neither it nor the gateway says how much. */
export const isUnclear = ({ order, ledger }: Omit<RestView, 'cases'>): boolean =>
  order?.reported?.amount === null &&
  !order.reported.byStatus &&
  reportedTotal(ledger.report) === '0' &&
  confirmedTotal(ledger) === '0'

const ASK_AGAIN_MS = 600_000

const STOPPED_ASK_AGAIN_MS = 3_600_000

/** A refund that was refused may have been made by other hands, or after all: the gateway is asked about it once an hour. */
export const isLongUnasked = ({ ledger: { report }, now }: Pick<RestView, 'ledger'> & { now: number }): boolean =>
  report === null || now - report.at >= STOPPED_ASK_AGAIN_MS

/**
 * The gateway was not asked since the CRM reported a refund, or it was not done with one when it was asked a while ago. A CRM whose
 * clock is ahead has it asked once a change, not until the clocks agree.
 */
export function isReportOld({ order, ledger, now }: Omit<RestView, 'cases'> & { now: number }): boolean {
  const { report } = ledger
  if (report === null) return true
  if (now - report.at >= ASK_AGAIN_MS && report.refunds.some(({ status }) => status === 'pending')) return true
  return report.rev < (order?.rev ?? 0) && report.at < Math.min(order?.reported?.at ?? 0, now)
}
