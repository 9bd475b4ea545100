import type { Deps } from '../deps.ts'
import type { FieldError } from '../domain/change.ts'
import { JOBS } from '../jobs/index.ts'
import { queueViews, type QueueView } from '../queue/inspect.ts'
import type { AlarmName } from '../store/alarm-store.ts'
import type { GateState } from '../store/gate-store.ts'
import { readCaseFigures, type CaseFigures } from './case-figures.ts'
import { nameOf } from './describe-case.ts'
import { startedAtOf } from './figures-text.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

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

/** Alarms a process raised, and those that follow from the state of the platform's gate. */
export type AnyAlarm = AlarmName | 'platform-denied' | 'platform-down'
export const ALARM_NAMES: readonly AnyAlarm[] = [
  'source-clock-ahead',
  'hook-too-old',
  'changes-tied',
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
  'paid-twice',
  'platform-denied',
  'platform-down',
]

/** Whether one service of a platform accepts our calls. */
export interface GateView {
  name: string
  breaker: GateState['breaker']
  down_since: string | null
  denied: GateState['denied']
  denied_since: string | null
  /** Null when it does not limit our rate now. */
  throttled_until: string | null
}

/** The state of everything. Times are ISO 8601; no order data. */
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
  /** Processes that reported their figures lately. */
  processes: { name: string; started_at: string | null }[]
  dry_run: boolean
}

/** Names of all queues; an action on any other name is refused. */
export const QUEUE_NAMES: readonly string[] = Object.values(JOBS).map(job => job.name)

/** The state of everything now. */
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

/** Without a secret they are not called. */
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

/** A service by its platform's name, and which service where there are several. */
const serviceName = (gate: string): string => {
  const [platform = gate, ...service] = gate.split('-')
  return [nameOf(platform), ...service].join(' ')
}

type DenialMeans = Record<NonNullable<GateState['denied']>, string>
const DENIAL_MEANS: DenialMeans = {
  'credentials-refused': 'wrong user name or password. Check MIDIGATOR_DATA_USERNAME and _PASSWORD',
  forbidden: '403. Ask Midigator to allow-list the public address of this machine',
  redirected: 'a redirect, which is never followed. Check MIDIGATOR_DATA_URL',
}

const SERVICE_DENIAL_MEANS: DenialMeans = {
  'credentials-refused': 'wrong API secret. Check MIDIGATOR_API_SECRET',
  forbidden: '403. Ask Midigator to allow-list the public address of this machine',
  redirected: 'a redirect, which is never followed. Check MIDIGATOR_EVENTS_URL and _PREVENTION_URL',
}

const CHARGEBACKHIT_MEANS: DenialMeans = {
  'credentials-refused': 'wrong signature. Check CHARGEBACKHIT_PUBLIC_KEY and _SECRET_KEY',
  forbidden: '403. Ask Chargebackhit what this account may do',
  redirected: 'a redirect, which is never followed. Check CHARGEBACKHIT_URL',
}

function alarmsOf(platform: string, gate: GateState, means: DenialMeans): Overview['alarms'] {
  const alarms: Overview['alarms'] = []
  if (gate.denied !== null) {
    const why = `${serviceName(platform)} rejected our calls: ${means[gate.denied]}. Nothing is lost; calls resume automatically`
    alarms.push({ name: 'platform-denied', at: isoTimeOrNull(gate.deniedAt), why })
  }
  if (gate.breaker === 'open') {
    const why = `${serviceName(platform)} does not answer, or answers with server errors. Nothing is lost; the service is probed`
    alarms.push({ name: 'platform-down', at: isoTimeOrNull(gate.openedAt), why })
  }
  return alarms
}

/** What was rejected: changes on intake, and orders by the platform. No bodies. */
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
