import { probePlatform } from '../../../src/jobs/probe-platform.ts'
import { createPlatformGate } from '../../../src/jobs/platform-gate.ts'
import { sweepOrders } from '../../../src/jobs/sweep-orders.ts'
import { SENT_FIELDS } from '../../../src/domain/order-fields.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import { drawChange } from './draw-change.ts'
import { ModelWorker } from './model-worker.ts'
import type { Told } from './reference-merge.ts'
import { SWEEP_MS, World } from './world.ts'

const WORKERS = 3
const ROUNDS_TO_REST = 60

/** One schedule: what happens next is drawn from its seed, step by step. */
export class Schedule {
  readonly world: World
  readonly orderIds: readonly string[]
  readonly #workers: ModelWorker[]
  readonly #refusals: boolean

  constructor(redis: Redis, namespace: string, seed: number) {
    this.world = new World(redis, namespace, seed)
    const { random } = this.world
    this.orderIds = random.chance(0.7) ? ['one'] : ['one', 'two']
    this.#refusals = random.chance(0.4)
    this.#workers = Array.from({ length: WORKERS }, (_, i) => new ModelWorker(`w${i + 1}`, this.world))
  }

  /** The time of faults: `steps` steps of whatever may happen. */
  async stir(steps: number): Promise<void> {
    const { world } = this
    for (let step = 0; step < steps; step++) {
      world.clock.pass(world.random.int(120))
      await this.#step()
      world.check()
    }
  }

  async #step(): Promise<void> {
    const { random, turns, clock } = this.world
    const did = random.weighted({
      turn: turns.drawable ? 24 : 0, start: 5, tell: 3.5, repeat: 0.6, pass: 0.8, stall: 0.5, wake: 0.5, die: 0.4, hangUp: 0.3, sweep: 0.5,
      probe: 0.5, lockLost: 0.4, revoke: 0.25, doubt: 0.1, forget: 0.06,
    }) // prettier-ignore
    switch (did) {
      case 'turn':
        return this.world.note(await turns.next())
      case 'start':
        return this.#start(false)
      case 'lockLost':
        return this.#start(true)
      case 'tell':
        return this.tell(this.#draw(random.pick(this.orderIds)))
      case 'repeat':
        return this.#repeat()
      case 'pass':
        return clock.pass(random.pick([1_000, 3_000, 8_000, 30_000]))
      case 'stall':
      case 'wake':
        return this.#stall(did === 'stall')
      case 'die':
      case 'hangUp':
        return this.#interrupt(did)
      case 'sweep':
        return this.#sweep()
      case 'probe':
        return this.#probe()
      case 'revoke':
        return this.world.platform.revokeTokens()
      case 'doubt':
        return this.#doubtAll()
      case 'forget':
        return this.forget(random.pick(this.orderIds))
    }
  }

  #draw(orderId: string): Told {
    const { random, epochMs } = this.world
    return drawChange(random, { orderId, told: this.world.told(orderId), epochMs }, this.#refusals)
  }

  /** Tells a change as a hook would: merged, once or twice, and its job added, unless the process dies in between. */
  async tell(told: Told): Promise<void> {
    const { orders, jobs, random, clock } = this.world
    const { orderId } = told.change
    const ahead = random.chance(0.02) && this.world.platform.faultsOn
    const change = ahead ? { ...told.change, occurredAt: clock.now + 300_001 } : told.change
    let merged = await orders.merge(change, told.origin, 1_000)
    if (random.chance(0.1)) merged = await orders.merge(change, told.origin, 1_000)
    this.world.note(`told ${orderId} ${JSON.stringify(change.values)} → ${JSON.stringify(merged)}`)
    if ('refused' in merged !== (ahead || this.world.isForgotten(orderId)))
      this.world.fail(`${orderId}: a change was ${'refused' in merged ? 'refused' : 'taken in'}`)
    if ('refused' in merged) return
    this.world.told(orderId).push(told)
    if (merged.wake && !(this.world.platform.faultsOn && random.chance(0.1))) jobs.add(orderId)
  }

  async #repeat(): Promise<void> {
    const told = this.world.told(this.world.random.pick(this.orderIds))
    if (told.length > 0 && !this.world.isForgotten(told[0]!.change.orderId))
      await this.tell(this.world.random.pick(told))
  }

  #start(lockLost: boolean): void {
    const { jobs, random } = this.world
    const idle = this.#workers.filter(worker => worker.run === null)
    const orderIds = jobs.takeable(lockLost)
    if (idle.length === 0 || orderIds.length === 0) return
    const orderId = random.pick(orderIds)
    const worker = random.pick(idle)
    this.world.note(`${worker.name} takes up ${orderId}`)
    worker.start(orderId, jobs.start(orderId), outcome => {
      this.world.note(`${worker.name} is through: ${JSON.stringify(outcome)}`)
      jobs.finish(orderId, outcome)
    })
  }

  #stall(stalled: boolean): void {
    const { run } = this.world.random.pick(this.#workers)
    if (run) run.stalled = stalled
  }

  #interrupt(how: 'die' | 'hangUp'): void {
    const worker = this.world.random.pick(this.#workers)
    if (worker.run === null) return
    this.world.note(`${worker.name}: ${how}`)
    if (how === 'hangUp') return worker.hangUp()
    const { orderId } = worker.run
    worker.die()
    this.world.jobs.abandon(orderId)
  }

  async #sweep(): Promise<void> {
    const { pushes, jobs } = this.world
    const wantSync = async (ids: readonly string[]) => ids.forEach(id => jobs.add(id))
    await sweepOrders.run({}, { pushes, wantSync, sweepMs: SWEEP_MS, version: '1', pushesOrders: true }, noContext)
  }

  async #probe(): Promise<void> {
    const { world } = this
    const { gates, terms, wakeWorkers } = world
    const renew = async () => {
      const issued = world.platform.issueToken(world.tokenGeneration + 1)
      if ('access' in issued) world.tokenGeneration += 1
      return issued
    }
    const platform = {
      name: world.platformName,
      access: async () => null,
      renew,
      dropAccess: () => {},
      pushOrder: never,
    }
    const { deniedProbeMs } = terms
    const gate = createPlatformGate({
      gate: gates,
      platform,
      deniedProbeMs,
      onGateOpened: wakeWorkers,
      onGateShut: () => {},
    })
    await probePlatform.run({}, { probed: [{ service: platform, gate, wakeWorkers }], gates, deniedProbeMs }, noContext)
  }

  /** What is done after Redis lost writes. */
  async #doubtAll(): Promise<void> {
    const { pushes, clock, terms, jobs } = this.world
    const all = { sinceMs: 0, untilMs: clock.now + terms.pushDoubtMs, fields: SENT_FIELDS }
    await pushes.doubtChangedSince(all, async ids => ids.forEach(id => jobs.add(id)))
  }

  async forget(orderId: string): Promise<void> {
    await this.world.orders.forget(orderId)
    this.world.forgotten(orderId)
    this.world.note(`forgot ${orderId}`)
  }

  /** No more faults: everybody wakes, and everything is swept, probed and pushed until there is nothing left to do. */
  async rest(): Promise<void> {
    const { world } = this
    world.platform.faultsOn = false
    for (const worker of this.#workers) if (worker.run) worker.run.stalled = false
    for (let round = 0; round < ROUNDS_TO_REST; round++) {
      await this.#probe()
      await this.#sweep()
      await this.#work()
      if (await this.#atRest()) return
      world.clock.passTo(Math.max(world.clock.now + 5 * SWEEP_MS, world.jobs.nextAt() ?? 0))
    }
    world.fail('it never came to rest')
    world.check()
  }

  /** Works until no job can be taken up now. */
  async #work(): Promise<void> {
    const { world } = this
    for (let step = 0; step < 2_000; step++) {
      world.check()
      world.clock.pass(1)
      if (world.jobs.takeable(false).length > 0 && world.random.chance(0.3)) this.#start(false)
      else if (world.turns.drawable) world.note(await world.turns.next())
      else if (world.jobs.takeable(false).length > 0) this.#start(false)
      else return
    }
    world.fail('work never ended')
    world.check()
  }

  async #atRest(): Promise<boolean> {
    const { redis, keys, jobs, clock, terms } = this.world
    if (jobs.nextAt() !== null || clock.pending) return false
    const soon = String(clock.now + 2 * terms.pushDoubtMs)
    const left = [redis.zcard(keys.dirty), redis.zcard(keys.due), redis.zcount(keys.rejected, '-inf', soon)]
    return (await Promise.all(left)).every(count => count === 0)
  }
}

const noContext = { attemptsMade: 0, signal: new AbortController().signal }
const never = () => Promise.reject(new Error('a probe pushes nothing'))
