import type { AnswerBody } from './chargebackhit-answer-body.ts'
import type { AlertOutcome } from './chargebackhit-wire.ts'

const ATTEMPTS_KEPT = 100

/** Where an answer came: in the response to the webhook, or later by the API. */
export type AnsweredBy = 'webhook' | 'update'

/** The answer that stands. Times are milliseconds since 1970. */
export interface FinalAnswer {
  outcome: AlertOutcome
  order_id: string | null
  by: AnsweredBy
  at: number
}

/**
 * One try to answer. `accepted`: it stands, or is the first `pending`. `repeated`: the same once more. `conflict`: another
 * than that which stands. `late`: after the deadline. `refused`: not valid, or repeated where that is refused. `lost`: a fault
 * kept it from being looked at. `text` is the body as it was sent.
 */
export interface AnswerAttempt {
  by: AnsweredBy
  text: string
  result: 'accepted' | 'repeated' | 'conflict' | 'late' | 'refused' | 'lost'
  at: number
}

/** What was answered to one alert: the first final answer stands, `pending` before it may be followed by one. */
export class Answers {
  final: FinalAnswer | null = null
  pendingAt: number | null = null
  /** How often the final answer was accepted, the first time included. */
  acceptedTimes = 0
  attempted = 0
  conflicted = 0
  /** An inquiry that was delivered and had no valid answer in time. */
  missed = false
  /** Milliseconds since 1970; null where the vendor sets none. */
  readonly deadlineAt: number | null
  readonly #timedByDelivery: boolean
  #finalText = ''
  readonly #attempts: AnswerAttempt[] = []

  /** `timedByDelivery`: the webhook's answer is in time when its delivery was, whenever the alert was published. */
  constructor(deadlineAt: number | null, timedByDelivery: boolean) {
    this.deadlineAt = deadlineAt
    this.#timedByDelivery = timedByDelivery
  }

  /** What the alert shows as its outcome: empty until something was answered. */
  get outcome(): AlertOutcome | '' {
    return this.final?.outcome ?? (this.pendingAt === null ? '' : 'pending')
  }

  /** Notes a try as lost, until it is said how it ended. */
  attempt(by: AnsweredBy, text: string): AnswerAttempt {
    const attempt: AnswerAttempt = { by, text, result: 'lost', at: Date.now() }
    this.attempted++
    this.#attempts.push(attempt)
    if (this.#attempts.length > ATTEMPTS_KEPT) this.#attempts.shift()
    return attempt
  }

  /** What would become of an answer now. Changes nothing. */
  judge({ outcome }: AnswerBody, { by, text }: AnswerAttempt): 'accepted' | 'repeated' | 'conflict' | 'late' {
    if (this.final) {
      if (this.final.by !== by) return 'conflict'
      const same = by === 'update' ? text === this.#finalText : outcome === this.final.outcome
      return same ? 'repeated' : 'conflict'
    }
    const timed = !(this.#timedByDelivery && by === 'webhook')
    if (timed && this.deadlineAt !== null && Date.now() > this.deadlineAt) return 'late'
    // Pending stands already: nothing is told by saying so again.
    if (outcome === 'pending' && this.pendingAt !== null) return by === 'webhook' ? 'repeated' : 'conflict'
    return 'accepted'
  }

  /** Takes an answer: it stands if it is the first final one and in time. */
  take(body: AnswerBody, attempt: AnswerAttempt): void {
    const result = this.judge(body, attempt)
    this.end(attempt, result)
    if (this.final && result === 'repeated') this.acceptedTimes++
    if (result !== 'accepted') return
    if (body.outcome === 'pending') this.pendingAt = Date.now()
    else this.#stand(body, attempt)
  }

  /** Says how a try ended that was not taken. */
  end(attempt: AnswerAttempt, result: AnswerAttempt['result']): void {
    attempt.result = result
    if (result === 'conflict') this.conflicted++
  }

  #stand({ outcome, order }: AnswerBody, { by, text }: AnswerAttempt): void {
    this.final = { outcome, order_id: order?.order_id ?? null, by, at: Date.now() }
    this.#finalText = text
    this.acceptedTimes = 1
  }

  shown() {
    const attempts = this.#attempts.map(attempt => ({ ...attempt }))
    const { final, outcome, pendingAt, deadlineAt, missed, acceptedTimes, attempted, conflicted } = this
    return {
      final: final && { ...final },
      outcome,
      pendingAt,
      deadlineAt,
      missed,
      acceptedTimes,
      attempted,
      conflicted,
      attempts,
    }
  }
}
