import { z } from 'zod'
import { compareAmounts } from '../domain/basics/money.ts'
import { GATEWAY, LEDGER } from '../domain/origins.ts'
import {
  baseOf,
  confirmedTotal,
  ended,
  listingOf,
  openClaim,
  totalOf,
  withClaim,
  type Claim,
  type ClaimIn,
  type GatewayReport,
} from '../domain/refund/ledger.ts'
import { foldFound, judgeAbsent, lookupAfter, watchAt } from '../domain/refund/fold-claim.ts'
import { planRefund, type NewRefund, type RefundPlan, type RefundView } from '../domain/refund/plan.ts'
import { again, done, later, type Job, type Outcome } from './job.ts'
import {
  nextLookAt,
  readReport,
  readView,
  writeClaim,
  writeLedger,
  type RefundOrderDeps,
  type Run,
  type RunView,
  type Step,
} from './refund-run.ts'
import { send } from './send-refund.ts'

export type { RefundOrderDeps } from './refund-run.ts'

const MAX_STEPS = 24

/**
 * Refunds one order: reads everything, decides the next step, does it, and records what it came to, until there is nothing more to
 * do now. A refund takes effect at most once, whatever dies when.
 */
export const refundOrder: Job<{ orderId: string }, RefundOrderDeps> = {
  name: 'refund-order',
  payload: z.object({ orderId: z.string().min(1) }),
  key: payload => payload.orderId,
  async run({ orderId }, deps, context) {
    if (deps.gateway === null) return done('no gateway configured')
    const { outcome, wrote, untied } = await steps({ deps, gateway: deps.gateway, orderId, context })
    // Whatever was learnt here, the order's cases are decided again from it, and the notices that may be of it.
    if (wrote) await deps.wants.othersOf(orderId, '', 'all')
    if (wrote && untied.length > 0) await deps.wants.decide(untied)
    return outcome
  },
}

async function steps(run: Run): Promise<{ outcome: Outcome; wrote: boolean; untied: string[] }> {
  let isFresh = false
  let wrote = false
  let untied: string[] = []
  for (let count = 0; count < MAX_STEPS; count++) {
    if (run.context.signal.aborted) return { outcome: again('stopping'), wrote, untied }
    const view = await readView(run, isFresh)
    untied = view.untied.map(({ id }) => id)
    const step = await act(run, view, seeing(view, planRefund(view)))
    wrote ||= step.wrote === true
    if ('outcome' in step) return { outcome: step.outcome, wrote, untied }
    isFresh = step.isFresh
  }
  return { outcome: again('too-many-steps'), wrote, untied }
}

/** What was sent before may have come through since: whatever hinders the next send, the gateway is asked. */
function seeing({ ledger, isReportFresh }: RefundView, plan: RefundPlan): RefundPlan {
  const open = openClaim(ledger)
  const isBlind = !isReportFresh && open?.state === 'claimed' && open.sends > 0
  return isBlind && HINDERED.includes(plan.do) ? { do: 'ask-gateway' } : plan
}
const HINDERED: readonly RefundPlan['do'][] = ['wait', 'ask-person', 'drop']

async function act(run: Run, view: RunView, plan: RefundPlan): Promise<Step> {
  const { deps } = run
  const { now } = view
  switch (plan.do) {
    case 'nothing':
    case 'park':
    case 'ask-person':
      return { outcome: done(plan.reason) }
    case 'wait': {
      const waitMs = plan.until === null ? Infinity : plan.until - now
      return { outcome: waitMs <= deps.sweepMs ? later(Math.max(1, waitMs), plan.reason) : done(plan.reason) }
    }
    case 'ask-gateway':
      return askGateway(run, view)
    case 'claim':
      return claim(run, view, plan.refund)
    case 'adopt':
      return writeClaim(run, view, foldFound(plan.claim, plan.found, now, deps.refundLookupsMs))
    case 'retry': {
      const { by, at } = plan.approval
      return writeClaim(run, view, { ...baseOf(plan.claim), state: 'claimed', approvedBy: by, approvedAt: at, held: null, notBefore: null, reason: null, lookups: 0 }) // prettier-ignore
    }
    case 'drop':
      return writeClaim(run, view, ended(plan.claim, plan.claim.sends === 0 ? 'dropped' : 'parked', { code: plan.reason, words: null })) // prettier-ignore
    case 'lost':
      return writeClaim(run, view, {
        ...baseOf(plan.claim),
        state: 'uncertain',
        lookups: 0,
        lookAt: now + lookupAfter(0, deps.refundLookupsMs),
        reason: { code: 'lost', words: null },
        refusal: null,
        absentSince: null,
      })
    case 'look-up':
      return lookUp(run, view, plan.claim)
    case 'send':
      return send(run, view, plan.claim)
    case 'record':
      return record(run, view, plan.claim)
  }
}

/** Asks the gateway for the order's refunds; what it states is kept with them, and becomes a change of the order. */
async function askGateway(run: Run, view: RunView): Promise<Step> {
  const report = await readReport(run, view)
  if (report === null) return { outcome: again('gateway-unreadable') }
  const revised = await recordReport(run, view, report)
  const ledger = { ...view.ledger, report: { ...report, rev: revised ?? report.rev } }
  return writeLedger(run, view, ledger, { isFresh: true })
}

/**
 * Refunds that our ledger does not have reach the order under the gateway's own name, also what a CRM states too: it may come to state
 * less. Answers the order's new revision, if it has one.
 */
async function recordReport(
  { deps, orderId }: Run,
  { order, ledger, now }: RunView,
  report: GatewayReport,
): Promise<number | null> {
  if (order === null) return null
  const listed = totalOf(report.refunds.filter(({ status }) => status === 'succeeded'))
  const before = ledger.report === null ? '0' : totalOf(ledger.report.refunds.filter(({ status }) => status === 'succeeded')) // prettier-ignore
  const isKnown = compareAmounts(listed, confirmedTotal(ledger)) <= 0
  if (listed === before || (isKnown && before === '0')) return null
  const change = {
    orderId,
    occurredAt: now,
    values: { is_refund: listed !== '0', refunded_to_date: listed },
    notes: [],
  }
  const merged = await deps.orders.merge(change, GATEWAY, 0)
  await deps.wantSync([orderId])
  return 'refused' in merged ? null : merged.rev
}

/** Stores what will be asked for, before anything is asked. */
async function claim(run: Run, view: RunView, refund: NewRefund): Promise<Step> {
  const { deps, gateway, orderId } = run
  const { amount, target, currency, generation, wantedBy, respondBy, approval } = refund
  const transaction = view.order?.transactionId ?? orderId
  const key = deps.refundKey([gateway.name, transaction, target, String(generation)])
  const request = { orderId, transactionId: transaction, amount, currency, reason: REASON, reference: key }
  const fresh: Claim = {
    key, generation, gateway: gateway.name, transaction, amount, target, currency, body: gateway.bodyOf(request), wantedBy, respondBy,
    claimedAt: view.now, approvedBy: approval?.by ?? null, approvedAt: approval?.at ?? null, firstSentAt: null, sends: 0, lookups: 0,
    refundId: null, arn: null, confirmedAt: null, isRecorded: false, refusals: 0, refundableBefore: view.ledger.report?.refundable ?? null,
    state: 'claimed', held: null, notBefore: null, reason: null,
  } // prettier-ignore
  const kept = view.ledger.claims.filter(one => one.key !== key)
  const ledger = { ...view.ledger, claims: [...kept, fresh] }
  const lookAt = nextLookAt(ledger, view.now, deps)
  const written = await deps.refunds.commit({ before: view.ledger, ledger, lookAt, takes: transaction, event: null })
  if (written === 'changed') return { next: true, isFresh: false }
  if (written === 'written') return { next: true, isFresh: view.isReportFresh, wrote: true }
  const owned = ended(fresh, 'parked', { code: 'transaction-of-another-order', words: null })
  return writeLedger(run, view, { ...view.ledger, claims: [...kept, owned] }, { isFresh: view.isReportFresh })
}

const REASON = 'dispute alert'

/** Looks a refund up in the gateway's own records: found by our reference, proven absent, or to be looked up again. */
async function lookUp(run: Run, view: RunView, looked: ClaimIn<'uncertain' | 'pending' | 'confirmed'>): Promise<Step> {
  const { deps, gateway } = run
  const { now } = view
  const report = await readReport(run, view)
  if (report === null) {
    const lookAt = now + lookupAfter(looked.lookups, deps.refundLookupsMs)
    return writeClaim(run, view, { ...looked, lookAt }, false)
  }
  const found = listingOf(report.refunds, looked)
  const folded = found && foldFound(looked, found, now, deps.refundLookupsMs)
  // What others refunded reaches the order, whatever the list was asked for.
  const known = folded ? withClaim(view.ledger, folded) : view.ledger
  const revised = await recordReport(run, { ...view, ledger: known }, report)
  const seen = { ...view, ledger: { ...view.ledger, report: { ...report, rev: revised ?? report.rev } } }
  if (folded) return writeClaim(run, seen, folded, true)
  // Once confirmed it is only watched for being taken back; a list that no longer shows it says nothing.
  if (looked.state === 'confirmed') {
    const lookAt = watchAt(looked.confirmedAt ?? now, now, looked.lookups + 1, deps.refundLookupsMs)
    return writeClaim(run, seen, { ...looked, lookups: looked.lookups + 1, lookAt }, true)
  }
  const terms = {
    now,
    lookupsMs: deps.refundLookupsMs,
    keepsKeysMs: gateway.keepsKeysMs,
    listLagMs: view.terms.listLagMs,
  }
  const judged = judgeAbsent(looked, report, terms)
  if (judged.do === 'write') return writeClaim(run, seen, judged.claim, true)
  return writeClaim(run, seen, { ...baseOf(looked), state: 'claimed', held: null, notBefore: null, reason: null }, true)
}

/** Makes a confirmed refund a change of its order, and a refund that was taken back another. */
async function record(run: Run, view: RunView, claim: Claim): Promise<Step> {
  const { deps, orderId } = run
  if (view.order !== null) {
    const change = claim.state === 'confirmed' ? refundedChange(view, claim) : takenBackChange(view, claim)
    await deps.orders.merge({ orderId, ...change, notes: [] }, LEDGER, 0)
    await deps.wantSync([orderId])
  }
  return writeClaim(run, view, { ...claim, isRecorded: true })
}

const refundedChange = (view: RunView, claim: Claim) => ({
  occurredAt: claim.confirmedAt ?? view.now,
  values: {
    is_refund: true,
    refunded_to_date: claim.target,
    rma_reason: 'Refunded after a dispute alert',
    ...(view.order?.transactionId != null && { rma_number: view.order.transactionId }),
  },
})

/** Only the ledger lowers what the ledger has stated. */
function takenBackChange(view: RunView, claim: Claim) {
  const left = confirmedTotal(view.ledger)
  return {
    occurredAt: Math.max(view.now, (claim.confirmedAt ?? 0) + 1),
    values: {
      is_refund: left !== '0',
      refunded_to_date: left,
      rma_reason: left === '0' ? null : 'Refunded after a dispute alert',
    },
  }
}
