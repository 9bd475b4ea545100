import { z } from 'zod'
import { LEDGER } from '../domain/origins.ts'
import { confirmedTotal, foldFound, judgeAbsent, lookupAfter, openClaim, type Claim } from '../domain/refund/ledger.ts'
import { planRefund, restOf, type RefundPlan, type RefundView } from '../domain/refund/plan.ts'
import { again, done, later, type Job, type Outcome } from './job.ts'
import {
  findRefunds,
  lookAtOf,
  readView,
  writeClaim,
  writeLedger,
  type RefundOrderDeps,
  type Run,
  type Step,
} from './refund-run.ts'
import { send } from './send-refund.ts'

export type { RefundOrderDeps } from './refund-run.ts'

const MAX_STEPS = 24

/**
 * Refunds one order: reads everything, decides the next step, does it, and records what it came to, until there is nothing more to
 * do now. A refund takes effect at most once, whatever dies when (rule 11).
 */
export const refundOrder: Job<{ orderId: string }, RefundOrderDeps> = {
  name: 'refund-order',
  payload: z.object({ orderId: z.string().min(1) }),
  key: payload => payload.orderId,
  async run({ orderId }, deps, context) {
    if (deps.gateway === null) return done('no gateway configured')
    const run: Run = {
      deps,
      gateway: deps.gateway,
      orderId,
      context,
      isReportFresh: false,
      hasWritten: false,
      hasTakenBack: false,
    }
    const outcome = await steps(run)
    // Whatever was learnt here, the order's cases decide anew from it.
    if (run.hasWritten) await deps.wants.othersOf(orderId, '', run.hasTakenBack ? 'all' : 'open')
    return outcome
  },
}

async function steps(run: Run): Promise<Outcome> {
  for (let step = 0; step < MAX_STEPS; step++) {
    if (run.context.signal.aborted) return again('stopping')
    const view = await readView(run)
    const outcome = await act(run, view, seeing(view, planRefund(view)))
    if (outcome !== 'next') return outcome
  }
  return again('too-many-steps')
}

/** What was sent before may have come through since: whatever hinders the next send, the gateway is looked at. */
function seeing({ ledger, isReportFresh }: RefundView, plan: RefundPlan): RefundPlan {
  const open = openClaim(ledger)
  const isBlind = !isReportFresh && open?.state === 'claimed' && open.sends > 0
  return isBlind && HINDERED.includes(plan.do) ? { do: 'ask-gateway' } : plan
}
const HINDERED: readonly RefundPlan['do'][] = ['wait', 'ask-person', 'drop']

function act(run: Run, view: RefundView, plan: RefundPlan): Promise<Step> | Step {
  switch (plan.do) {
    case 'nothing':
    case 'park':
    case 'ask-person':
      return done(plan.why)
    case 'wait':
      return plan.ms !== null && plan.ms <= run.deps.sweepMs ? later(Math.max(1, plan.ms), plan.why) : done(plan.why)
    case 'ask-gateway':
      return askGateway(run, view)
    case 'claim':
      return claim(run, view, plan)
    case 'adopt':
      return writeClaim(run, view, foldFound(plan.claim, plan.found, view.now, run.deps.refundLookupsMs))
    case 'retry':
      return writeClaim(run, view, { ...plan.claim, state: 'claimed', approvedBy: plan.approvedBy, held: null, lookups: 0, lookAt: null, why: null, refusal: null })
    case 'drop':
      return writeClaim(run, view, { ...plan.claim, state: plan.claim.sends === 0 ? 'dropped' : 'parked', lookAt: null, why: { code: plan.why, words: null } })
    case 'lost':
      return writeClaim(run, view, { ...plan.claim, state: 'uncertain', attempt: null, lookups: 0, lookAt: view.now + lookupAfter(0, run.deps.refundLookupsMs), why: { code: 'lost', words: null } })
    case 'look-up':
      return lookUp(run, view, plan.claim)
    case 'send':
      return send(run, view, plan.claim)
    case 'tell-order':
      return tellOrder(run, view, plan.claim)
  }
} // prettier-ignore

/** Asks the gateway for the order's refunds; what it says is kept with them. */
async function askGateway(run: Run, view: RefundView): Promise<Step> {
  const report = await findRefunds(run, view)
  if (report === null) return again('gateway-unreadable')
  run.isReportFresh = true
  return writeLedger(run, view, { ...view.ledger, report })
}

/** Writes down what will be asked for, before anything is asked. */
async function claim(run: Run, view: RefundView, plan: Extract<RefundPlan, { do: 'claim' }>): Promise<Step> {
  const { deps, gateway, orderId } = run
  const transaction = view.order?.transactionId ?? orderId
  const key = deps.refundKey([gateway.name, transaction, plan.target, String(plan.generation)])
  const request = {
    orderId,
    transactionId: transaction,
    amount: plan.amount,
    currency: plan.currency,
    reason: REASON,
    reference: key,
  }
  const fresh: Claim = {
    key, transaction, gateway: gateway.name, generation: plan.generation, amount: plan.amount, target: plan.target, currency: plan.currency,
    body: gateway.bodyOf(request), wantedBy: plan.wantedBy, claimedAt: view.now, state: 'claimed', approvedBy: plan.approvedBy, held: null,
    attempt: null, sendingAt: null, firstSentAt: null, sends: 0, lookups: 0, lookAt: null, refundId: null, arn: null, confirmedAt: null,
    why: null, refusal: null, told: false, answeredBy: null,
  } // prettier-ignore
  const kept = view.ledger.claims.filter(one => one.key !== key)
  const ledger = { ...view.ledger, claims: [...kept, fresh] }
  const written = await deps.refunds.commit({
    before: view.ledger,
    ledger,
    lookAt: lookAtOf(ledger, view.now, deps),
    takes: transaction,
    event: null,
  })
  if (written === 'changed') return 'next'
  if (written === 'written') {
    run.hasWritten = true
    return 'next'
  }
  const owned: Claim = { ...fresh, state: 'parked', why: { code: 'transaction-of-another-order', words: null } }
  return writeLedger(run, view, { ...view.ledger, claims: [...kept, owned] })
}

const REASON = 'dispute alert'

/** Looks a refund up in the gateway's own records: found by our reference, proven absent, or to be looked up again. */
async function lookUp(run: Run, view: RefundView, looked: Claim): Promise<Step> {
  const { deps, gateway } = run
  const report = await findRefunds(run, view)
  if (report === null) {
    const lookAt = view.now + lookupAfter(looked.lookups, deps.refundLookupsMs)
    return writeClaim(run, view, { ...looked, lookAt })
  }
  const seen = { ...view, ledger: { ...view.ledger, report } }
  const found = report.refunds.find(refund => refund.reference === looked.key)
  if (found) return writeClaim(run, seen, foldFound(looked, found, view.now, deps.refundLookupsMs))
  // Once confirmed it is only looked at for being taken back; a list that no longer shows it says nothing.
  if (looked.state === 'confirmed') return writeClaim(run, seen, { ...looked, lookAt: null })
  const judged = judgeAbsent(looked, report, {
    now: view.now,
    lookupsMs: deps.refundLookupsMs,
    keepsKeysMs: gateway.keepsKeysMs,
  })
  if (judged.do === 'write') return writeClaim(run, seen, judged.claim)
  run.isReportFresh = true
  return writeClaim(run, seen, { ...looked, state: 'claimed', lookAt: null })
}

/** Makes a confirmed refund a change of its order, and one that was taken back another (rule 14). */
async function tellOrder(run: Run, view: RefundView, claim: Claim): Promise<Step> {
  const { deps, orderId } = run
  if (view.order !== null) {
    const change = claim.state === 'confirmed' ? refundedChange(view, claim) : takenBackChange(view, claim)
    await deps.orders.merge({ orderId, ...change, notes: [] }, LEDGER, 0)
    await deps.wantSync([orderId])
  }
  return writeClaim(run, view, { ...claim, told: true })
}

const refundedChange = (view: RefundView, claim: Claim) => ({
  occurredAt: claim.confirmedAt ?? view.now,
  values: {
    is_refund: true,
    refunded_to_date: claim.target,
    rma_reason: 'Refunded after a dispute alert',
    ...(view.order?.transactionId != null && { rma_number: view.order.transactionId }),
    ...(restOf(view) === '0' && { order_status: 'Refunded' }),
  },
})

/** Only the ledger lowers what the ledger has said. */
function takenBackChange(view: RefundView, claim: Claim) {
  const left = confirmedTotal(view.ledger)
  return {
    occurredAt: Math.max(view.now, (claim.confirmedAt ?? 0) + 1),
    values: {
      is_refund: left !== '0',
      refunded_to_date: left,
      rma_reason: left === '0' ? null : 'Refunded after a dispute alert',
      ...(view.order?.reported === null && restOf(view) !== '0' && { order_status: 'Complete' }),
    },
  }
}
