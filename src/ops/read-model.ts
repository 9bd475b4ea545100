import { planPush, type PushPlan } from '../domain/diff-order.ts'
import { SENT_FIELDS, type SentField } from '../domain/order-fields.ts'
import { orderPayload } from '../domain/order-payload.ts'
import type { OrderRecord } from '../domain/order.ts'
import { fieldsOf } from '../domain/shown-order.ts'
import type { Deps } from '../deps.ts'
import { JOBS } from '../jobs/index.ts'
import { jobOf } from '../queue/inspect.ts'
import { digestText } from '../store/digest.ts'
import { findEvidence } from './compelling-evidence.ts'
import { explainOrder } from './explain-order.ts'
import { casesOfOrder } from './list-cases.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'
import type { OrderState, OrderView } from './order-view.ts'
import { describeEvent } from './describe-event.ts'

export { readOverview, readRejected } from './overview.ts'
export type { OrderView } from './order-view.ts'

export type ReadOrderDeps = Pick<
  Deps,
  'orders' | 'cases' | 'gates' | 'platform' | 'queues' | 'redis' | 'health' | 'config'
>

/** Everything known of one order, or null when it is not known. */
export async function readOrder(deps: ReadOrderDeps, orderId: string): Promise<OrderView | null> {
  const [order, standing, events, job, gate, paused, now, cases] = await Promise.all([
    deps.orders.read(orderId),
    deps.orders.standing(orderId),
    deps.orders.timeline(orderId),
    jobOf(deps.queues, JOBS.syncOrder, { orderId }),
    deps.gates.state(deps.platform.name),
    deps.queues.of(JOBS.syncOrder.name).isPaused(),
    deps.health.now(),
    casesOfOrder(deps, orderId),
  ])
  if (order === null) return null
  const evidence = await findEvidence(deps.orders, order, now)
  const plan = planPush(order, digestText)
  const state = stateOf(order, plan, standing)
  const { push } = order
  return {
    at: isoTime(now),
    order_id: orderId,
    state,
    why: explainOrder({
      order, state, standing, job, gate, paused, now, platform: deps.platform.name, dryRun: deps.config.ORDER_SYNC_DRY_RUN,
    }),
    rev: order.rev,
    changed_at: isoTime(order.changedAt),
    order: orderPayload(order, presentFields(order)),
    acknowledged: {
      at: isoTimeOrNull(standing.acknowledgedAt),
      fields: SENT_FIELDS.filter(field => push.acknowledged[field] !== undefined),
    },
    differs: plan.do === 'push' ? plan.fields : plan.do === 'held' ? sentFields(order) : [],
    in_doubt: SENT_FIELDS.flatMap(field =>
      push.doubts[field] === undefined ? [] : [{ field, until: isoTime(push.doubts[field]) }],
    ),
    attempt: push.attempt && {
      fields: [...push.attempt.fields],
      started_at: isoTime(push.attempt.startedAt),
      until: isoTime(push.attempt.leaseUntil),
    },
    refusal: push.refusal && {
      at: isoTime(push.refusal.at),
      status: push.refusal.status,
      words: push.refusal.words,
      retry_at: isoTimeOrNull(standing.retryAt),
    },
    job: job && {
      state: job.state, attempts: job.attempts, runs_at: isoTimeOrNull(job.runsAt), last_failure: job.lastFailure,
    },
    cases,
    compelling_evidence: evidence.view,
    timeline: events.map(describeEvent),
  } // prettier-ignore
}

type Standing = Awaited<ReturnType<Deps['orders']['standing']>>

function stateOf(order: OrderRecord, plan: PushPlan, standing: Standing): OrderState {
  if (plan.do === 'held') return 'held'
  if (standing.retryAt !== null && standing.dirtySince === null) return 'rejected'
  if (order.push.attempt !== null || Object.keys(order.push.doubts).length > 0) return 'in-doubt'
  return plan.do === 'push' ? 'dirty' : 'acknowledged'
}

const presentFields = (order: OrderRecord): SentField[] => [
  ...fieldsOf(order.registers),
  ...(order.notes.length > 0 ? (['notes'] as const) : []),
]
const sentFields = (order: OrderRecord): SentField[] => {
  const present = presentFields(order)
  return SENT_FIELDS.filter(field => present.includes(field))
}
