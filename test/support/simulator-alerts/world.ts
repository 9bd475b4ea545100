import type { Change } from '../../../src/domain/change.ts'
import type { CaseTerms } from '../../../src/domain/case/view.ts'
import type { RefundMode } from '../../../src/domain/refund/plan.ts'
import type { Origin } from '../../../src/domain/register.ts'
import type { Redis } from '../../../src/redis.ts'
import { createAlarmOutbox, type AlarmOutbox } from '../../../src/store/alarm-outbox.ts'
import { createCaseStore, type CaseStore } from '../../../src/store/case-store.ts'
import { keysOf, type Keys } from '../../../src/store/keys.ts'
import { createOrderStore, type OrderStore } from '../../../src/store/order-store.ts'
import { createRefundStore, type RefundStore } from '../../../src/store/refund-store.ts'
import { VirtualClock } from '../simulator/clock.ts'
import { ModelJobs } from '../simulator/model-jobs.ts'
import { seededRandom, type Random } from '../simulator/random.ts'
import type { Told } from '../simulator/reference-merge.ts'
import { Trace } from '../simulator/trace.ts'
import { Turns } from '../simulator/turns.ts'
import { drawMatters, type Matter } from './draw-alerts.ts'
import { DURATIONS, drawTerms } from './draw-terms.ts'
import { ModelCrm } from './model-crm.ts'
import { ModelGateway } from './model-gateway.ts'
import { ModelMidigator } from './model-midigator.ts'
import { FreshReads } from './fresh-reads.ts'
import { Rules } from './rules.ts'

const EPOCH_MS = 1_769_000_000_000
const TRACE_KEPT = 140

/** Everything there is in one schedule: the real stores in a namespace of their own, and models of all around them. */
export class World extends Trace {
  readonly epochMs = EPOCH_MS
  readonly random: Random
  readonly keys: Keys
  readonly turns: Turns
  readonly jobs: ModelJobs
  readonly gateway: ModelGateway
  readonly midigator: ModelMidigator
  readonly crm: ModelCrm
  readonly matters: Matter[]
  readonly rules: Rules
  readonly terms: CaseTerms
  readonly orders: OrderStore
  readonly cases: CaseStore
  readonly refunds: RefundStore
  readonly alarms: AlarmOutbox
  readonly redis: Redis
  readonly reads = new FreshReads()
  /** How the switch stands. */
  mode: RefundMode
  /** How often Redis has lost what it had. */
  losses = 0
  /** Writes and effects that changed anything. */
  changes = 0
  faultsOn = true
  readonly #told = new Map<string, Told[]>()

  constructor(redis: Redis, namespace: string, seed: number) {
    super(new VirtualClock(EPOCH_MS), { startedAt: EPOCH_MS, kept: TRACE_KEPT })
    this.redis = redis
    this.random = seededRandom(seed)
    this.keys = keysOf(namespace)
    const { random, keys, clock } = this
    this.turns = new Turns(random, show)
    this.jobs = new ModelJobs(random, clock)
    this.gateway = new ModelGateway(random, clock)
    this.midigator = new ModelMidigator(random, clock)
    this.crm = new ModelCrm(random, clock, this.gateway)
    this.matters = drawMatters(random, this.crm.orders, clock.now)
    for (const { guid, kind, facts } of this.matters) {
      this.midigator.facts.set(guid, facts)
      if (kind === 'alert' && random.chance(0.04)) this.midigator.closed.add(guid)
    }
    this.terms = drawTerms(random)
    this.mode = random.weighted({ auto: 7, approve: 2, off: 1 })
    const now = () => clock.now
    this.orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: DURATIONS.sweepMs, clock: now })
    this.cases = createCaseStore(redis, { keys, clock: now })
    this.refunds = createRefundStore(redis, { keys, defaultMode: this.mode, clock: now })
    this.alarms = createAlarmOutbox(redis, { keys, clock: now })
    this.rules = new Rules(this)
  }

  matter = (caseId: string): Matter => this.matters.find(({ id }) => id === caseId)!
  told(orderId: string): Told[] {
    const known = this.#told.get(orderId)
    if (known) return known
    const fresh: Told[] = []
    this.#told.set(orderId, fresh)
    return fresh
  }

  /** Remembers what orders were told; answers how to go back to it. */
  keepTold(): () => void {
    const kept = [...this.#told].map(([id, told]) => [id, [...told]] as const)
    return () => {
      this.#told.clear()
      for (const [id, told] of kept) this.#told.set(id, [...told])
    }
  }

  /** Merges a change into its order; whoever tells it. */
  async merge(change: Change, origin: Origin): Promise<Awaited<ReturnType<OrderStore['merge']>>> {
    const merged = await this.orders.merge(change, origin, 0)
    this.reads.wrote('orders')
    if ('refused' in merged) this.fail(`a change was refused: ${merged.refused}`)
    else {
      this.changes += 1
      this.rules.revised(change.orderId, merged.rev)
      this.told(change.orderId).push({ change, origin })
    }
    return merged
  }

  /** Wants a job; now and then it is lost. */
  want(kind: string, id: string): void {
    if (this.faultsOn && this.random.chance(0.08)) return
    this.jobs.add(`${kind}|${id}`)
  }
}

/** Whole cases and orders are too much for a trace, and too slow to write out. */
const show = (answer: unknown): string =>
  typeof answer === 'object' && answer !== null && ('log' in answer || 'registers' in answer || Array.isArray(answer))
    ? '…'
    : (JSON.stringify(answer) ?? '')
