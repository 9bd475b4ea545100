import { millionths } from '../domain/basics/money.ts'
import { baseOf, withClaim, type Claim, type ClaimIn } from '../domain/refund/ledger.ts'
import { foldSend, type SendResult } from '../domain/refund/fold-claim.ts'
import type { Commit } from '../redis/commits.ts'
import type { BeginRefusal } from '../store/refund-store.ts'
import { again, done } from './job.ts'
import { eventOf, moneyIn, nextLookAt, report, writeClaim, type Run, type RunView, type Step } from './refund-run.ts'

/** From entering the sending until the call goes out. */
const SEND_WITHIN_MS = 2_000

/** Enters the sending, sends once, and records what came of it. */
export async function send(run: Run, view: RunView, ready: ClaimIn<'claimed'>): Promise<Step> {
  const { deps } = run
  const { refunds: terms } = deps.caseTerms
  const attempt = deps.newAttemptId()
  const sending: Claim = { ...baseOf(ready), state: 'sending', attempt, sendingAt: null, sends: ready.sends + 1 }
  const isCounted = terms.limitCurrency === ready.currency
  const isReleasedSince = ready.approvedAt !== null && ready.respondBy !== null && ready.approvedAt >= ready.respondBy
  const askedAt = deps.monotonicMs()
  const commit = deps.startCommit()
  const begun = await deps.refunds.begin({
    before: view.ledger,
    ledger: withClaim(view.ledger, sending),
    claim: ready,
    attempt,
    orderRev: view.order?.rev ?? -1,
    defaultMode: deps.refunds.defaultMode ?? '',
    isReleased: ready.approvedBy !== null,
    counted: isCounted ? millionths(ready.amount) : null,
    hourlyLimit: terms.hourlyLimit === null ? null : millionths(terms.hourlyLimit),
    lostAfterMs: deps.caseTerms.refundLeaseMs,
    untiedVersion: view.untiedVersion,
    respondBy: isReleasedSince ? null : ready.respondBy,
    event:
      ready.sends === 0
        ? { what: 'refund-sent', ...moneyIn(ready), for: ready.wantedBy, approved_by: ready.approvedBy }
        : null,
  })
  if (!begun.go) return notBegun(run, view, ready, begun.why)
  const result = await sendOnce(run, ready, askedAt, commit)
  return recordSend(run, attempt, result)
}

async function notBegun(run: Run, view: RunView, ready: ClaimIn<'claimed'>, why: BeginRefusal): Promise<Step> {
  if (why === 'off') return { outcome: done('refunds-off') }
  if (why === 'capped') return writeClaim(run, view, { ...ready, held: 'hourly-limit' })
  return { next: true, isFresh: false }
}

async function sendOnce(
  { deps, context, gateway, orderId }: Run,
  ready: Claim,
  askedAt: number,
  commit: Commit,
): Promise<SendResult> {
  try {
    await commit()
  } catch {
    return { said: 'not-taken', why: 'not-durable' }
  }
  // What the plan was made from may be older than what was sent.
  if (!(await deps.isRedisCurrent())) return { said: 'not-taken', why: 'rolled-back' }
  const sentAt = deps.monotonicMs()
  // Too late, the sending may count as lost already, and another process be looking it up.
  if (sentAt - askedAt > SEND_WITHIN_MS || context.signal.aborted) return { said: 'not-taken', why: 'withheld' }
  const answer = await gateway.refund(
    { body: ready.body, key: ready.key },
    { timeoutMs: deps.refundTimeoutMs, signal: context.signal },
  )
  const outcome = answer.said === 'refund' ? answer.refund.status : answer.said
  deps.onRefundCall(outcome, deps.monotonicMs() - sentAt, ready, orderId)
  return answer
}

/** Only the attempt that is in the ledger may write; whatever else was written meanwhile stays. */
async function recordSend({ deps, orderId }: Run, attempt: string, result: SendResult): Promise<Step> {
  for (;;) {
    const [before, now] = [await deps.refunds.read(orderId), await deps.redisNow()]
    const sent = before.claims.find(one => one.state === 'sending' && one.attempt === attempt)
    if (sent?.state !== 'sending') return { outcome: again('superseded'), wrote: true }
    const after = foldSend(sent, result, now, deps.refundLookupsMs)
    // What the gateway refused for another account than we took it for is read again.
    const isStale = after.state === 'dropped'
    const ledger = { ...withClaim(before, after), ...(isStale && { report: null }) }
    const lookAt = nextLookAt(ledger, now, deps)
    const written = await deps.refunds.commit({ before, ledger, lookAt, takes: null, event: eventOf(sent, after) })
    if (written === 'changed') continue
    report({ deps, orderId }, sent, after)
    // What was surely not taken is tried again with a pause.
    if (result.said === 'not-taken') return { outcome: again(result.why), wrote: true }
    return { next: true, isFresh: false, wrote: true }
  }
}
