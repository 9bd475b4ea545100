import type { OrderRecord } from '../domain/order.ts'
import { SETTLED_STATUSES, UNSETTLED_PAYMENTS } from '../domain/settled.ts'
import type { JobView } from '../queue/inspect.ts'
import type { GateState } from '../store/gate-store.ts'
import { nameOf } from '../domain/platform-names.ts'
import { isoTime } from './iso-time.ts'
import type { OrderState } from './order-view.ts'

/** What the sentence about an order is made from; times in milliseconds. */
export interface Explained {
  order: OrderRecord
  state: OrderState
  standing: { retryAt: number | null }
  job: JobView | null
  gate: GateState
  /** An operator paused the queue. */
  paused: boolean
  now: number
  platform: string
  dryRun: boolean
}

/** Why an order is in its state, in one sentence without values of it beyond its status and payment state. */
export function explainOrder(given: Explained): string {
  const of = { ...given, platform: nameOf(given.platform) }
  switch (of.state) {
    case 'held':
      return `not settled yet (${unsettled(of.order).join(', ')})`
    case 'rejected':
      return refused(of)
    case 'acknowledged':
      return `${of.platform} has acknowledged everything`
    case 'in-doubt':
      return `${doubted(of)}; ${waitsFor(of)}`
    case 'dirty':
      return `waiting to sync to ${of.platform}; ${waitsFor(of)}`
  }
}

/** Which of the two fields that settle an order do not, as `name value`. */
function unsettled({ registers }: OrderRecord): string[] {
  const status = registers.get('order_status')?.value ?? 'null'
  const payment = registers.get('payment_state')?.value ?? 'null'
  return [
    ...(SETTLED_STATUSES.includes(status) ? [] : [`order_status ${wordOf(status)}`]),
    ...(UNSETTLED_PAYMENTS.includes(payment) ? [`payment_state ${wordOf(payment)}`] : []),
  ]
}

const wordOf = (text: string) => (text === 'null' ? 'not set' : String(JSON.parse(text)))

function refused({ order, standing, now, platform }: Explained): string {
  const { refusal } = order.push
  const by =
    refusal === null ? `rejected by ${platform}` : `rejected by ${platform} with ${refusal.status}: ${refusal.words}`
  const { retryAt } = standing
  return `${by}; retried ${retryAt === null || retryAt <= now ? 'at the next sweep' : `at ${isoTime(retryAt)}`}, and on the next change`
}

function doubted({ order, now, platform }: Explained): string {
  const { attempt } = order.push
  if (attempt !== null && attempt.leaseUntil > now)
    return `a push of ${fieldCount(attempt.fields.length)} to ${platform} has been under way since ${isoTime(attempt.startedAt)}`
  const doubted = Object.keys(order.push.doubts).length || (attempt?.fields.length ?? 0)
  return `${fieldCount(doubted)} sent to ${platform} and not confirmed`
}

const fieldCount = (count: number) => (count === 1 ? '1 field' : `${count} fields`)

/** What the next push of an order waits for: the widest cause first. */
function waitsFor({ job, gate, paused, now, platform, dryRun }: Explained): string {
  if (paused) return 'the queue is paused by an operator'
  if (gate.denied !== null)
    return `${platform} rejected our calls: ${gate.denied}${since(gate.deniedAt)}; every order waits`
  if (dryRun) return 'this is a dry run, nothing is pushed'
  if (gate.breaker === 'open') return `${platform} is down${since(gate.openedAt)}; it is probed, every order waits`
  if (gate.throttledUntil !== null && gate.throttledUntil > now)
    return `rate-limited by ${platform} until ${isoTime(gate.throttledUntil)}; every order waits`
  return jobWaits(job)
}

const since = (at: number | null) => (at === null ? '' : ` since ${isoTime(at)}`)

function jobWaits(job: JobView | null): string {
  if (job === null) return 'no job yet; the next sweep enqueues one'
  const failed =
    job.attempts === 0
      ? ''
      : ` after ${job.attempts} failed ${job.attempts === 1 ? 'try' : 'tries'}${job.lastFailure === null ? '' : `, the last ${job.lastFailure}`}`
  if (job.state === 'active') return `a worker is pushing it now${failed}`
  if (job.state === 'delayed' && job.runsAt !== null) return `next try at ${isoTime(job.runsAt)}${failed}`
  return `waiting for a worker${failed}`
}
