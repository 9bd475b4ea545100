import type { Deps } from '../deps.ts'
import type { FieldError } from '../domain/change.ts'
import { JOBS } from '../jobs/index.ts'
import { queueViews, type QueueView } from '../queue/inspect.ts'
import type { AlarmName } from '../store/alarm-store.ts'
import type { GateState } from '../store/gate-store.ts'
import { readCaseFigures, type CaseFigures } from './case-figures.ts'
import { startedAtOf } from './figures-text.ts'
import { isoTime, isoTimeOrNull } from './order-view.ts'

export type OverviewDeps = Pick<
  Deps,
  | 'orders'
  | 'gates'
  | 'platform'
  | 'alertPlatform'
  | 'rejected'
  | 'alarms'
  | 'queues'
  | 'figures'
  | 'health'
  | 'config'
  | 'cases'
  | 'refunds'
  | 'alarmOutbox'
>

/** Alarms a process raised, and those that follow from how the platform's gate stands. */
export type AnyAlarm = AlarmName | 'platform-denied' | 'platform-down'
export const ALARM_NAMES: readonly AnyAlarm[] = [
  'source-clock-ahead',
  'order-unreadable',
  'order-swapped',
  'redis-lost-writes',
  'redis-unsafe',
  'alerts-silent',
  'case-target',
  'case-alarm',
  'case-escalated',
  'case-parked',
  'case-approval',
  'case-chargeback',
  'platform-denied',
  'platform-down',
]

/** Whether one service of a platform lets us in. */
export interface GateView {
  name: string
  breaker: GateState['breaker']
  down_since: string | null
  denied: GateState['denied']
  denied_since: string | null
  /** Null when it does not ask for patience now. */
  throttled_until: string | null
}

/** How everything stands. Times are ISO 8601; no order data. */
export interface Overview {
  at: string
  orders: { known: number; dirty: number; held: number; rejected: number; doubtful: number }
  rejected_changes: number
  /** Since when the oldest order waits that differs from what was acknowledged. */
  oldest_dirty: { since: string; age_seconds: number } | null
  platform: GateView
  /** The platform's services for alerts, where they are configured: each has a gate of its own. */
  services: GateView[]
  cases: CaseFigures
  alarms: { name: AnyAlarm; at: string | null; why: string }[]
  queues: QueueView[]
  /** Processes that told their figures lately. */
  processes: { name: string; started_at: string | null }[]
  dry_run: boolean
}

/** Names of all queues; an action on any other name is refused. */
export const QUEUE_NAMES: readonly string[] = Object.values(JOBS).map(job => job.name)

/** How everything stands now. */
export async function readOverview(deps: OverviewDeps): Promise<Overview> {
  const now = await deps.health.now()
  const names = serviceNames(deps)
  const [counts, rejectedChanges, gate, raised, queues, figures, cases, ...gates] = await Promise.all([
    deps.orders.counts(),
    deps.rejected.count(),
    deps.gates.state(deps.platform.name),
    deps.alarms.list(now),
    queueViews(deps.queues, QUEUE_NAMES),
    deps.figures.all(),
    readCaseFigures(deps, now),
    ...names.map(name => deps.gates.state(name)),
  ])
  const { orders: known, dirty, held, rejected, doubtful, oldestDirtyAt } = counts
  return {
    at: isoTime(now),
    orders: { known, dirty, held, rejected, doubtful },
    rejected_changes: rejectedChanges,
    oldest_dirty:
      oldestDirtyAt === null
        ? null
        : { since: isoTime(oldestDirtyAt), age_seconds: Math.max(0, now - oldestDirtyAt) / 1_000 },
    platform: gateView(deps.platform.name, gate, now),
    services: names.map((name, i) => gateView(name, gates[i]!, now)),
    cases,
    alarms: [
      ...alarmsOf(deps.platform.name, gate, DENIAL_MEANS),
      ...names.flatMap((name, i) =>
        alarmsOf(name, gates[i]!, name === CHARGEBACKHIT ? CHARGEBACKHIT_MEANS : SERVICE_DENIAL_MEANS),
      ),
      ...raised.map(({ name, at, why }) => ({ name, at: isoTime(at), why })),
    ],
    queues,
    processes: [...figures]
      .map(([name, text]) => ({ name, started_at: isoTimeOrNull(startedAtOf(text)) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    dry_run: deps.config.ORDER_SYNC_DRY_RUN,
  }
}

/** Nobody asks them where there is no secret. */
const serviceNames = ({ config, alertPlatform }: OverviewDeps): string[] => [
  ...(config.MIDIGATOR_API_SECRET === undefined
    ? []
    : [alertPlatform.eventsService.name, alertPlatform.preventionService.name]),
  ...(config.CHARGEBACKHIT_SECRET_KEY === undefined ? [] : [CHARGEBACKHIT]),
]
const CHARGEBACKHIT = 'chargebackhit'

const gateView = (name: string, gate: GateState, now: number): GateView => ({
  name,
  breaker: gate.breaker,
  down_since: gate.breaker === 'open' ? isoTimeOrNull(gate.openedAt) : null,
  denied: gate.denied,
  denied_since: gate.denied === null ? null : isoTimeOrNull(gate.deniedAt),
  throttled_until: gate.throttledUntil !== null && gate.throttledUntil > now ? isoTime(gate.throttledUntil) : null,
})

type DenialMeans = Record<NonNullable<GateState['denied']>, string>
const DENIAL_MEANS: DenialMeans = {
  'credentials-refused': 'it refuses the user name or the password; check MIDIGATOR_DATA_USERNAME and _PASSWORD',
  forbidden: 'it answers 403; ask Midigator to allow-list the public address of this machine',
  redirected: 'it answers with a redirect, which is never followed; check MIDIGATOR_DATA_URL',
}

const SERVICE_DENIAL_MEANS: DenialMeans = {
  'credentials-refused': 'it refuses the API secret; check MIDIGATOR_API_SECRET',
  forbidden: 'it answers 403; ask Midigator to allow-list the public address of this machine',
  redirected: 'it answers with a redirect, which is never followed; check MIDIGATOR_EVENTS_URL and _PREVENTION_URL',
}

const CHARGEBACKHIT_MEANS: DenialMeans = {
  'credentials-refused': 'it refuses the signature; check CHARGEBACKHIT_PUBLIC_KEY and _SECRET_KEY',
  forbidden: 'it answers 403; ask Chargebackhit what this account may do',
  redirected: 'it answers with a redirect, which is never followed; check CHARGEBACKHIT_URL',
}

function alarmsOf(platform: string, gate: GateState, means: DenialMeans): Overview['alarms'] {
  const alarms: Overview['alarms'] = []
  if (gate.denied !== null) {
    const why = `${platform} denies us: ${means[gate.denied]}. Nothing is lost; it resumes by itself`
    alarms.push({ name: 'platform-denied', at: isoTimeOrNull(gate.deniedAt), why })
  }
  if (gate.breaker === 'open') {
    const why = `${platform} does not answer, or with errors of its own. Nothing is lost; it is probed`
    alarms.push({ name: 'platform-down', at: isoTimeOrNull(gate.openedAt), why })
  }
  return alarms
}

/** What was refused: changes at the door, and orders by the platform. No bodies. */
export interface RejectedView {
  changes: {
    id: string
    at: string
    source: string
    order_id: string | null
    errors: readonly FieldError[]
    replayable: boolean
  }[]
  orders: { order_id: string; status: number | null; words: string | null; retry_at: string }[]
}

/** At most `limit` of each: changes newest first, orders by their next try. */
export async function readRejected(deps: Pick<Deps, 'orders' | 'rejected'>, limit: number): Promise<RejectedView> {
  const [changes, standing] = await Promise.all([deps.rejected.list(limit), deps.orders.list('rejected', limit)])
  const records = await Promise.all(standing.map(({ orderId }) => deps.orders.read(orderId)))
  return {
    changes: changes.map(({ id, at, source, orderId, errors, replayable }) => ({
      id,
      at: isoTime(at),
      source,
      order_id: orderId,
      errors,
      replayable,
    })),
    orders: standing.map(({ orderId, at }, i) => ({
      order_id: orderId,
      status: records[i]?.push.refusal?.status ?? null,
      words: records[i]?.push.refusal?.words ?? null,
      retry_at: isoTime(at),
    })),
  }
}
