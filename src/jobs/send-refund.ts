import { millionths } from '../domain/basics/money.ts'
import { foldSend, withClaim, type Claim, type SendResult } from '../domain/refund/ledger.ts'
import type { RefundView } from '../domain/refund/plan.ts'
import type { RefundGateway } from '../gateways/gateway.ts'
import { again, done } from './job.ts'
import { eventOf, lookAtOf, moneyIn, tell, writeClaim, type Run, type Step } from './refund-run.ts'

/** From entering the sending until the call goes out. */
const SEND_WITHIN_MS = 2_000

/** Enters the sending, sends once, and records what came of it. */
export async function send(run: Run, view: RefundView, ready: Claim): Promise<Step> {
  const { deps, gateway } = run
  const { refunds: terms } = deps.caseTerms
  const attempt = deps.newAttemptId()
  const sending: Claim = { ...ready, state: 'sending', attempt, sendingAt: null, sends: ready.sends + 1, lookAt: null }
  const isCounted = terms.limitCurrency === ready.currency
  const askedAt = deps.monotonicMs()
  const begun = await deps.refunds.begin({
    before: view.ledger,
    ledger: withClaim(view.ledger, ready.key, sending),
    claim: ready,
    attempt,
    orderRev: view.order?.rev ?? -1,
    defaultMode: deps.refunds.defaultMode ?? '',
    isReleased: ready.approvedBy !== null,
    counted: isCounted ? millionths(ready.amount) : null,
    hourlyLimit: terms.hourlyLimit === null ? null : millionths(terms.hourlyLimit),
    lostAfterMs: deps.caseTerms.refundLeaseMs,
    event:
      ready.sends === 0
        ? { what: 'refund-sent', ...moneyIn(ready), for: ready.wantedBy, approved_by: ready.approvedBy }
        : null,
  })
  if (!begun.go) return notBegun(run, view, ready, begun.why)
  run.hasWritten = true
  const result = await sendOnce(run, ready, gateway, askedAt)
  return recordSend(run, attempt, result)
}

function notBegun(
  run: Run,
  view: RefundView,
  ready: Claim,
  why: 'changed' | 'off' | 'approval' | 'capped',
): Promise<Step> | Step {
  if (why === 'off') return done('refunds-off')
  if (why === 'capped') return writeClaim(run, view, { ...ready, held: 'hourly-limit' })
  return 'next'
}

async function sendOnce(
  { deps, context }: Run,
  ready: Claim,
  gateway: RefundGateway,
  askedAt: number,
): Promise<SendResult> {
  try {
    await deps.durable()
  } catch {
    return { said: 'not-taken', why: 'not-durable' }
  }
  const sentAt = deps.monotonicMs()
  // Too late, the sending may count as lost already, and somebody else be looking it up.
  if (sentAt - askedAt > SEND_WITHIN_MS || context.signal.aborted) return { said: 'not-taken', why: 'withheld' }
  const answer = await gateway.refund(
    { body: ready.body, key: ready.key },
    { timeoutMs: deps.refundTimeoutMs, signal: context.signal },
  )
  deps.onRefundCall(answer.said === 'refund' ? answer.refund.status : answer.said, deps.monotonicMs() - sentAt)
  const isNothingLeft = answer.said === 'refused' && answer.kind === 'look-again' && answer.code !== 'amount_too_large'
  return isNothingLeft ? { said: 'already-refunded' } : answer
}

/** Only the attempt that stands in the ledger may write; whatever else was written meanwhile stays. */
async function recordSend(run: Run, attempt: string, result: SendResult): Promise<Step> {
  const { deps, orderId } = run
  run.isReportFresh = false
  for (;;) {
    const [before, now] = [await deps.refunds.read(orderId), await deps.redisNow()]
    const sent = before.claims.find(one => one.attempt === attempt)
    if (sent === undefined || sent.state !== 'sending') return again('superseded')
    const after = foldSend(sent, result, now, deps.refundLookupsMs)
    const ledger = withClaim(before, sent.key, after)
    const written = await deps.refunds.commit({
      before,
      ledger,
      lookAt: lookAtOf(ledger, now, deps),
      takes: null,
      event: eventOf(sent, after),
    })
    if (written === 'changed') continue
    tell(deps, sent, after)
    // What was surely not taken is tried again with a pause.
    return result.said === 'not-taken' ? again(result.why) : 'next'
  }
}
