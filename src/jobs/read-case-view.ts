import type { CaseOfOrder } from '../domain/account/account.ts'
import type { OrderMoney } from '../domain/account/order-money.ts'
import { foldLog, orderIdOf, type CaseEntry, type CaseFacts } from '../domain/case/log.ts'
import type { CaseTerms, CaseView } from '../domain/case/view.ts'
import { assessMatch, type Assessment, type MatchQuestion } from '../domain/match/assess.ts'
import { mayBeAbout } from '../domain/match/compare.ts'
import { moneyOf } from '../domain/read-money.ts'
import { confirmedTotal, listedTotal, mayHaveMoved, type Ledger } from '../domain/refund/ledger.ts'
import { caseDeadlines, isRefundableAlert } from '../domain/refund/trigger.ts'
import type { RollbackTerms } from '../domain/account/account.ts'
import { mayConcern, tookMoney, untiedBuckets } from '../domain/case/untied.ts'
import type { CaseStore, StoredCase } from '../store/case-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import type { SourceStore } from '../store/source-store.ts'
import { findOrders, type FoundOrders, type SearchedOrders } from './search-order.ts'

export interface CaseViewDeps {
  cases: Pick<CaseStore, 'read' | 'ofOrder' | 'untied' | 'byArn' | 'unmatched'>
  orders: SearchedOrders
  sources: Pick<SourceStore, 'completeSince'>
  refunds: Pick<RefundStore, 'read' | 'mode'>
  /** What was configured; the mode of refunds is the one that was set last. */
  caseTerms: CaseTerms
  /** Redis' clock, in milliseconds. */
  redisNow: () => Promise<number>
  /** What was rolled back, as this process knows it; absent in a replay of the past, which has none. */
  rollback?: () => Promise<RollbackTerms | null>
}

/** A case's view, and the counts by which a write proves that nothing of it has changed. */
export interface Found {
  view: CaseView
  ledger: Ledger | null
  orderRev: number | null
}

/** Reads everything a decision about one case depends on; `added` are facts that are about to be kept with it. */
export async function viewOf(deps: CaseViewDeps, stored: StoredCase, added: readonly CaseEntry[] = []): Promise<Found> {
  const { kind, guid } = stored.record
  const facts = foldLog(kind, guid, [...stored.log, ...added])
  const terms = await termsNow(deps)
  const { assessment, found } = await assess(deps, stored.id, facts)
  const orderId = assessment.verdict === 'open' ? orderIdOf(facts) : assessment.orderId
  const around = orderId === null ? null : await readOrder(deps, orderId)
  const others = (around?.cases ?? []).filter(({ id }) => id !== stored.id)
  const cases = [...others, { id: stored.id, facts }]
  const read = {
    ...(kind === 'request' && around?.money != null ? await looseAlerts(deps, around.money, cases) : NO_ALERTS),
    knownAccounts: await accountsOf(deps, cases.map(one => one.facts)), // prettier-ignore
    former: await formerLedgers(deps, facts, orderId),
    mayConcernRefunded: await mayConcernRefunded(deps, facts, found, assessment.verdict === 'certain' ? orderId : null),
    isArnMatched: await isArnMatched(deps, stored.id, facts, orderId),
    isErased: orderId !== null && around?.money === null && (await deps.orders.forgottenAmong([orderId])).has(orderId),
  }
  const view: CaseView = {
    ...read,
    // Read last: what is decided is never older than what it was decided from.
    now: await deps.redisNow(),
    id: stored.id,
    facts,
    assessment,
    order: around?.money ?? null,
    ledger: around?.ledger ?? null,
    cases,
    untied: around?.untied ?? [],
    before: { state: stored.record.state, reason: stored.record.reason },
    terms,
  }
  return { view, ledger: around?.ledger ?? null, orderRev: around?.money?.rev ?? null }
}

type AssessDeps = Pick<CaseViewDeps, 'orders' | 'sources' | 'refunds' | 'caseTerms'>

/** Weighs a case against every stored order that it may be about, as they are now. */
async function assess(
  deps: AssessDeps,
  id: string,
  facts: CaseFacts,
): Promise<{ assessment: Assessment; found: FoundOrders }> {
  const { lookbackMs, refunds } = deps.caseTerms
  const completeSince = await deps.sources.completeSince()
  const own = await ownMatch(deps, id, facts)
  const found = await candidatesOf(deps, facts, own)
  const knownAccounts = await accountsOf(deps, [facts])
  const assessment = assessMatch({
    facts: facts.facts,
    alertAt: caseDeadlines(facts, refunds.deadlines).startedAt,
    namedOrderIds: facts.namedOrderIds,
    chosenOrderId: facts.chosenOrderId,
    own,
    candidates: found.orders,
    isCut: found.isCut,
    completeSince,
    knowsMerchantAccount: facts.facts.mid !== undefined && knownAccounts.has(facts.facts.mid),
    lookbackMs,
  })
  return { assessment, found }
}

/** The order's cases without those whose likely match no longer holds: another order may have come that fits as well. */
export async function stillMatched(
  deps: AssessDeps,
  orderId: string,
  cases: readonly CaseOfOrder[],
): Promise<CaseOfOrder[]> {
  const holds = await Promise.all(
    cases.map(async ({ id, facts }) => {
      const isLikely =
        facts.own.at(-1)?.by === 'card' && facts.chosenOrderId === null && facts.namedOrderIds.length === 0
      if (!isLikely) return true
      const { assessment } = await assess(deps, id, facts)
      return assessment.verdict !== 'open' && assessment.orderId === orderId
    }),
  )
  return cases.filter((_, i) => holds[i])
}

/** Our own match, and whether money moved or an answer went out because of it. */
async function ownMatch(deps: AssessDeps, id: string, facts: CaseFacts): Promise<MatchQuestion['own']> {
  const last = facts.own.at(-1)
  if (last === undefined) return null
  const { orderId, by } = last
  const isAnswered = facts.sent !== null && facts.resolution?.orderId === orderId
  if (isAnswered || facts.chosenOrderId !== null || facts.namedOrderIds.length > 0) return { orderId, by, isActedOn: true } // prettier-ignore
  const { claims } = await deps.refunds.read(orderId)
  return { orderId, by, isActedOn: claims.some(one => one.wantedBy === id && mayHaveMoved(one)) }
}

/** Once an order is chosen, named or acted on, only that order is looked at. */
async function candidatesOf(deps: AssessDeps, facts: CaseFacts, own: MatchQuestion['own']): Promise<FoundOrders> {
  const { caseTerms, orders } = deps
  const { chosenOrderId, namedOrderIds } = facts
  const acted = own?.isActedOn === true ? [own.orderId] : []
  const ids = chosenOrderId !== null ? [chosenOrderId] : namedOrderIds.length > 0 ? namedOrderIds : acted
  if (ids.length === 0) {
    const { startedAt } = caseDeadlines(facts, caseTerms.refunds.deadlines)
    const { lookbackMs, defaultCurrency } = caseTerms
    return findOrders(orders, facts.facts, { alertAt: startedAt, lookbackMs, defaultCurrency })
  }
  const records = await Promise.all(ids.map(id => orders.read(id)))
  return {
    orders: records.flatMap(record => (record === null ? [] : [moneyOf(record, caseTerms.defaultCurrency)])),
    isCut: false,
  }
}

/**
 * The mode that was set outranks what was configured; where neither says anything no money moves. While restored data waits for a person, no
 * refund is automatic.
 */
export async function termsNow({
  caseTerms,
  refunds,
  rollback,
}: Pick<CaseViewDeps, 'caseTerms' | 'rollback'> & { refunds: Pick<RefundStore, 'mode'> }): Promise<CaseTerms> {
  const set = (await refunds.mode()).mode ?? 'off'
  const terms = (await rollback?.()) ?? null
  const mode = set === 'auto' && terms?.isQuarantined === true ? 'approve' : set
  return { ...caseTerms, refunds: { ...caseTerms.refunds, mode, rollback: terms } }
}

/** An order with its refunds, its cases, and the notices without an order that may concern it. */
export interface OrderAround {
  ledger: Ledger
  money: OrderMoney | null
  cases: CaseOfOrder[]
  untied: CaseOfOrder[]
  untiedVersion: string
}

type AroundDeps = Pick<CaseViewDeps, 'orders' | 'refunds' | 'cases' | 'caseTerms'>

/** Reads an order with everything that a refund of it depends on. */
export async function readOrder(deps: AroundDeps, orderId: string): Promise<OrderAround> {
  // The ledger's counts are read first: whatever comes later than they do makes the write fail.
  const ledger = await deps.refunds.read(orderId)
  const [order, stored] = await Promise.all([deps.orders.read(orderId), deps.cases.ofOrder(orderId)])
  const money = order === null ? null : moneyOf(order, deps.caseTerms.defaultCurrency)
  // A case that has come to name another order is not this order's any more, though it was not decided since.
  const cases = stored.map(caseOf).filter(({ facts }) => [orderId, null].includes(orderIdOf(facts)))
  const { untied, version } = await untiedOf(deps, money)
  return { ledger, money, cases, untied, untiedVersion: version }
}

const caseOf = ({ id, record, log }: StoredCase): CaseOfOrder => ({ id, facts: foldLog(record.kind, record.guid, log) })

async function untiedOf(
  deps: AroundDeps,
  money: OrderMoney | null,
): Promise<{ untied: CaseOfOrder[]; version: string }> {
  const amounts = [money?.captured, money?.total].filter(one => one !== '0')
  const { ids, version } = await deps.cases.untied(money === null ? [] : untiedBuckets(money.cardLast4, amounts))
  if (money === null || ids.length === 0) return { untied: [], version }
  const read = await Promise.all(ids.map(id => deps.cases.read(id)))
  const notices = read.flatMap(one => (one === null ? [] : [caseOf(one)]))
  return { untied: notices.filter(({ facts }) => mayConcern(facts, money)), version }
}

/** An untied notice may be about a sale that was refunded: then it may be paid twice. */
async function mayConcernRefunded(
  deps: CaseViewDeps,
  facts: CaseFacts,
  found: FoundOrders,
  orderId: string | null,
): Promise<boolean> {
  if (orderId !== null || !tookMoney(facts)) return false
  const concerned = found.orders.filter(order => mayConcern(facts, order))
  const ledgers = await Promise.all(concerned.map(order => deps.refunds.read(order.orderId)))
  return concerned.some(
    (order, i) =>
      order.reported !== null || confirmedTotal(ledgers[i]!) !== '0' || listedTotal(ledgers[i]!.report) !== '0',
  )
}

/** Merchant accounts of these cases that stored orders name exactly so. */
export async function accountsOf(
  deps: Pick<CaseViewDeps, 'orders'>,
  cases: readonly CaseFacts[],
): Promise<ReadonlySet<string>> {
  const named = [...new Set(cases.flatMap(({ facts }) => facts.mid ?? []))]
  const known = await Promise.all(named.map(mid => deps.orders.knowsMerchantAccount(mid)))
  return new Set(named.filter((_, i) => known[i]))
}

const LOOSE = 100

/** Alerts without an order, see `TriggerView`. */
type LooseAlerts = Pick<CaseView, 'awaited' | 'loose'>
export const NO_ALERTS: LooseAlerts = { awaited: [], loose: [] }

/** Alerts without an order that may be the one a refund request belongs to; none once the order has an alert. */
export async function looseAlerts(
  deps: Pick<CaseViewDeps, 'cases'>,
  order: OrderMoney,
  cases: readonly CaseOfOrder[],
): Promise<LooseAlerts> {
  if (cases.some(isRefundableAlert)) return NO_ALERTS
  const requestedAt = Math.max(...cases.map(({ facts }) => (facts.kind === 'request' ? facts.seenAt : 0)))
  const read = await Promise.all((await deps.cases.unmatched(LOOSE)).map(id => deps.cases.read(id)))
  const loose = read
    .flatMap(one => (one === null ? [] : [caseOf(one)]))
    .filter(
      ({ facts }) =>
        facts.kind === 'alert' &&
        facts.namedOrderIds.length === 0 &&
        facts.chosenOrderId === null &&
        mayBeAbout(facts.facts, order),
    )
  const awaited = loose.filter(
    ({ facts }) => facts.missedSince === null && (facts.record === null || isReadAgain(facts, requestedAt)),
  )
  return { awaited, loose }
}

/** Its record was read before then, and the platform is asked for it again. */
const isReadAgain = ({ askedAt, hasGuid, sent, answered }: CaseFacts, then: number): boolean =>
  (askedAt ?? 0) < then && hasGuid && sent === null && answered?.accepted !== true

/** Refunds of the orders that the case was matched to before. */
const formerLedgers = (deps: CaseViewDeps, { own }: CaseFacts, orderId: string | null): Promise<Ledger[]> => {
  const ids = [...new Set(own.map(one => one.orderId))].filter(id => id !== orderId)
  return Promise.all(ids.map(id => deps.refunds.read(id)))
}

/** Another case that names the same ARN was matched to an order. */
async function isArnMatched(
  deps: CaseViewDeps,
  id: string,
  { facts }: CaseFacts,
  orderId: string | null,
): Promise<boolean> {
  if (facts.arn === undefined || orderId !== null) return false
  const ids = (await deps.cases.byArn(facts.arn)).filter(one => one !== id)
  const read = await Promise.all(ids.map(one => deps.cases.read(one)))
  return read.some(one => one !== null && one.record.orderId !== null)
}
