import { createHash } from 'node:crypto'
import { emptyLedger, openClaim, type Claim, type Ledger } from '../domain/refund/ledger.ts'
import type { RefundMode } from '../domain/account/account.ts'
import { AppError } from '../errors.ts'
import type { Redis } from '../redis/connect.ts'
import { ledgerText, RECORD_VERSION } from './case-store.ts'
import type { Keys } from './keys.ts'
import { upgradeClaims, upgradeReport } from './case-versions.ts'
import { makeAllDue } from './make-all-due.ts'
import { loadScript, runScript, runUntilAnswered } from './scripts.ts'

const COMMIT = loadScript('commit-refunds')
const BEGIN = loadScript('begin-refund')
const TAKE = loadScript('take-due')
const MODE_LOG_KEPT = 200

export interface CommitRefunds {
  before: Ledger
  ledger: Ledger
  /** When somebody must look after it again; null: not at all. */
  lookAt: number | null
  /** The transaction to take for this order. */
  takes: string | null
  event: Record<string, unknown> | null
}

export interface BeginRefund {
  before: Ledger
  /** The ledger with this claim sending. */
  ledger: Ledger
  claim: Claim
  attempt: string
  orderRev: number
  defaultMode: RefundMode | ''
  isReleased: boolean
  /** Millionths in the limit's currency; null where it is another one. */
  counted: bigint | null
  hourlyLimit: bigint | null
  lostAfterMs: number
  /** Count of changes of the cases without an order that the plan was made from. */
  untiedVersion: string
  /** Until when it may go out; null: no deadline, or a person released it after the deadline. */
  respondBy: number | null
  event: Record<string, unknown> | null
}

export type BegunRefund = { go: true; at: number } | { go: false; why: BeginRefusal }
/** Why a refund may not go out now. */
export type BeginRefusal = 'changed' | 'off' | 'approval' | 'capped' | 'late'

/** The switch for refunds as it stands; `setBy` null: as configured. */
export interface ModeState {
  mode: RefundMode | null
  setAt: number | null
  setBy: string | null
}

interface KeptLedger {
  v?: number
  claims?: Record<string, unknown>[]
  report?: Record<string, unknown> | null
}

export type RefundStore = ReturnType<typeof createRefundStore>

/** Refunds of orders, the switch, and the hourly count, in Redis. */
export function createRefundStore(
  redis: Redis,
  options: { keys: Keys; commits?: Redis; defaultMode: RefundMode | undefined; clock?: () => number },
) {
  const { keys, clock, defaultMode, commits = redis } = options
  const now = () => (clock ? String(clock()) : '')

  /** One order's refunds; an empty ledger where there never was one. */
  async function read(orderId: string): Promise<Ledger> {
    const hash = await redis.hgetall(keys.refunds(orderId))
    const {
      v = 1,
      claims = [],
      report = null,
    } = hash.ledger === undefined ? {} : (JSON.parse(hash.ledger) as KeptLedger)
    if (v > RECORD_VERSION)
      throw new AppError(
        'newer-refunds',
        'these refunds were written by a newer version; only that version may continue them',
      )
    const attemptAt = Number(hash.attempt_at ?? 0)
    // The script that entered the sending knows when that was.
    const timed = upgradeClaims(claims).map(claim =>
      claim.state === 'sending' && claim.attempt === hash.attempt
        ? { ...claim, sendingAt: attemptAt, firstSentAt: claim.firstSentAt ?? attemptAt }
        : claim,
    )
    return {
      ...emptyLedger(orderId),
      claims: timed,
      report: upgradeReport(report),
      version: Number(hash.version ?? 0),
      cases: Number(hash.cases ?? 0),
    }
  }

  async function commit({
    before,
    ledger,
    lookAt,
    takes,
    event,
  }: CommitRefunds): Promise<'written' | 'changed' | 'owned'> {
    const { orderId } = before
    const all = [
      keys.refunds(orderId),
      keys.refundsDue,
      `${keys.refundOwner}${takes === null ? '' : digestOf(takes)}`,
      keys.timeline(orderId),
      keys.orderCases(orderId),
      keys.casesOpen,
    ]
    const eventText = event === null ? '' : JSON.stringify(event).slice(1, -1)
    const args = [
      now(),
      orderId,
      before.version,
      ledgerText(ledger),
      lookAt ?? '',
      takes === null ? '0' : '1',
      eventText,
      isTakenBack(before, ledger) ? '1' : '0',
    ]
    return (await runUntilAnswered(redis, COMMIT, all, args)) as 'written' | 'changed' | 'owned'
  }

  /** Leave to send a refund now; see `begin-refund.lua`. */
  async function begin(one: BeginRefund): Promise<BegunRefund> {
    const { before, claim } = one
    const { orderId } = before
    const all = [
      keys.refunds(orderId),
      keys.order(orderId),
      keys.refundMode,
      keys.refundHour,
      keys.refundsDue,
      keys.timeline(orderId),
      keys.untiedVersion,
    ]
    const args = [
      now(), orderId, `${before.version}.${before.cases}`, one.orderRev, one.attempt, ledgerText(one.ledger), one.defaultMode,
      one.isReleased ? '1' : '0', claim.key, one.counted?.toString() ?? '', one.hourlyLimit?.toString() ?? '', one.lostAfterMs,
      one.event === null ? '' : JSON.stringify(one.event).slice(1, -1), one.untiedVersion, one.respondBy ?? '',
    ] // prettier-ignore
    const reply = (await runUntilAnswered(commits, BEGIN, all, args)) as [string, string?]
    return reply[0] === 'go' ? { go: true, at: Number(reply[1]) } : { go: false, why: reply[0] as BeginRefusal }
  }

  const takeDue = (againMs: number, atMost: number): Promise<string[]> =>
    runScript(redis, TAKE, [keys.refundsDue], [now(), againMs, atMost]) as Promise<string[]>

  /** Puts an order among those whose refund is looked after, now. */
  const want = (orderId: string, at: number): Promise<unknown> => redis.zadd(keys.refundsDue, 'LT', at, orderId)
  /** Has every refund that is not finished looked after by the next sweep; answers how many. */
  const wakeAll = (): Promise<number> => makeAllDue(redis, keys.refundsDue)
  /** Every order whose refund is looked after. */
  const looked = (atMost: number): Promise<string[]> => redis.zrange(keys.refundsDue, '0', String(atMost - 1))

  /** True while a refund of the order is not final. */
  const isOpen = async (orderId: string): Promise<boolean> => openClaim(await read(orderId)) !== null

  /**
   * Takes everything out of an order's refunds but amounts and states: a refund is never made twice, forgotten or not. `networks`: of the
   * alerts that the order had.
   */
  async function forget(orderId: string, networks: readonly string[]): Promise<void> {
    for (;;) {
      const before = await read(orderId)
      if (before.version === 0) return
      const bare = { transaction: '', body: '', refundId: null, arn: null }
      const ledger = {
        ...before,
        claims: before.claims.map(claim => ({
          ...withoutWords(claim),
          ...bare,
          ...(isWatched(claim) && { networks }),
        })),
        report: null,
      }
      // What was written in between is taken out as well.
      if ((await commit({ before, ledger, lookAt: null, takes: null, event: null })) === 'written') return
    }
  }

  async function mode(): Promise<ModeState> {
    const hash = await redis.hgetall(keys.refundMode)
    return {
      mode: (hash.mode as RefundMode | undefined) ?? defaultMode ?? null,
      setAt: hash.at === undefined ? null : Number(hash.at),
      setBy: hash.by ?? null,
    }
  }

  /** Sets the switch for every process, at once; who did it is kept. */
  async function setMode(to: RefundMode, by: string, reason: string | null, at: number): Promise<void> {
    const from = (await mode()).mode
    await redis
      .multi()
      .hset(keys.refundMode, { mode: to, at: String(at), by })
      .lpush(keys.refundModeLog, JSON.stringify({ at, by, from, to, reason }))
      .ltrim(keys.refundModeLog, 0, MODE_LOG_KEPT - 1)
      .exec()
  }
  const modeLog = async (): Promise<
    { at: number; by: string; from: RefundMode | null; to: RefundMode; reason: string | null }[]
  > => (await redis.lrange(keys.refundModeLog, 0, -1)).map(text => JSON.parse(text) as never)

  return { read, commit, isOpen, forget, begin, takeDue, want, wakeAll, looked, mode, setMode, modeLog, defaultMode }
}

/** Ids of transactions stand in no key: what an order's erasure leaves behind must not tell them. */
const digestOf = (transaction: string) => createHash('sha256').update(transaction).digest('hex').slice(0, 32)

/** The time in which a success may be reported as failed is over. */
const isWatched = (claim: Claim): boolean => claim.state === 'confirmed' && claim.lookAt === null

/** A claim without the gateway's words about it. */
function withoutWords(claim: Claim): Claim {
  return 'reason' in claim && claim.reason !== null
    ? { ...claim, reason: { code: claim.reason.code, words: null } }
    : claim
}

/** True when a refund that was confirmed is one no more: its cases may have ended with it. */
const isTakenBack = (before: Ledger, after: Ledger) =>
  before.claims.some(
    ({ key, state }) =>
      state === 'confirmed' && after.claims.some(claim => claim.key === key && claim.state !== 'confirmed'),
  )
