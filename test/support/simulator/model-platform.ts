import type { Answer } from '../../../src/domain/judge-answer.ts'
import type { Admission } from '../../../src/platforms/platform.ts'
import type { VirtualClock } from './clock.ts'
import { REFUSED_EMAIL } from './draw-change.ts'
import type { Random } from './random.ts'
import type { Shown } from './reference-merge.ts'

export interface PlatformTerms {
  timeoutMs: number
  doubtMs: number
  /** Whether `fulfillment` is replaced as a whole or part by part: the vendor's text does not say. */
  replacesFulfillment: boolean
  /** Of all calls, how many fail in one way or another. */
  faultShare: number
}

export interface Call {
  orderId: string
  /** Until then the call is on the wire. */
  endsAt: number
  answer: Answer
  /** From then on it can no longer take effect. */
  deadAt: number
}

/** How a call that fails goes: what is answered, and whether and when it takes effect all the same. */
interface Fate {
  answer: Answer
  durationMs: number
  commit: 'never' | 'on-the-wire' | 'late'
}

const status = (code: number, retryAfterMs: number | null = null): Answer => ({
  status: code,
  words: `no ${code}`,
  retryAfterMs,
})

/** A platform in memory that upserts partial updates, and fails in every way a call can. */
export class ModelPlatform {
  readonly records = new Map<string, Shown>()
  readonly #open = new Set<Call>()
  readonly #valid = new Set<number>([1])
  /** Calls that were ever sent. */
  sent = 0
  faultsOn = true
  readonly #random: Random
  readonly #clock: VirtualClock
  readonly #terms: PlatformTerms

  constructor(random: Random, clock: VirtualClock, terms: PlatformTerms) {
    this.#random = random
    this.#clock = clock
    this.#terms = terms
  }

  openCalls(orderId: string): number {
    return [...this.#open].filter(call => call.orderId === orderId).length
  }

  revokeTokens(): void {
    this.#valid.clear()
  }

  /** A new token of the given generation, or why there is none. */
  issueToken(generation: number): Admission {
    const fault = this.#faulty()
      ? this.#random.pick(['down', 'down', 'throttled', 'refused'] as const)
      : ('none' as const)
    if (fault === 'down') return { verdict: { next: 'back-off', code: 'http-503', doubt: true } }
    if (fault === 'throttled') return { verdict: { next: 'wait', ms: 1_000 } }
    if (fault === 'refused') return { verdict: { next: 'stop', cause: 'credentials-refused' } }
    this.#valid.add(generation)
    return { access: { token: `token-${generation}`, generation } }
  }

  /** Puts a call on the wire; what it comes to is settled now and happens in its time. */
  send(orderId: string, generation: number, payload: Shown): Call {
    const { now } = this.#clock
    const fate = this.#fateOf(generation, payload)
    const call: Call = { orderId, endsAt: now + fate.durationMs, answer: fate.answer, deadAt: Infinity }
    this.sent += 1
    const unsent = 'failure' in fate.answer && fate.answer.failure === 'unsent'
    if (!unsent) this.#open.add(call)
    this.#clock.at(call.endsAt, () => this.#open.delete(call))
    if (fate.commit !== 'never' && !refuses(payload)) {
      const lateMs = fate.commit === 'late' ? 1 + this.#random.int(this.#terms.doubtMs - 1) : 0
      const at = lateMs > 0 ? call.endsAt + lateMs : now + this.#random.int(fate.durationMs + 1)
      this.#clock.at(at, () => at < call.deadAt && this.#commit(orderId, payload))
    }
    return call
  }

  /** The caller hangs up; what was to take effect still does, within the doubt. */
  hangUp(call: Call): void {
    if (call.endsAt <= this.#clock.now) return
    this.#open.delete(call)
    call.deadAt = this.#clock.now + this.#terms.doubtMs
    call.endsAt = this.#clock.now
    call.answer = { failure: 'aborted' }
  }

  #faulty = () => this.faultsOn && this.#random.chance(this.#terms.faultShare)

  #fateOf(generation: number, payload: Shown): Fate {
    const quick = 10 + this.#random.int(400)
    if (this.#faulty()) return this.#failure(quick)
    if (!this.#valid.has(generation)) return { answer: status(401), durationMs: quick, commit: 'never' }
    return refuses(payload)
      ? { answer: status(422), durationMs: quick, commit: 'never' }
      : { answer: status(200), durationMs: quick, commit: 'on-the-wire' }
  }

  #failure(quick: number): Fate {
    const kind = this.#random.weighted({ answered: 5, refused: 1, throttled: 1, forbidden: 0.5, redirected: 0.2, timeout: 3, lost: 3, unsent: 1 }) // prettier-ignore
    const commit = this.#random.pick(['never', 'on-the-wire', 'late'] as const)
    switch (kind) {
      case 'answered':
        return { answer: status(this.#random.pick([500, 502, 503, 504, 408])), durationMs: quick, commit }
      case 'refused':
        return { answer: status(this.#random.pick([400, 404, 412, 422])), durationMs: quick, commit: 'never' }
      case 'throttled':
        return {
          answer: status(429, this.#random.pick([null, 500, 100_000])),
          durationMs: quick,
          commit: 'never',
        }
      case 'forbidden':
        return { answer: status(403), durationMs: quick, commit: 'never' }
      case 'redirected':
        return { answer: status(302), durationMs: quick, commit: 'never' }
      case 'timeout':
        return { answer: { failure: 'timeout' }, durationMs: this.#terms.timeoutMs, commit }
      case 'lost':
        return { answer: { failure: 'lost' }, durationMs: quick, commit }
      case 'unsent':
        return { answer: { failure: 'unsent' }, durationMs: quick, commit: 'never' }
    }
  }

  #commit(orderId: string, payload: Shown): void {
    const record = { ...this.records.get(orderId) }
    const { fulfillment, ...fields } = payload
    if (fulfillment !== undefined && this.#terms.replacesFulfillment) {
      delete record.shipments
      delete record.proof_of_service
    }
    for (const [field, value] of Object.entries({ ...fields, ...(fulfillment as Shown | undefined) })) {
      if (field === 'order_id') continue
      if (value === null || (field === 'notes' && (value as unknown[]).length === 0)) delete record[field]
      else record[field] = value
    }
    this.records.set(orderId, record)
  }
}

const refuses = (payload: Shown): boolean => payload.email_address === REFUSED_EMAIL
