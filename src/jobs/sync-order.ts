import { z } from 'zod'
import { fieldsNamedIn, partWithout, planPush, vitalPart, type Digest, type PushPlan } from '../domain/diff-order.ts'
import { judgeAnswer, type Verdict } from '../domain/judge-answer.ts'
import { maskWords } from '../domain/mask-words.ts'
import { newerPart } from '../domain/newer-part.ts'
import { payloadText } from '../domain/order-payload.ts'
import type { OrderRecord, PushState, Refusal } from '../domain/order.ts'
import { doubtEndsAt, doubtsAtBegin, endAttempt, liftableDoubts, type AttemptEnd } from '../domain/push-attempt.ts'
import type { RollbackTerms } from '../domain/account/account.ts'
import type { Access, OrderPlatform } from '../platforms/platform.ts'
import type { Commit, StartCommit } from '../redis/commits.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { BeginResult, GateTerms, PushStore } from '../store/push-store.ts'
import { again, done, later, type Job, type Outcome, type RunContext } from './job.ts'
import type { PlatformGate } from './platform-gate.ts'

/** What pushing an order needs; durations in milliseconds. */
export interface SyncOrderDeps {
  orders: Pick<OrderStore, 'read'>
  pushes: Pick<PushStore, 'beginPush' | 'endPush' | 'settle'>
  platform: OrderPlatform
  gate: PlatformGate
  gateTerms: GateTerms
  digest: Digest
  startCommit: StartCommit
  newAttemptId: () => string
  /** A clock that only ever rises. */
  monotonicMs: () => number
  /** Told of every call that was made and of what it came to. */
  onPush: (outcome: Verdict['next'], tookMs: number, orderId: string) => void
  pushTimeoutMs: number
  pushDoubtMs: number
  throttleMaxMs: number
  backoffMaxMs: number
  refusalRetryMs: number
  version: string
  dryRun: boolean
  /** What was rolled back, as this process knows it. */
  rollback: () => Promise<RollbackTerms | null>
  /** False when Redis went back since this process last looked; then it has looked again. */
  isRedisCurrent: () => Promise<boolean>
}

/** Makes the platform's record of one order equal ours: reads it, decides what differs, pushes that, records what came of it. */
export const syncOrder: Job<{ orderId: string }, SyncOrderDeps> = {
  name: 'sync-order',
  payload: z.object({ orderId: z.string().min(1) }),
  key: payload => payload.orderId,
  async run({ orderId }, deps, context) {
    const soFar: SoFar = { renewals: 0, refusal: null, refusedRev: null, cut: null }
    for (let call = 0; call < MAX_CALLS; call++) {
      const order = await deps.orders.read(orderId)
      if (order === null) return done('gone')
      // What was refused is not what stands there now.
      if (order.rev !== soFar.refusedRev) soFar.refusal = soFar.cut = null
      const plan = await planNow(order, deps, soFar)
      if (plan.do !== 'push') {
        const settled = await deps.pushes.settle(order, plan.do === 'held' ? 'held' : 'clean')
        return done(settled ? (plan.do === 'held' ? 'held' : 'nothing differs') : 'changed meanwhile')
      }
      if (plan.fields.length === 0) return done('held until the quarantine is released')
      if (deps.dryRun) return done(`dry run: would push ${plan.fields.join(', ')}`)
      const outcome = await push(order, plan, deps, context, soFar)
      if (outcome !== 'next') return outcome
    }
    return again('too-many-calls')
  },
}

/** A stale read, a renewed token, the rest of what was refused, its vital fields, and some of that again. */
const MAX_CALLS = 8
/** From asking to begin until the call goes out; any later and the lease could end before the call does. */
const SEND_WITHIN_MS = 1_000

type Pushable = Extract<PushPlan, { do: 'push' }>
/** What earlier calls of this run have taught. */
interface SoFar {
  renewals: number
  refusal: Omit<Refusal, 'at'> | null
  refusedRev: number | null
  /** What is pushed of the order once it was refused. */
  cut: Cut | null
}
type Cut = (plan: Pushable) => Pushable | null

/** Once the platform has refused the whole, a part of it is left to push. */
async function planNow(order: OrderRecord, deps: SyncOrderDeps, { cut }: SoFar): Promise<PushPlan> {
  const whole = planPush(order, deps.digest)
  const { isQuarantined, restoredAt } = (await deps.rollback()) ?? {}
  // What the platform has of a restored order may be newer than what was restored.
  const plan = whole.do === 'push' && isQuarantined === true ? newerPart(whole, order, restoredAt ?? 0) : whole
  return cut !== null && plan.do === 'push' ? (cut(plan) ?? plan) : plan
}

/**
 * What is pushed after a refusal: the rest without the fields that the platform's words name; when that is refused too, or the words name
 * none, the vital fields of an order that the platform knows already. Null: nothing more.
 */
function cutAfter({ cut }: SoFar, plan: Pushable, order: OrderRecord, words: string): Cut | null {
  const named = cut === null ? fieldsNamedIn(words, plan.fields) : []
  if (partWithout(plan, named) !== null) return part => partWithout(part, named)
  return cut !== vitalPart && wasAcknowledged(order) && vitalPart(plan) !== null ? vitalPart : null
}

async function push(
  order: OrderRecord,
  plan: Pushable,
  deps: SyncOrderDeps,
  context: RunContext,
  soFar: SoFar,
): Promise<Outcome | 'next'> {
  const entered = await deps.gate.enter()
  if ('outcome' in entered) return entered.outcome
  const { access } = entered
  const askedAt = deps.monotonicMs()
  const attemptId = deps.newAttemptId()
  const doubts = liftableDoubts(doubtsAtBegin(order.push, deps.pushDoubtMs), order)
  const commit = deps.startCommit()
  const begun = await deps.pushes.beginPush({
    order,
    attemptId,
    fields: plan.fields,
    doubts,
    leaseMs: deps.pushTimeoutMs + 2 * SEND_WITHIN_MS,
    platform: deps.platform.name,
    terms: deps.gateTerms,
  })
  if (!begun.go) return notBegun(begun, deps)

  const payload = payloadText(order, plan.fields, plan.texts)
  const answer = await send({ payload, orderId: order.orderId, commit }, access, askedAt, deps, context)
  const verdict = judgeAnswer(answer, deps.throttleMaxMs)
  const endedAt = begun.startedAt + Math.ceil(deps.monotonicMs() - askedAt)
  if (verdict.next === 'reject') {
    soFar.refusedRev = order.rev
    soFar.refusal ??= {
      status: verdict.status,
      words: maskWords(verdict.words, [JSON.parse(payload), access.token]),
      version: deps.version,
    }
  }
  const after = endAttempt(
    { ...order.push, doubts },
    { ...plan, startedAt: begun.startedAt, endedAt },
    endOf(verdict),
    deps.pushDoubtMs,
  )
  const nextCut = verdict.next === 'reject' ? cutAfter(soFar, plan, order, verdict.words) : null
  const recorded = deps.pushes.endPush({
    order,
    attemptId,
    acknowledged: verdict.next === 'accept' ? after.acknowledged : null,
    doubts: after.doubts,
    doubtEndsAt: doubtEndsAt(after.doubts),
    stands: standsAfter(verdict, soFar, nextCut !== null),
    lookAgainMs: deps.backoffMaxMs,
    refusal: soFar.refusal,
    refusalRetryMs: retryRefusedIn(after.doubts, begun.startedAt, endedAt, deps),
    event: eventOf(verdict, plan, deps.platform.name, context.attemptsMade + 1, soFar),
  })
  // What we ended ourselves says nothing of the platform.
  const ours = 'failure' in answer && (answer.failure === 'aborted' || answer.failure === 'withheld')
  // A gate with nothing to forget need not hear of a good answer: that keeps one call to Redis off every push.
  const quiet =
    !begun.gateMarked && (verdict.next === 'accept' || verdict.next === 'reject' || verdict.next === 'renew-token')
  const [stood] = await Promise.all([recorded, ours || quiet ? null : deps.gate.tell(verdict)])
  if (stood === 'superseded') return again('superseded')
  if (nextCut !== null) {
    soFar.cut = nextCut
    return 'next'
  }
  return verdict.next === 'renew-token' ? renewToken(access, deps, soFar) : deps.gate.outcomeOf(verdict)
}

async function notBegun(begun: Exclude<BeginResult, { go: true }>, deps: SyncOrderDeps): Promise<Outcome | 'next'> {
  if (begun.why === 'gone') return done('gone')
  if (begun.why === 'changed') return 'next'
  if (begun.why === 'rolled-back') {
    await deps.isRedisCurrent()
    return again('rolled-back')
  }
  if (begun.why === 'busy') return later(begun.ms, 'another attempt may be on the wire')
  return deps.gate.turnedAway(begun.cause, begun.ms)
}

async function send(
  { payload, orderId, commit }: { payload: string; orderId: string; commit: Commit },
  access: Access,
  askedAt: number,
  deps: SyncOrderDeps,
  { signal }: RunContext,
) {
  // A lease that a failover forgets would let another worker push beside us.
  const isKept = await commit().then(() => true, () => false) // prettier-ignore
  const sentAt = deps.monotonicMs()
  if (!isKept || sentAt - askedAt > SEND_WITHIN_MS || signal.aborted) return { failure: 'withheld' } as const
  const answer = await deps.platform.pushOrder(access, payload, {
    timeoutMs: deps.pushTimeoutMs,
    signal,
  })
  deps.onPush(judgeAnswer(answer, deps.throttleMaxMs).next, deps.monotonicMs() - sentAt, orderId)
  return answer
}

async function renewToken(access: Access, deps: SyncOrderDeps, soFar: SoFar): Promise<Outcome | 'next'> {
  const renewed = await deps.gate.renewOrDeny(access, soFar.renewals)
  soFar.renewals += 1
  return 'outcome' in renewed ? renewed.outcome : 'next'
}

const wasAcknowledged = (order: { push: Pick<PushState, 'acknowledged'> }) =>
  Object.keys(order.push.acknowledged).length > 0

function endOf(verdict: Verdict): AttemptEnd {
  if (verdict.next === 'accept') return 'accepted'
  return verdict.next === 'back-off' && verdict.doubt ? 'unanswered' : 'refused'
}

/** An order refused as a whole stays refused though a part of it was accepted. */
function standsAfter(verdict: Verdict, soFar: SoFar, goesOn: boolean): 'clean' | 'dirty' | 'rejected' {
  if (goesOn || (verdict.next !== 'accept' && verdict.next !== 'reject')) return 'dirty'
  return soFar.refusal === null ? 'clean' : 'rejected'
}

/**
 * A refused order is tried again daily, and once more at the end of its doubts where one ended after this call began: only then does the
 * platform's answer hold, which until then an older call may still overwrite.
 */
function retryRefusedIn(doubts: PushState['doubts'], startedAt: number, endedAt: number, deps: SyncOrderDeps): number {
  const doubtedUntil = doubtEndsAt(doubts) ?? 0
  if (doubtedUntil <= startedAt) return deps.refusalRetryMs
  return Math.min(deps.refusalRetryMs, Math.max(1, doubtedUntil - endedAt))
}

/** The timeline keeps 200 events, so of many failures in a row only the 1st, 2nd, 4th, 8th… are told. */
function eventOf(
  verdict: Verdict,
  plan: Pushable,
  platform: string,
  failures: number,
  soFar: SoFar,
): Record<string, unknown> | null {
  if (verdict.next === 'accept') return { what: 'pushed', platform, ...named(plan.fields) }
  if (verdict.next === 'reject')
    return { what: 'refused', platform, status: verdict.status, words: soFar.refusal?.words, ...named(plan.fields) }
  if (verdict.next === 'back-off' && (failures & (failures - 1)) === 0)
    return { what: 'failed', platform, code: verdict.code, failures }
  return null
}

/** The first twelve names and how many more: a timeline is read, and there are many of them. */
const named = (fields: readonly string[]) =>
  fields.length > 12 ? { fields: fields.slice(0, 12), more: fields.length - 12 } : { fields }
