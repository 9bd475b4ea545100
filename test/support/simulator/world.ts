import { createGateStore, type GateStore } from '../../../src/store/gate-store.ts'
import { keysOf, type Keys } from '../../../src/store/keys.ts'
import { createOrderStore, type OrderStore } from '../../../src/store/order-store.ts'
import { createPushStore, type PushStore } from '../../../src/store/push-store.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import { VirtualClock } from './clock.ts'
import { ModelJobs } from './model-jobs.ts'
import { ModelPlatform } from './model-platform.ts'
import { seededRandom, type Random } from './random.ts'
import type { Told } from './reference-merge.ts'
import { Rules } from './rules.ts'
import { Trace } from './trace.ts'
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
const EPOCH_MS = 1_769_000_000_000
const TRACE_KEPT = 80

/** Everything there is in one schedule: the real stores in a namespace of their own, and models of all around them. */
export class World extends Trace {
  readonly epochMs = EPOCH_MS
  readonly terms = TERMS
  readonly platformName = 'model'
  readonly random: Random
  readonly keys: Keys
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
  readonly #told = new Map<string, Told[]>()
  readonly #forgotten = new Set<string>()

  constructor(redis: Redis, namespace: string, seed: number) {
    super(new VirtualClock(EPOCH_MS + 60_000), { startedAt: EPOCH_MS, kept: TRACE_KEPT })
    this.redis = redis
    this.random = seededRandom(seed)
    this.keys = keysOf(namespace)
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
}
