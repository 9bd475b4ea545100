import { ALARM_NAMES, alarmKind } from '../domain/alarms.ts'
import { networkOf } from '../domain/alert/kind.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { JOBS } from '../jobs/index.ts'
import { dropJob, hurry, pause, resume } from '../queue/inspect.ts'
import { nameOf } from '../domain/platform-names.ts'
import { QUEUE_NAMES } from './overview.ts'
import { readOrder, type ReadOrderDeps } from './read-model.ts'
import { recordAct, type ActDeps } from './record-act.ts'
import { replay, type ReplayDeps, type ReplayResult } from './replay.ts'

/** What the button for one order did; `says` is for people. */
export type SyncResult =
  | { done: 'unknown'; says: string }
  | { done: 'held'; says: string }
  /** A job is queued and runs once a worker is free and the platform accepts calls; `waits`: what it waits for besides. */
  | { done: 'queued'; says: string; waits: string | null }

export type SyncDeps = ReadOrderDeps & ActDeps & Pick<Deps, 'pushes' | 'wantSync'>

/** Pushes one order now: a rejected order is retried, a delayed try is brought forward, an acknowledged order is compared again. */
export async function syncOrder(deps: SyncDeps, orderId: string, by: string): Promise<SyncResult> {
  const before = await readOrder(deps, orderId)
  if (before === null) return { done: 'unknown', says: `no order ${orderId} is stored` }
  if (before.state === 'held') return { done: 'held', says: before.why }
  if (before.state === 'rejected') await deps.pushes.retryRejected(orderId)
  await recordAct(deps, { by, act: 'sync', subject: orderId })
  await deps.wantSync([orderId])
  await hurry(deps.queues, JOBS.syncOrder, { orderId })
  const waits = await obstacle(deps)
  switch (before.state) {
    case 'rejected':
      return { done: 'queued', says: 'the order was rejected and is retried now', waits }
    case 'acknowledged':
      return { done: 'queued', says: 'everything was acknowledged; the order is compared again', waits }
    case 'dirty':
    case 'in-doubt':
      return { done: 'queued', says: 'the order is pushed now', waits }
  }
}

/** What keeps every order from being pushed. */
async function obstacle({ queues, gates, platform }: SyncDeps): Promise<string | null> {
  const [paused, gate] = await Promise.all([queues.of(JOBS.syncOrder.name).isPaused(), gates.state(platform.name)])
  if (paused) return 'the queue is paused by an operator'
  if (gate.denied !== null) return `${nameOf(platform.name)} rejected our calls: ${gate.denied}`
  return gate.breaker === 'open' ? `${nameOf(platform.name)} is down` : null
}

/** What erasing one order removed. A tombstone is left either way, and merging rejects the order from now on. */
export interface ForgetResult {
  order_id: string
  /** False when no such order was kept. */
  was_known: boolean
  rejected_changes_removed: number
  cases_removed: number
  job_removed: boolean
}

/**
 * Erases an order: values, digests, timeline, look-ups, alerts and their events, refused changes of it, and its waiting job. Cannot be
 * undone. What was refunded stays on record, without the order's values. Throws `conflict` while an alert or a refund of it is open.
 */
export async function forgetOrder(
  deps: Pick<Deps, 'orders' | 'rejected' | 'queues' | 'cases' | 'events' | 'refunds' | 'alarms'> & ActDeps,
  orderId: string,
  by: string,
): Promise<ForgetResult> {
  const now = await deps.health.now()
  if ((await deps.cases.isOrderOpen(orderId, now)) || (await deps.refunds.isOpen(orderId)))
    throw new AppError(
      'alert-open',
      'an alert or a refund of this order is open. Resolve the alert first, then erase the order',
    )
  const alerts = (await deps.cases.ofOrder(orderId)).filter(({ record }) => record.kind === 'alert')
  const networks = [...new Set(alerts.map(({ record }) => networkOf({ partner: record.partner ?? '' })))]
  const casesRemoved = await deps.cases.forgetOrder(orderId, now)
  await deps.events.forgetOrder(orderId)
  await deps.acts.forgetOrder(orderId)
  for (const name of ALARM_NAMES)
    if (alarmKind(name).about === 'order') await deps.alarms.clear(name, orderId, now, 'The order was erased.')
  await deps.refunds.forget(orderId, networks)
  const known = await deps.orders.forget(orderId)
  const [removed, jobRemoved] = await Promise.all([
    deps.rejected.forget(orderId),
    dropJob(deps.queues, JOBS.syncOrder, { orderId }),
  ])
  await recordAct(deps, { by, act: 'forget', subject: null })
  return {
    order_id: orderId,
    was_known: known,
    rejected_changes_removed: removed,
    cases_removed: casesRemoved,
    job_removed: jobRemoved,
  }
}

/** Reprocesses rejected changes as they were stored: these, or all, oldest first. */
export async function replayRejected(
  deps: ReplayDeps & ActDeps,
  ids: readonly string[] | 'all',
  by: string,
): Promise<ReplayResult[]> {
  const results = await replay(deps, ids)
  if (ids === 'all') await recordAct(deps, { by, act: 'replay', subject: 'all' })
  else
    for (const { id, done } of results)
      if (done !== 'unknown') await recordAct(deps, { by, act: 'replay', subject: id })
  return results
}

/** True for the names of our own queues; nothing else can be paused. */
const isQueue = (name: string): boolean => QUEUE_NAMES.includes(name)

/** Pauses a queue until it is resumed; false when there is no such queue. */
export async function pauseQueue(deps: ActDeps & Pick<Deps, 'queues'>, name: string, by: string): Promise<boolean> {
  if (!isQueue(name)) return false
  await pause(deps.queues, name)
  await recordAct(deps, { by, act: 'pause', subject: name })
  return true
}

/** Ends an operator's pause; false when there is no such queue. */
export async function resumeQueue(deps: ActDeps & Pick<Deps, 'queues'>, name: string, by: string): Promise<boolean> {
  if (!isQueue(name)) return false
  await resume(deps.queues, name)
  await recordAct(deps, { by, act: 'resume', subject: name })
  return true
}
