import type { CaseState } from '../domain/case/view.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { makeAllDue } from './make-all-due.ts'

/** Which cases there are, by the sets and sorted sets that the case scripts keep. Reads only; times are Redis' milliseconds. */
export function createCaseLists(redis: Redis, keys: Keys) {
  /** Chargebacks and RDR notices without an order, of these buckets (see `untiedBuckets`), and the count of changes of all of them. */
  async function untied(buckets: readonly string[]): Promise<{ ids: string[]; version: string }> {
    const version = (await redis.get(keys.untiedVersion)) ?? '0'
    const found = await Promise.all(buckets.map(name => redis.smembers(keys.casesUntied(name))))
    return { ids: [...new Set(found.flat())].toSorted(), version }
  }

  /** Ids of the cases that name an ARN. */
  const byArn = (arn: string): Promise<string[]> => redis.smembers(keys.casesByArn(arn))

  /** Ids of listed cases that may have no order yet: those that wait for a match or lie with a person, the newest first. */
  async function unmatched(atMost: number): Promise<string[]> {
    const states = ['received', 'unmatched', 'parked'] as const
    const newest = (state: CaseState) => redis.zrange(keys.casesIn(state), '0', String(atMost - 1), 'REV', 'WITHSCORES')
    const flat = (await Promise.all(states.map(newest))).flat()
    const found = flat.flatMap((id, i) => (i % 2 === 0 ? [{ id, seenAt: Number(flat[i + 1]) }] : []))
    return found
      .toSorted((a, b) => b.seenAt - a.seenAt)
      .slice(0, atMost)
      .map(({ id }) => id)
  }

  /** Unfinished cases, the soonest to be looked at first. */
  const open = (atMost: number): Promise<string[]> => redis.zrange(keys.casesOpen, '0', String(atMost - 1))

  /** Has every unfinished case decided again by the next sweep; answers how many. */
  const wakeAll = (): Promise<number> => makeAllDue(redis, keys.casesOpen)

  /** Cases with a mark that has come, soonest first. */
  const withDueMarks = (nowMs: number, atMost: number): Promise<string[]> =>
    redis.zrange(keys.casesMarks, '-inf', String(nowMs), 'BYSCORE', 'LIMIT', 0, atMost)

  /** Ids of listed cases, newest first, of one state or of all; `cursor` is where the page before ended. */
  async function list(state: CaseState | null, limit: number, cursor: string | null) {
    const key = state === null ? keys.cases : keys.casesIn(state)
    const [score, after] = cursor === null ? [null, null] : splitCursor(cursor)
    const found: { id: string; seenAt: number }[] = []
    for (let offset = 0; found.length <= limit; offset += limit + 1) {
      const flat = await redis.zrange(
        key,
        score ?? '+inf',
        '-inf',
        'BYSCORE',
        'REV',
        'LIMIT',
        offset,
        limit + 1,
        'WITHSCORES',
      )
      for (let i = 0; i < flat.length; i += 2) {
        const one = { id: flat[i]!, seenAt: Number(flat[i + 1]) }
        // Equal times are listed by id, downwards; what the page before showed is passed over.
        if (after === null || one.seenAt < (score ?? 0) || one.id < after) found.push(one)
      }
      if (flat.length < 2 * (limit + 1)) break
    }
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    return { ids: shown.map(({ id }) => id), cursor: found.length > limit && last ? `${last.seenAt}-${last.id}` : null }
  }

  /** Unanswered cases with the least time left first. */
  async function nearest(limit: number): Promise<{ id: string; respondBy: number }[]> {
    const flat = await redis.zrange(keys.casesRespondBy, '0', String(limit - 1), 'WITHSCORES')
    return flat.flatMap((id, i) => (i % 2 === 0 ? [{ id, respondBy: Number(flat[i + 1]) }] : []))
  }

  /** Unfinished cases past their time to respond, soonest first. */
  const overdue = (nowMs: number, atMost: number): Promise<string[]> =>
    redis.zrange(keys.casesRespondBy, '-inf', String(nowMs), 'BYSCORE', 'LIMIT', 0, atMost)

  /** How many listed cases there are in each of these states, and how many are open. */
  async function counts(states: readonly CaseState[]): Promise<Record<string, number>> {
    const counted = await Promise.all(states.map(state => redis.zcard(keys.casesIn(state))))
    return Object.fromEntries(states.map((state, i) => [state, counted[i] ?? 0]))
  }

  /** True while a case of the order waits for its answer, and there is time left to give it. */
  async function isOrderOpen(orderId: string, nowMs: number): Promise<boolean> {
    const ids = await redis.smembers(keys.orderCases(orderId))
    if (ids.length === 0) return false
    return (await redis.zmscore(keys.casesRespondBy, ids)).some(score => score !== null && Number(score) > nowMs)
  }

  return { untied, byArn, unmatched, open, wakeAll, withDueMarks, list, nearest, overdue, counts, isOrderOpen }
}

function splitCursor(cursor: string): [number, string] {
  const dash = cursor.indexOf('-')
  return [Number(cursor.slice(0, dash)), cursor.slice(dash + 1)]
}
