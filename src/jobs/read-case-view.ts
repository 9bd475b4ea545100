import { orderIdOf, type CaseTerms, type CaseView } from '../domain/case/view.ts'
import { foldLog, type CaseEntry, type CaseFacts } from '../domain/case/log.ts'
import type { Match } from '../domain/match/match-alert.ts'
import { moneyOf } from '../domain/account/order-money.ts'
import type { Ledger } from '../domain/refund/ledger.ts'
import type { RefundMode } from '../domain/refund/plan.ts'
import type { CaseStore, StoredCase } from '../store/case-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import { searchOrder, type SearchedOrders } from './search-order.ts'

export interface CaseViewDeps {
  cases: Pick<CaseStore, 'ofOrder'>
  orders: SearchedOrders
  refunds: Pick<RefundStore, 'read' | 'mode'>
  /** What was configured; the mode of refunds is that of the switch. */
  caseTerms: CaseTerms
  /** Redis' clock, in milliseconds. */
  redisNow: () => Promise<number>
}

/** A case's view, and the counts by which a write proves that nothing of it has changed. */
export interface Found {
  view: CaseView
  ledger: Ledger | null
  orderRev: number | null
  log: readonly CaseEntry[]
}

/** Reads everything a decision about one case depends on. */
export async function viewOf(deps: CaseViewDeps, stored: StoredCase): Promise<Found> {
  const { kind, guid } = stored.record
  const facts = foldLog(kind, guid, stored.log)
  const orderId = orderIdOf(facts)
  const [now, mode, search, tied] = await Promise.all([
    deps.redisNow(),
    deps.refunds.mode(),
    isSearching(facts) ? searchOrder(deps.orders, facts.facts, facts.eventAt ?? facts.seenAt) : NO_SEARCH,
    orderId === null ? null : readOrder(deps, orderId),
  ])
  const others = (tied?.others ?? []).filter(one => one.id !== stored.id)
  const view: CaseView = {
    now,
    id: stored.id,
    facts,
    search,
    order: tied?.money ?? null,
    ledger: tied?.ledger ?? null,
    cases: [...others, { id: stored.id, facts }],
    terms: withMode(deps.caseTerms, mode.mode),
  }
  return { view, ledger: tied?.ledger ?? null, orderRev: tied?.money?.rev ?? null, log: stored.log }
}

/** While nothing was done for the order that we found ourselves, another that fits as well may still come. */
const isSearching = ({ own, worded, platformOrderId }: CaseFacts) =>
  platformOrderId === null && (own === null || (!own.wanted && worded === null))

const NO_SEARCH: Match = { found: 'none' }

/** The switch outranks what was configured; where neither says anything no money moves. */
const withMode = (terms: CaseTerms, mode: RefundMode | null): CaseTerms => ({
  ...terms,
  refunds: { ...terms.refunds, mode: mode ?? 'off' },
})

async function readOrder(deps: Pick<CaseViewDeps, 'orders' | 'refunds' | 'cases'>, orderId: string) {
  // The ledger's counts are read first: whatever comes later than they do makes the write fail.
  const ledger = await deps.refunds.read(orderId)
  const [order, stored] = await Promise.all([deps.orders.read(orderId), deps.cases.ofOrder(orderId)])
  const others = stored.map(one => ({ id: one.id, facts: foldLog(one.record.kind, one.record.guid, one.log) }))
  return { ledger, money: order === null ? null : moneyOf(order, 'USD'), others }
}

/** The same view with more facts in the case's log. */
export function withEntries(found: Found, stored: StoredCase, added: readonly CaseEntry[]): Found {
  const log = [...found.log, ...added]
  const facts = foldLog(stored.record.kind, stored.record.guid, log)
  const others = found.view.cases.filter(({ id }) => id !== stored.id)
  return { ...found, log, view: { ...found.view, facts, cases: [...others, { id: stored.id, facts }] } }
}
