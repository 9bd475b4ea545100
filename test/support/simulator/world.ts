import { createGateStore, type GateStore } from '../../../src/store/gate-store.ts'
import { keysOf, type Keys } from '../../../src/store/keys.ts'
import { createOrderStore, type OrderStore } from '../../../src/store/order-store.ts'
import { createPushStore, type PushStore } from '../../../src/store/push-store.ts'
import type { Redis } from '../../../src/redis.ts'
import { VirtualClock } from './clock.ts'
import { ModelJobs } from './model-jobs.ts'
import { ModelPlatform } from './model-platform.ts'
import { seededRandom, type Random } from './random.ts'
import type { Told } from './reference-merge.ts'
import { Rules } from './rules.ts'
import { Turns } from './turns.ts'

/** Every duration of a schedule, in milliseconds; small beside a day, in the proportions of the defaults. */
const TERMS = {
  pushTimeoutMs: 5_000,
  pushDoubtMs: 20_000,
  throttleMaxMs: 3_000,
  backoffMaxMs: 4_000,
  refusalRetryMs: 86_400_000,
  deniedProbeMs: 2_000,
}
export const SWEEP_MS = 3_000
const CLOCK_AHEAD_MAX_MS = 300_000
const TRACE_KEPT = 80

/** The end of a schedule that broke a rule. */
export class Breach extends Error {}

/** Everything there is in one schedule: the real stores in a namespace of their own, and models of all around them. */
export class World {
  readonly epochMs = 1_769_000_000_000
  readonly terms = TERMS
  readonly platformName = 'model'
  readonly random: Random
  readonly keys: Keys
  readonly clock: VirtualClock
  readonly turns: Turns
  readonly jobs: ModelJobs
  readonly platform: ModelPlatform
  readonly rules: Rules
  readonly orders: OrderStore
  readonly pushes: PushStore
  readonly gates: GateStore
  readonly redis: Redis
  /** The token that all processes share; each renewal raises it. */
  tokenGeneration = 1
  breach: string | null = null
  readonly #told = new Map<string, Told[]>()
  readonly #forgotten = new Set<string>()
  #trace: string[] = []

  constructor(redis: Redis, namespace: string, seed: number) {
    this.redis = redis
    this.random = seededRandom(seed)
    this.keys = keysOf(namespace)
    this.clock = new VirtualClock(this.epochMs + 60_000)
    const { random, keys, clock } = this
    this.turns = new Turns(random)
    this.jobs = new ModelJobs(random, clock)
    this.platform = new ModelPlatform(random, clock, {
      timeoutMs: TERMS.pushTimeoutMs,
      doubtMs: TERMS.pushDoubtMs,
      replacesFulfillment: random.chance(0.5),
      faultShare: random.pick([0, 0.2, 0.4, 0.7]),
    })
    this.rules = new Rules(this)
    const now = () => clock.now
    this.orders = createOrderStore(redis, {
      keys,
      clockAheadMaxMs: CLOCK_AHEAD_MAX_MS,
      sweepMs: SWEEP_MS,
      clock: now,
    })
    this.pushes = createPushStore(redis, { keys, sweepMs: SWEEP_MS, clock: now })
    const rate = random.chance(0.2) ? { max: 2, durationMs: 1_000 } : null
    this.gates = createGateStore(redis, {
      keys,
      terms: { breakerFailures: 3, breakerProbeMs: 1_500, rate },
      clock: now,
    })
  }

  readonly wakeWorkers = async (): Promise<void> => this.jobs.wakeAll()

  /** The changes of one order that were taken in. */
  told(orderId: string): Told[] {
    const known = this.#told.get(orderId)
    if (known) return known
    const fresh: Told[] = []
    this.#told.set(orderId, fresh)
    return fresh
  }

  forgotten(orderId: string): void {
    this.#forgotten.add(orderId)
  }
  isForgotten = (orderId: string): boolean => this.#forgotten.has(orderId)

  note(line: string): void {
    this.#trace.push(`${this.clock.now - this.epochMs} ${line}`)
    if (this.#trace.length > 2 * TRACE_KEPT) this.#trace = this.#trace.slice(-TRACE_KEPT)
  }

  /** Remembers the first breach; whoever takes the next step stops there. */
  fail(what: string): void {
    this.breach ??= `${what}\n  ${this.#trace.slice(-TRACE_KEPT).join('\n  ')}`
  }

  check(): void {
    if (this.breach !== null) throw new Breach(this.breach)
  }
}
