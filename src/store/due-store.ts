import type { Redis } from '../redis/connect.ts'
import { serverTime } from '../redis/primary.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const PUT = loadScript('put-due')
const TAKE = loadScript('take-due-jobs')
const END = loadScript('end-take')
const SCHEDULES = loadScript('take-schedules')

/** A job that was taken and is in no queue by then is due again: its taker is gone. */
const TAKEN_MS = 30_000

/** What goes with a job that has a time. */
export interface DueNote {
  /** Runs that failed in a row; 0: it waits for another reason. */
  failures: number
  /** Its priority in the queue; 0: none. */
  priority: number
  /** The code of its last failure. */
  code: string | null
}

/** One job, as text, with its note. */
export interface DueJob extends DueNote {
  text: string
}

/** How a time is set; see `put-due.lua`. */
export type DueHow = 'want' | 'later' | 'again' | 'now'

export type DueStore = ReturnType<typeof createDueStore>

/**
 * When jobs run next, on Redis' clock: a sorted set a queue. The queue itself holds only jobs that may run at once, since it would
 * measure time by the clock of whatever process looks.
 */
export function createDueStore(redis: Redis, keys: Keys, clock?: () => number) {
  const now = () => (clock ? String(clock()) : '')
  const keysFor = (queue: string) => [keys.jobsDue(queue), keys.jobsTaken(queue), keys.jobNotes(queue)]

  /** Sets a time, `ms` from now, for each job; answers how many have one. `note` null: what is noted stays. */
  async function put(
    queue: string,
    how: DueHow,
    jobs: readonly string[],
    { ms, note = null }: { ms: number; note?: DueNote | null },
  ): Promise<number> {
    let timed = 0
    for (let at = 0; at < jobs.length; at += PAGE) {
      const args = [now(), how, Math.max(0, Math.ceil(ms)), note === null ? '' : textOf(note), ...jobs.slice(at, at + PAGE)]
      timed += Number(await runScript(redis, PUT, [keys.jobsDue(queue), keys.jobNotes(queue)], args))
    }
    return timed
  } // prettier-ignore

  /** Takes what is due in these queues, at most `atMost` of each, and tells in how many ms the next is due. */
  async function take(queues: readonly string[], atMost: number): Promise<{ jobs: DueJob[][]; nextMs: number | null }> {
    const reply = (await runScript(redis, TAKE, queues.flatMap(keysFor), [now(), TAKEN_MS, atMost])) as [
      string,
      ...string[][],
    ]
    const [nextMs, ...taken] = reply
    return { jobs: taken.map(jobsIn), nextMs: nextMs === '' ? null : Number(nextMs) }
  }

  /** Says that jobs which were taken are in their queue now. */
  const end = async (queue: string, jobs: readonly string[]): Promise<void> =>
    void (await runScript(redis, END, keysFor(queue), jobs))

  /** The time of one job and its note; `isDue` once that time has come. Null when it has none. */
  async function of(queue: string, job: string): Promise<(DueNote & { at: number; isDue: boolean }) | null> {
    const [due, taken, note, time] = await Promise.all([
      redis.zscore(keys.jobsDue(queue), job),
      redis.zscore(keys.jobsTaken(queue), job),
      redis.hget(keys.jobNotes(queue), job),
      redisNow(),
    ])
    if (due === null && taken === null) return null
    const at = due === null ? Number(taken) - TAKEN_MS : Number(due)
    return { at, isDue: at <= time, ...noteIn(note ?? '') }
  }

  /** How many jobs of a queue have a time that has come, and how many a later one. */
  async function count(queue: string): Promise<{ due: number; later: number }> {
    const time = await redisNow()
    const [due, taken, later] = await Promise.all([
      redis.zcount(keys.jobsDue(queue), '-inf', time),
      redis.zcard(keys.jobsTaken(queue)),
      redis.zcount(keys.jobsDue(queue), `(${time}`, '+inf'),
    ])
    return { due: due + taken, later }
  }

  const redisNow = async (): Promise<number> => (clock ? clock() : serverTime(redis, keys.schedules))

  /** Takes one job's time away; true when it had one. */
  async function drop(queue: string, job: string): Promise<boolean> {
    const gone = await Promise.all([
      redis.zrem(keys.jobsDue(queue), job),
      redis.zrem(keys.jobsTaken(queue), job),
      redis.hdel(keys.jobNotes(queue), job),
    ])
    return gone[0] + gone[1] > 0
  }

  /** The names of the schedules whose time has come; their next is one interval away. */
  const takeSchedules = async (schedules: readonly { name: string; everyMs: number }[]): Promise<string[]> =>
    (await runScript(
      redis,
      SCHEDULES,
      [keys.schedules],
      [now(), ...schedules.flatMap(({ name, everyMs }) => [name, everyMs])],
    )) as string[]

  /** Notes that the work of a schedule ended, at `at` in ms. */
  const scheduleRan = async (name: string, at: number): Promise<void> =>
    void (await redis.hset(keys.schedulesRan, name, String(at)))

  /** When the work of each schedule last ended, in ms. */
  const schedulesRan = async (): Promise<ReadonlyMap<string, number>> =>
    new Map(Object.entries(await redis.hgetall(keys.schedulesRan)).map(([name, at]) => [name, Number(at)]))

  return { put, take, end, of, count, drop, takeSchedules, scheduleRan, schedulesRan }
}

/** Jobs in one script call. */
const PAGE = 500

const textOf = ({ failures, priority, code }: DueNote): string => `${failures}|${priority}|${code ?? ''}`

function noteIn(text: string): DueNote {
  const [failures = '', priority = '', ...code] = text.split('|')
  return { failures: Number(failures), priority: Number(priority), code: code.join('|') || null }
}

const jobsIn = (reply: readonly string[]): DueJob[] =>
  Array.from({ length: reply.length / 2 }, (_, i) => ({ text: reply[2 * i]!, ...noteIn(reply[2 * i + 1]!) }))
