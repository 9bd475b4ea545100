import type { AlertFacts } from '../../../src/domain/alert/facts.ts'
import type { Answer } from '../../../src/domain/judge-answer.ts'
import type { VirtualClock } from '../simulator/clock.ts'
import type { Random } from '../simulator/random.ts'
import { drawFate, type Fate } from './draw-fate.ts'
import { DURATIONS } from './draw-terms.ts'

/** A resolution on the wire, or over. */
export interface PlatformCall {
  guid: string
  body: string
  endsAt: number
  /** False: it surely never arrived. */
  mayArrive: boolean
  answer: () => Answer
}

/** An answer as it was accepted. */
export interface Accepted {
  body: string
  at: number
}

/**
 * A dispute platform in memory: tells what it knows when asked, and takes each alert's answer once. `refusesSecond`: another answer is
 * refused; else it is taken and changes nothing.
 */
export class ModelPlatform {
  /** What it knows of each alert, chargeback and order by guid. */
  readonly facts = new Map<string, AlertFacts>()
  readonly accepted = new Map<string, Accepted>()
  /** Alerts whose answer it never takes. */
  readonly closed = new Set<string>()
  readonly faultShare: number
  faultsOn = true
  calls = 0
  readonly #refusesSecond: boolean
  readonly #random: Random
  readonly #clock: VirtualClock

  constructor(random: Random, clock: VirtualClock, { refusesSecond }: { refusesSecond: boolean }) {
    this.#random = random
    this.#clock = clock
    this.#refusesSecond = refusesSecond
    this.faultShare = random.pick([0, 0.2, 0.4, 0.7])
  }

  #fate = () => drawFate(this.#random, this.faultsOn ? this.faultShare : 0)

  resolve(guid: string, body: string): PlatformCall {
    const { now } = this.#clock
    const fate = this.#fate()
    const endsAt = now + (fate.how === 'timeout' ? DURATIONS.pushTimeoutMs : 20 + this.#random.int(900))
    let status = 500
    this.calls += 1
    if (fate.effect !== 'never') {
      const lateMs = fate.effect === 'late' ? this.#random.int(120_000) : 0
      const at = lateMs > 0 ? endsAt + lateMs : now + this.#random.int(endsAt - now)
      this.#clock.at(at, () => (status = this.#take(guid, body)))
    }
    const mayArrive = fate.how !== 'unsent' && fate.how !== 'throttled'
    return { guid, body, endsAt, mayArrive, answer: () => answerOf(fate, () => status) }
  }

  #take(guid: string, body: string): number {
    if (this.closed.has(guid)) return 400
    const before = this.accepted.get(guid)
    if (before === undefined) this.accepted.set(guid, { body, at: this.#clock.now })
    return before === undefined || before.body === body || !this.#refusesSecond ? 200 : 400
  }

  /** What a GET tells now, and how long that takes. */
  read(guid: string): { answer: Answer; value?: { guid: string; facts: AlertFacts }; endsAt: number } {
    const fate = this.#fate()
    const endsAt = this.#clock.now + (fate.how === 'timeout' ? DURATIONS.pushTimeoutMs : 20 + this.#random.int(900))
    const facts = this.facts.get(guid)
    const isMissing = facts === undefined || (this.faultsOn && this.#random.chance(0.03))
    const answer = answerOf(fate, () => (isMissing ? 404 : 200))
    const isRead = 'status' in answer && answer.status === 200
    return { answer, ...(isRead && { value: { guid, facts: { ...facts } } }), endsAt }
  }
}

const coded = (status: number, retryAfterMs: number | null = null): Answer => ({
  status,
  words: `no ${status}`,
  retryAfterMs,
})

function answerOf({ how }: Fate, status: () => number): Answer {
  switch (how) {
    case 'answered':
      return coded(status())
    case 'http-503':
      return coded(503)
    case 'throttled':
      return coded(429, 1_000)
    default:
      return { failure: how }
  }
}
