import type { Deps } from '../deps.ts'
import type { FieldError } from '../domain/change.ts'
import { JOBS } from '../jobs/index.ts'
import { queueViews, type QueueView } from '../queue/inspect.ts'
import type { Refusal } from '../redis/refusals.ts'
import type { GateState } from '../store/gate-store.ts'
import type { Act } from '../store/act-store.ts'
import { readAlarms, type AlarmView } from './alarms.ts'
import { readCaseFigures, type CaseFigures } from './case-figures.ts'
import { startedAtOf } from './figures-text.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'
import { readQuarantine, type QuarantineView } from './quarantine.ts'

export type OverviewDeps = Pick<
  Deps,
  | 'acts'
  | 'orders'
  | 'gates'
  | 'platform'
  | 'rejected'
  | 'alarms'
  | 'alarmCauses'
  | 'services'
  | 'parts'
  | 'queues'
  | 'figures'
  | 'health'
  | 'writes'
  | 'config'
  | 'cases'
  | 'refunds'
  | 'alarmOutbox'
  | 'rollbacks'
  | 'sourceStore'
>

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
  alarms: AlarmView[]
  /** Restored data that waits for a person; null: none. */
  quarantine: QuarantineView | null
  queues: QueueView[]
  /** Processes that reported their figures lately; `label` is what `/metrics` calls them. */
  processes: { name: string; label: string; started_at: string | null }[]
  /** What people did to queues, orders and rejected changes, newest first; `subject` is null for an erased order. */
  acts: { at: string; by: string; act: Act['act']; subject: string | null; reason?: string | null }[]
  /** Whether Redis takes what this process writes, else why not and since when. */
  redis: { writable: boolean; refusal: Refusal | null; since: string | null }
  dry_run: boolean
}

/** Names of all queues; an action on any other name is refused. */
export const QUEUE_NAMES: readonly string[] = Object.values(JOBS).map(job => job.name)

const ACTS = 10

/** The state of everything now. */
export async function readOverview(deps: OverviewDeps): Promise<Overview> {
  const now = await deps.health.now()
  const names = deps.services.filter(name => name !== deps.platform.name)
  const [counts, rejectedChanges, gate, alarms, queues, figures, cases, acts, quarantine, ...gates] = await Promise.all(
    [
      deps.orders.counts(),
      deps.rejected.count(),
      deps.gates.state(deps.platform.name),
      readAlarms(deps, now),
      queueViews(deps.queues, QUEUE_NAMES),
      deps.figures.all(),
      readCaseFigures(deps, now),
      deps.acts.list(ACTS),
      readQuarantine(deps),
      ...names.map(name => deps.gates.state(name)),
    ],
  )
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
    alarms,
    quarantine,
    queues,
    processes: [...figures]
      .map(([label, { process, text }]) => ({ name: process, label, started_at: isoTimeOrNull(startedAtOf(text)) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    acts: acts.map(act => ({ ...act, at: isoTime(act.at) })),
    redis: redisView(deps),
    dry_run: deps.config.ORDER_SYNC_DRY_RUN,
  }
}

function redisView({ writes }: OverviewDeps): Overview['redis'] {
  const refused = writes.refused()
  return refused === null
    ? { writable: true, refusal: null, since: null }
    : { writable: false, refusal: refused.refusal, since: isoTime(refused.since) }
}

const gateView = (name: string, gate: GateState, now: number): GateView => ({
  name,
  breaker: gate.breaker,
  down_since: gate.breaker === 'open' ? isoTimeOrNull(gate.openedAt) : null,
  denied: gate.denied,
  denied_since: gate.denied === null ? null : isoTimeOrNull(gate.deniedAt),
  throttled_until: gate.throttledUntil !== null && gate.throttledUntil > now ? isoTime(gate.throttledUntil) : null,
})

/** What was rejected: changes on intake and orders by the platform, without bodies; and events of platforms. */
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
  /** What a platform sent and could not be taken as an event, newest first; bodies are masked. */
  events: { at: string; platform: string; event_type: string; body: unknown }[]
}

/** At most `limit` of each: changes newest first, orders by their next try. */
export async function readRejected(
  deps: Pick<Deps, 'orders' | 'rejected' | 'events'>,
  limit: number,
): Promise<RejectedView> {
  const [changes, standing, events] = await Promise.all([
    deps.rejected.list(limit),
    deps.orders.list('rejected', limit),
    deps.events.listUnread(limit),
  ])
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
    events: events.map(({ at, platform, eventType, body }) => ({
      at: isoTime(at),
      platform,
      event_type: eventType,
      body,
    })),
  }
}
