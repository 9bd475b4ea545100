import type { Deps } from '../deps.ts'
import type { DenialCause } from '../domain/judge-answer.ts'
import { gaugeText, mergeFigures } from './figures-text.ts'
import { REFUND_MODES } from './refund-mode.ts'
import { ALARM_NAMES } from '../domain/alarms.ts'
import { REFUSAL_NAMES } from '../redis/refusals.ts'
import { schedulesOf } from '../queue/schedules.ts'
import { readOverview, type Overview, type OverviewDeps } from './overview.ts'

const CAUSES: readonly DenialCause[] = ['credentials-refused', 'forbidden', 'redirected']
const flag = (is: boolean) => (is ? 1 : 0)

/** `/metrics`: every process's own figures side by side, and the state of orders, cases and queues at this moment. */
export async function metricsText(deps: OverviewDeps & Pick<Deps, 'figures'>): Promise<string> {
  const [overview, figures, ran] = await Promise.all([
    readOverview(deps),
    deps.figures.all(),
    deps.queues.due.schedulesRan(),
  ])
  const texts = new Map([...figures].map(([name, { text }]) => [name, text]))
  return [mergeFigures(texts), ...gauges(overview), scheduleAges(deps, ran, Date.parse(overview.at))].join('\n')
}

/** Infinite where it has never run. */
const scheduleAges = ({ config }: Pick<Deps, 'config'>, ran: ReadonlyMap<string, number>, now: number): string =>
  gaugeText(
    'order_sync_schedule_age_seconds',
    'How long ago the work of a schedule last ended.',
    schedulesOf(config).map(({ job: { name } }) => {
      const at = ran.get(name)
      return { labels: { schedule: name }, value: at === undefined ? Infinity : Math.max(0, now - at) / 1_000 }
    }),
  )

function gauges(overview: Overview): string[] {
  const { orders, oldest_dirty, rejected_changes, platform, services, alarms, queues, redis } = overview
  const { dirty, held, rejected, doubtful } = orders
  const gates = [platform, ...services].map(gate => ({ gate, labels: { platform: gate.name } }))
  return [
    gaugeText(
      'order_sync_orders',
      'Orders by state; an order may be in several.',
      Object.entries({ dirty, held, rejected, doubtful }).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gaugeText('order_sync_orders_known', 'Orders kept.', [{ value: orders.known }]),
    gaugeText('order_sync_rejected_changes', 'Changes that were rejected on intake and are kept.', [{ value: rejected_changes }]),
    gaugeText('order_sync_oldest_dirty_age_seconds', 'How long the oldest order has waited to be acknowledged; 0 when no order waits.', [
      { value: oldest_dirty?.age_seconds ?? 0 },
    ]),
    gaugeText(
      'order_sync_breaker_open',
      '1 while a platform does not answer and is only probed.',
      gates.map(({ gate, labels }) => ({ labels, value: flag(gate.breaker === 'open') })),
    ),
    gaugeText(
      'order_sync_denied',
      '1 while a platform rejects our calls, by cause.',
      gates.flatMap(({ gate, labels }) =>
        CAUSES.map(cause => ({ labels: { ...labels, cause }, value: flag(gate.denied === cause) })),
      ),
    ),
    gaugeText(
      'order_sync_redis_refused',
      '1 while Redis refuses the writes of operations, by why.',
      REFUSAL_NAMES.map(refusal => ({ labels: { refusal }, value: flag(redis.refusal === refusal) })),
    ),
    gaugeText(
      'order_sync_throttled',
      '1 while a platform limits our rate.',
      gates.map(({ gate, labels }) => ({ labels, value: flag(gate.throttled_until !== null) })),
    ),
    gaugeText(
      'order_sync_alarm',
      '1 while an alarm is raised.',
      ALARM_NAMES.map(name => ({ labels: { name }, value: flag(alarms.some(alarm => alarm.name === name)) })),
    ),
    gaugeText(
      'order_sync_alarm_subjects',
      'Cases, orders, changes, senders or services that an alarm is about.',
      ALARM_NAMES.map(name => ({ labels: { name }, value: alarms.find(alarm => alarm.name === name)?.count ?? 0 })),
    ),
    gaugeText(
      'order_sync_alarm_acknowledged',
      '1 while a person has acknowledged an alarm that is raised.',
      alarms.map(({ name, acknowledged }) => ({ labels: { name }, value: flag(acknowledged !== null) })),
    ),
    gaugeText(
      'order_sync_queue_jobs',
      'Jobs by queue and state.',
      queues.flatMap(queue =>
        (['waiting', 'active', 'delayed', 'failed'] as const).map(state => ({
          labels: { queue: queue.name, state },
          value: queue[state],
        })),
      ),
    ),
    gaugeText(
      'order_sync_queue_paused',
      '1 while an operator has paused a queue.',
      queues.map(({ name, paused }) => ({ labels: { queue: name }, value: flag(paused) })),
    ),
    ...caseGauges(overview),
  ] // prettier-ignore
}

function caseGauges({
  at,
  cases: { states, nearest, waiting_by_reason, uncertain_refunds, alarms_waiting, refunds },
}: Overview): string[] {
  const [first] = nearest
  const secondsLeft = first?.respond_by == null ? NaN : (Date.parse(first.respond_by) - Date.parse(at)) / 1_000
  return [
    gaugeText(
      'order_sync_cases',
      'Cases by state.',
      Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gaugeText(
      'order_sync_cases_waiting',
      'Cases that wait for a person, by reason.',
      waiting_by_reason.map(({ why, count }) => ({ labels: { reason: why }, value: count })),
    ),
    gaugeText('order_sync_cases_late', 'Unanswered cases past their response deadline.', [{ value: refunds.late }]),
    gaugeText(
      'order_sync_nearest_deadline_seconds',
      'Seconds until the next unanswered alert must be answered; negative when that time has passed, NaN when no alert waits.',
      [{ value: secondsLeft }],
    ),
    gaugeText('order_sync_uncertain_refunds', 'Orders with a refund that was sent and is not confirmed.', [
      { value: uncertain_refunds },
    ]),
    gaugeText('order_sync_alarms_waiting', 'Alarms that were not delivered yet.', [{ value: alarms_waiting }]),
    gaugeText(
      'order_sync_refund_mode',
      '1 for the refund mode that is set.',
      REFUND_MODES.map(mode => ({ labels: { mode }, value: flag(refunds.mode === mode) })),
    ),
  ] // prettier-ignore
}
