import type { SentField } from '../domain/order-fields.ts'
import type { OrderRecord, PushState, Refusal } from '../domain/order.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript, runUntilAnswered } from './scripts.ts'

const BEGIN = loadScript('begin-push')
const END = loadScript('end-push')
const SETTLE = loadScript('settle-order')
const TAKE_DUE = loadScript('take-due-orders')
const DOUBT = loadScript('doubt-recent-orders')
const DOUBT_PAGE = 500

export interface BeginPush {
  order: OrderRecord
  attemptId: string
  fields: readonly SentField[]
  doubts: PushState['doubts']
  leaseMs: number
  platform: string
  terms: GateTerms
}

/** When a platform's breaker opens and how it is probed; `rate` is the ceiling on pushes over all workers. */
export interface GateTerms {
  breakerFailures: number
  breakerProbeMs: number
  rate: { max: number; durationMs: number } | null
}

export type ClosedCause = 'throttled' | 'denied' | 'breaker' | 'ceiling'
export type BeginResult =
  | { go: true; startedAt: number; gateMarked: boolean }
  | { go: false; why: 'busy'; ms: number }
  | { go: false; why: 'closed'; cause: ClosedCause; ms: number }
  | { go: false; why: 'changed' }
  | { go: false; why: 'gone' }

export interface EndPush {
  order: OrderRecord
  attemptId: string
  acknowledged: PushState['acknowledged'] | null
  doubts: PushState['doubts']
  doubtEndsAt: number | null
  stands: 'clean' | 'dirty' | 'rejected'
  lookAgainMs: number
  refusal: Omit<Refusal, 'at'> | null
  refusalRetryMs: number
  event: Record<string, unknown> | null
}

export type PushStore = ReturnType<typeof createPushStore>

/** State of pushing orders: attempts, doubts, and which orders want a job. */
export function createPushStore(redis: Redis, options: { keys: Keys; sweepMs: number; clock?: () => number }) {
  const { keys, clock } = options
  const now = () => (clock ? String(clock()) : '')

  async function beginPush(begin: BeginPush): Promise<BeginResult> {
    const { order, platform, terms } = begin
    const reply = (await runUntilAnswered(
      redis,
      BEGIN,
      [keys.order(order.orderId), keys.gate(platform), keys.due, keys.pushRate(platform), keys.dirty],
      [
        now(), order.orderId, order.push.pushes, begin.attemptId, JSON.stringify(begin.fields), begin.leaseMs, JSON.stringify(begin.doubts),
        options.sweepMs, terms.breakerFailures, terms.breakerProbeMs, terms.rate?.max ?? '', terms.rate?.durationMs ?? '',
        order.rev,
      ],
    )) as [string, string?, (string | number)?] // prettier-ignore
    if (reply[0] === 'go') return { go: true, startedAt: Number(reply[1]), gateMarked: reply[2] === 1 }
    if (reply[0] === 'busy') return { go: false, why: 'busy', ms: Number(reply[1]) }
    if (reply[0] === 'closed') return { go: false, why: 'closed', cause: reply[1] as ClosedCause, ms: Number(reply[2]) }
    return { go: false, why: reply[0] as 'changed' | 'gone' }
  }

  /** Ends an attempt; `superseded` when another took its place, or the order is gone: then nothing was written. */
  async function endPush(end: EndPush): Promise<'clean' | 'dirty' | 'superseded'> {
    const { orderId, rev, push } = end.order
    const reply = (await runUntilAnswered(
      redis,
      END,
      [keys.order(orderId), keys.timeline(orderId), keys.dirty, keys.due, keys.rejected, keys.doubtful],
      [
        now(), orderId, end.attemptId, end.acknowledged === null ? '' : JSON.stringify(end.acknowledged), JSON.stringify(end.doubts),
        end.doubtEndsAt ?? '', rev, end.stands, end.lookAgainMs + options.sweepMs, JSON.stringify(end.refusal),
        end.event === null ? '' : JSON.stringify(end.event).slice(1, -1), end.refusalRetryMs, push.pushes + 1,
      ],
    )) as [string, number?] // prettier-ignore
    return reply[0] === 'superseded' ? 'superseded' : reply[1] === 1 ? 'clean' : 'dirty'
  }

  /** Takes an order out of the dirty and the rejected set, unless it moved on since it was read; true when it is out. */
  async function settle(order: OrderRecord, stands: 'clean' | 'held'): Promise<boolean> {
    const { orderId, rev, push } = order
    const sets = [keys.order(orderId), keys.dirty, keys.due, keys.doubtful, keys.rejected, keys.held]
    return (await runScript(redis, SETTLE, sets, [now(), orderId, rev, push.pushes, stands])) === 1
  }

  /** Ids of dirty orders whose job may be lost, and of refused ones to be tried again; each comes back if nothing happens. */
  const takeDue = async (againMs: number, atMost: number): Promise<string[]> =>
    (await runScript(redis, TAKE_DUE, [keys.due, keys.dirty, keys.rejected], [now(), againMs, atMost])) as string[]

  /** Doubts every sent field of the orders changed since `sinceMs`; answers the ids that want a job. */
  async function doubtChangedSince(sinceMs: number, fields: readonly SentField[], untilMs: number): Promise<string[]> {
    const doubts = JSON.stringify(Object.fromEntries(fields.map(field => [field, untilMs])))
    const found: string[] = []
    for (let rank = 0; ; rank += DOUBT_PAGE) {
      const [seen, ids] = (await runScript(
        redis,
        DOUBT,
        [keys.orders, keys.dirty, keys.due, keys.doubtful],
        [now(), sinceMs, keys.order(''), doubts, untilMs, rank, DOUBT_PAGE],
      )) as [number, string[]]
      found.push(...ids)
      if (seen < DOUBT_PAGE) return found
    }
  }

  /** Makes refused orders (all of them unless named) due for the next sweep; answers how many there are. */
  async function retryRejected(orderIds?: readonly string[]): Promise<number> {
    const ids = orderIds ?? (await redis.zrange(keys.rejected, '0', '-1'))
    if (ids.length === 0) return 0
    await redis.zadd(keys.rejected, 'XX', ...ids.flatMap(id => ['0', id]))
    return ids.length
  }

  /** True once for each version of ours that sweeps this namespace. */
  const isNewVersion = async (version: string): Promise<boolean> =>
    (await redis.set(keys.version, version, 'GET')) !== version

  return { beginPush, endPush, settle, takeDue, retryRejected, isNewVersion, doubtChangedSince }
}
