import type { SentField } from '../domain/order-fields.ts'
import type { OrderRecord, PushState, Refusal } from '../domain/order.ts'
import type { Remembered } from '../domain/rollback.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { makeAllDue } from './make-all-due.ts'
import { loadScript, runScript, runUntilAnswered } from './scripts.ts'

const BEGIN = loadScript('begin-push')
const END = loadScript('end-push')
const SETTLE = loadScript('settle-order')
const TAKE_DUE = loadScript('take-due-orders')
const DOUBT = loadScript('doubt-recent-orders')
const PAGE = 500

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
  /** Redis has gone back since this process last looked. */
  | { go: false; why: 'rolled-back' }
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
export function createPushStore(
  redis: Redis,
  options: { keys: Keys; commits?: Redis; sweepMs: number; clock?: () => number; expected?: () => Remembered | null },
) {
  const { keys, clock, commits = redis, expected = () => null } = options
  const now = () => (clock ? String(clock()) : '')

  async function beginPush(begin: BeginPush): Promise<BeginResult> {
    const { order, platform, terms } = begin
    const reply = (await runUntilAnswered(
      commits,
      BEGIN,
      [keys.order(order.orderId), keys.gate(platform), keys.due, keys.pushRate(platform), keys.dirty, keys.epoch],
      [
        now(), order.orderId, order.push.pushes, begin.attemptId, JSON.stringify(begin.fields), begin.leaseMs, JSON.stringify(begin.doubts),
        options.sweepMs, terms.breakerFailures, terms.breakerProbeMs, terms.rate?.max ?? '', terms.rate?.durationMs ?? '',
        order.rev, expected()?.epoch ?? '', expected()?.count ?? '',
      ],
    )) as [string, string?, (string | number)?] // prettier-ignore
    if (reply[0] === 'go') return { go: true, startedAt: Number(reply[1]), gateMarked: reply[2] === 1 }
    if (reply[0] === 'busy') return { go: false, why: 'busy', ms: Number(reply[1]) }
    if (reply[0] === 'closed') return { go: false, why: 'closed', cause: reply[1] as ClosedCause, ms: Number(reply[2]) }
    return { go: false, why: reply[0] as 'changed' | 'gone' | 'rolled-back' }
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

  /**
   * Doubts every sent field of the orders changed since `sinceMs`, the newest first and a page at a time; `onPage` takes the ids of each
   * page, which want a job. Answers how many there are. An order that changes meanwhile moves to the front, where its change is pushed.
   */
  async function doubtChangedSince(
    { sinceMs, untilMs, fields }: { sinceMs: number; untilMs: number; fields: readonly SentField[] },
    onPage: (orderIds: string[]) => Promise<void>,
  ): Promise<number> {
    const doubts = JSON.stringify(Object.fromEntries(fields.map(field => [field, untilMs])))
    let found = 0
    for (let [before, passed, more] = ['+inf', 0, true]; more;) {
      const [seen, oldest, at, ids] = (await runScript(
        redis,
        DOUBT,
        [keys.orders, keys.dirty, keys.due, keys.doubtful],
        [now(), sinceMs, keys.order(''), doubts, untilMs, before, passed, PAGE],
      )) as [number, string, number, string[]]
      if (ids.length > 0) await onPage(ids)
      found += ids.length
      more = seen === PAGE
      passed = oldest === before ? passed + at : at
      before = oldest
    }
    return found
  }

  /** Makes one refused order due for the next sweep. */
  const retryRejected = async (orderId: string): Promise<void> =>
    void (await redis.zadd(keys.rejected, 'XX', '0', orderId))

  /** Makes every refused order due for the next sweep, a page at a time; answers how many were not due before. */
  const retryAllRejected = (): Promise<number> => makeAllDue(redis, keys.rejected)
  /** The same for every order that waits to sync. */
  const retryAllDirty = (): Promise<number> => makeAllDue(redis, keys.due)

  /** The version of ours that last had every refused order tried again in this namespace; null while none has. */
  const retriedBy = (): Promise<string | null> => redis.get(keys.version)
  const keepRetriedBy = async (version: string): Promise<void> => void (await redis.set(keys.version, version))

  return { beginPush, endPush, settle, takeDue, retryRejected, retryAllRejected, retryAllDirty, retriedBy, keepRetriedBy, doubtChangedSince }
} // prettier-ignore
