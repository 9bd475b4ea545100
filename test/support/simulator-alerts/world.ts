import type { Change } from '../../../src/domain/change.ts'
import type { CaseTerms } from '../../../src/domain/case/view.ts'
import type { RefundMode } from '../../../src/domain/account/account.ts'
import type { RollbackTerms } from '../../../src/domain/account/account.ts'
import type { Origin } from '../../../src/domain/register.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import { createAlarmOutbox, type AlarmOutbox } from '../../../src/store/alarm-outbox.ts'
import { createCaseStore, type CaseStore } from '../../../src/store/case-store.ts'
import { keysOf, type Keys } from '../../../src/store/keys.ts'
import { createOrderStore, type OrderStore } from '../../../src/store/order-store.ts'
import { createRefundStore, type RefundStore } from '../../../src/store/refund-store.ts'
import { VirtualClock } from '../simulator/clock.ts'
import { ModelJobs } from '../simulator/model-jobs.ts'
import { seededRandom, type Random } from '../simulator/random.ts'
import { Trace } from '../simulator/trace.ts'
import { Turns } from '../simulator/turns.ts'
import { Behaviours, type Choice } from './behaviours.ts'
import { drawMatters, type Matter } from './draw-alerts.ts'
import { drawSales } from './draw-sales.ts'
import { DURATIONS, drawTerms } from './draw-terms.ts'
import { ModelCrm } from './model-crm.ts'
import { ModelGateway } from './model-gateway.ts'
import { ModelPlatform } from './model-platform.ts'
import { FreshReads } from './fresh-reads.ts'
import { Rules } from './rules.ts'
import type { Sale } from './sales.ts'

const EPOCH_MS = 1_769_000_000_000
const HOUR_MS = 3_600_000
const TRACE_KEPT = Number(process.env.SIM_TRACE_LINES ?? 140)

/** What names a schedule: where it runs, its seed, and which behaviours it may have. */
export interface Named {
  namespace: string
  seed: number
  choice?: Choice
}

/** Everything there is in one schedule: the real stores in a namespace of their own, and models of all around them. */
export class World extends Trace {
  readonly epochMs = EPOCH_MS
  readonly namespace: string
  readonly random: Random
  readonly behaviours: Behaviours
  readonly keys: Keys
  readonly turns: Turns
  readonly jobs: ModelJobs
  readonly gateway: ModelGateway
  readonly platforms: Readonly<Record<Matter['platform'], ModelPlatform>>
  readonly crm: ModelCrm
  readonly sales: readonly Sale[]
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
  /** What was rolled back, and whether every process has noticed. */
  rollback: RollbackTerms | null = null
  isRedisCurrent: () => Promise<boolean> = async () => true
  /** Writes and effects that changed anything. */
  changes = 0
  faultsOn = true
  /** Since when every order of the shop is said to be in the store. */
  readonly completeSince: number
  /** Sales of which anything was told, by their transactions. */
  #told = new Set<string>()

  constructor(redis: Redis, { namespace, seed, choice = {} }: Named) {
    super(new VirtualClock(EPOCH_MS), { startedAt: EPOCH_MS, kept: TRACE_KEPT })
    this.redis = redis
    this.namespace = namespace
    this.random = seededRandom(seed)
    this.behaviours = new Behaviours(seed, choice)
    this.keys = keysOf(namespace)
    const { random, behaviours, keys, clock } = this
    this.turns = new Turns(random, show)
    this.jobs = new ModelJobs(random, clock)
    this.sales = drawSales(random, behaviours, clock.now)
    const { sales } = this
    this.gateway = new ModelGateway(random, clock, { behaviours, sales })
    const midigator = new ModelPlatform(random, clock, { refusesSecond: true })
    this.platforms = { midigator, chargebackhit: new ModelPlatform(random, clock, { refusesSecond: false }) }
    this.crm = new ModelCrm(random, clock, { gateway: this.gateway, behaviours, sales })
    this.matters = drawMatters({ random, behaviours }, sales, clock.now)
    for (const { guid, kind, facts, platform } of this.matters) {
      if (facts !== null) this.platforms[platform].facts.set(guid, facts)
      if (kind === 'alert' && random.chance(0.04)) this.platforms[platform].closed.add(guid)
    }
    this.terms = drawTerms(random)
    this.completeSince = clock.now - (behaviours.has('store-incomplete') ? HOUR_MS : 400 * 24 * HOUR_MS)
    this.mode = random.weighted({ auto: 7, approve: 2, off: 1 })
    const now = () => clock.now
    this.orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: DURATIONS.sweepMs, clock: now })
    this.cases = createCaseStore(redis, { keys, clock: now })
    this.refunds = createRefundStore(redis, { keys, defaultMode: this.mode, clock: now })
    this.alarms = createAlarmOutbox(redis, { keys, clock: now })
    this.rules = new Rules(this)
  }

  matter = (caseId: string): Matter => this.matters.find(({ id }) => id === caseId)!
  /** The ids of the orders that any sale is part of. */
  get orderIds(): string[] {
    return [...new Set(this.sales.map(({ orderId }) => orderId))]
  }

  /** Sales that the order store has heard of. */
  get toldSales(): ReadonlySet<string> {
    return new Set(this.#told)
  }
  isVisible = ({ transaction }: Sale): boolean => this.#told.has(transaction)

  /** Remembers what orders were told; answers how to go back to it. */
  keepTold(): () => void {
    const kept = new Set(this.#told)
    return () => void (this.#told = new Set(kept))
  }

  /** Merges a change into its order; whoever tells it. */
  async merge(change: Change, origin: Origin): Promise<Awaited<ReturnType<OrderStore['merge']>>> {
    const merged = await this.orders.merge(change, origin, 0)
    this.reads.wrote('orders')
    if ('refused' in merged) this.fail(`a change was refused: ${merged.refused}`)
    else {
      this.changes += 1
      this.rules.revised(change.orderId, merged.rev)
      const { transaction_id: transaction } = change.values
      if (typeof transaction === 'string') this.#told.add(transaction)
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
