import { eventKey, type AlertEvent } from '../../../src/domain/alert/event.ts'
import type { Change } from '../../../src/domain/change.ts'
import type { RefundMode } from '../../../src/domain/refund/plan.ts'
import { shortDigest } from '../../../src/deps-alerts.ts'
import { sweepCases } from '../../../src/jobs/sweep-cases.ts'
import type { Redis } from '../../../src/redis.ts'
import type { Matter } from './draw-alerts.ts'
import { DURATIONS } from './draw-terms.ts'
import { ModelWorker } from './model-worker.ts'
import { drawWord, say, type Word } from './person.ts'
import { takeSnapshot, type Snapshot } from './snapshot.ts'
import { World } from './world.ts'

const WORKERS = 3
const CRM = { name: 'crm', rank: 10 }
const MINUTE_MS = 60_000
const LOST_AT_MOST_MS = 1_500

/** One schedule: what happens next is drawn from its seed, step by step. */
export class Schedule {
  readonly world: World
  readonly #workers: ModelWorker[]
  /** Changes the CRM has not sent yet. */
  readonly #late: Change[] = []
  readonly #sent: { matter: Matter; event: AlertEvent }[] = []

  #snapshot: Snapshot | null = null
  #isCanaryDue = false
  readonly #losesWrites: boolean

  constructor(redis: Redis, namespace: string, seed: number) {
    this.world = new World(redis, namespace, seed)
    this.#losesWrites = this.world.random.chance(0.12)
    this.#workers = Array.from({ length: WORKERS }, (_, i) => new ModelWorker(`w${i + 1}`, this.world))
  }

  /** The time of faults: `steps` steps of whatever may happen. */
  async stir(steps: number): Promise<void> {
    const { world } = this
    // Most alerts are about orders that were known long before.
    for (const order of world.crm.orders) if (world.random.chance(0.7)) await this.#tell(world.crm.next(order)!)
    for (let step = 0; step < steps; step++) {
      world.clock.pass(world.random.int(120))
      await this.#step()
      world.check()
    }
  }

  async #step(): Promise<void> {
    const { random, turns, clock, losses } = this.world
    // What is lost matters most while a refund is on its way.
    const isTempting = this.#losesWrites && this.#workers.some(({ run }) => run?.job.startsWith('refund'))
    const did = random.weighted({
      turn: turns.drawable ? 40 : 0, start: 6, event: 2, repeat: 0.3, crm: 1.8, pass: 1.2, jump: 0.3, stall: 0.5, wake: 0.5, die: 0.4,
      hangUp: 0.2, sweep: 0.6, deadlines: 0.3, person: losses > 0 ? 3 : 0.8, mode: 0.12, lockLost: 0.8, takeBack: 0.2, snapshot: isTempting ? 4 : 0, rollback: this.#snapshot ? 5 : 0,
      canary: this.#isCanaryDue ? 8 : 0,
    }) // prettier-ignore
    switch (did) {
      case 'turn':
        return this.world.note(await turns.next())
      case 'start':
        return this.start(false)
      case 'lockLost':
        return this.start(true)
      case 'event':
        return this.#event()
      case 'repeat':
        if (this.#sent.length > 0) return this.#send(random.pick(this.#sent))
        return
      case 'crm':
        return this.#crm()
      case 'pass':
        return clock.pass(random.pick([1_000, 6_000, 31_000, 5 * MINUTE_MS]))
      case 'jump':
        return clock.pass(random.pick([30, 240, 720, 1_440]) * MINUTE_MS)
      case 'stall':
      case 'wake':
        return this.#stall(did === 'stall')
      case 'die':
      case 'hangUp':
        return this.#interrupt(did)
      case 'sweep':
        return this.sweep()
      case 'deadlines':
        return this.world.jobs.add('deadlines|all')
      case 'person':
        return this.#person()
      case 'mode':
        return this.#setMode(random.weighted({ auto: 5, approve: 2, off: 2 }))
      case 'takeBack':
        return this.#takeBack()
      case 'snapshot':
        this.#snapshot = await takeSnapshot(this.world)
        return
      case 'rollback':
        return this.#rollBack()
      case 'canary':
        return this.#canary()
    }
  }

  async #event(): Promise<void> {
    const { matters, random } = this.world
    const matter = random.pick(matters)
    if (matter.events.length === 0) return
    const [event] = matter.events.splice(random.int(matter.events.length), 1)
    await this.#send({ matter, event: event! })
  }

  /** Takes an event in as the hook does. */
  async #send({ matter, event }: { matter: Matter; event: AlertEvent }): Promise<void> {
    const { cases, midigator, rules, reads } = this.world
    // The platform may match before its event of that comes, or is lost.
    if (event.type === 'alert-match' || this.world.random.chance(0.3)) midigator.facts.set(matter.guid, matter.matched)
    const added = await cases.addEvent('midigator', matter.kind, `hook:${shortDigest(eventKey(event))}`, event, {})
    reads.wrote(`cases ${matter.id}`)
    rules.seen(added.id, event)
    this.#sent.push({ matter, event })
    this.world.note(`event ${event.type} ${matter.guid} ${JSON.stringify(event.facts)} new ${added.isNew}`)
    this.world.want('decide', added.id)
  }

  async #crm(): Promise<void> {
    const { crm, random } = this.world
    if (this.#late.length > 0 && random.chance(0.5))
      return this.#tell(this.#late.splice(random.int(this.#late.length), 1)[0]!)
    const order = random.pick(crm.orders)
    const change = crm.next(order)
    if (change === null) return
    // What was given back past the gateway nobody else can tell of: the CRM tells of it at once.
    if (random.chance(0.2) && order.external.length === 0) this.#late.push(change)
    else await this.#tell(change)
  }

  /** Tells a change as a hook would; the cases of its order are looked at. */
  async #tell(change: Change): Promise<void> {
    const { world } = this
    const merged = await world.merge(change, CRM)
    world.note(`told ${change.orderId} ${JSON.stringify(change.values)}`)
    if ('refused' in merged || !merged.hasCases) return
    // A hook is answered only once its jobs are in, and is sent again until then.
    for (const id of await world.redis.smembers(world.keys.orderCases(change.orderId))) world.jobs.add(`decide|${id}`)
  }

  /** An idle worker takes up a job; one that runs already where a lock was lost. */
  async start(lockLost: boolean): Promise<void> {
    const { jobs, random } = this.world
    const idle = this.#workers.filter(worker => worker.run === null)
    const takeable = jobs.takeable(lockLost)
    if (idle.length === 0 || takeable.length === 0) return
    const job = random.pick(takeable)
    const worker = random.pick(idle)
    this.world.note(`${worker.name} takes up ${job}`)
    worker.start(job, jobs.start(job), outcome => {
      this.world.note(`${worker.name} is through: ${JSON.stringify(outcome)}`)
      jobs.finish(job, outcome)
    })
    await firstCommandGiven()
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
    const { job } = worker.run
    worker.die()
    if (!job.startsWith('person')) this.world.jobs.abandon(job)
  }

  /** Finds what is due and has no job. */
  async sweep(): Promise<void> {
    const { cases, refunds, jobs } = this.world
    const wants = {
      decide: async (ids: readonly string[]) => ids.forEach(id => jobs.add(`decide|${id}`)),
      refund: async (id: string) => jobs.add(`refund|${id}`),
      alarm: async () => {},
    }
    await sweepCases.run(
      {},
      { cases, refunds, alarmOutbox: { takeDue: async () => [] }, wants, sweepMs: DURATIONS.sweepMs },
      noContext,
    )
  }

  async #person(): Promise<void> {
    const { rules, random } = this.world
    const records = [...rules.records.values()]
    const record = records.length === 0 ? undefined : random.pick(records)
    const word = record && drawWord(this.world, record)
    if (record && word) await this.say(record.id, word)
  }

  /** A person says something of a case; false when there is no process free to take it. */
  async say(caseId: string, word: Word): Promise<boolean> {
    const worker = this.#workers.find(({ run }) => run === null)
    if (worker === undefined) return false
    this.world.note(`${worker.name}: a person says ${word} of ${caseId}`)
    worker.carryOut(
      `person|${caseId}`,
      () => {},
      () => say(this.world, worker.deps, caseId, word),
    )
    await firstCommandGiven()
    return true
  }

  async #setMode(mode: RefundMode): Promise<void> {
    const { refunds, clock } = this.world
    await refunds.setMode(mode, 'finance', null, clock.now)
    this.world.reads.wrote('mode')
    this.world.mode = mode
    this.world.note(`refunds ${mode}`)
  }

  /** Redis loses what it was told in the last second or so. */
  async #rollBack(): Promise<void> {
    const { world } = this
    const snapshot = this.#snapshot!
    this.#snapshot = null
    const isOld = world.clock.now - snapshot.at > LOST_AT_MOST_MS
    // A call that may still take effect unseen is beyond every care, unless the gateway knows its key again.
    const isUnseen = world.crm.orders.some(({ id }) => world.gateway.lastEffectAt(id) >= world.clock.now)
    if (isOld || (isUnseen && !world.gateway.traits.keepsKeys)) return
    world.note('Redis goes back')
    await snapshot.restore()
    world.losses += 1
    world.gateway.epoch += 1
    this.#isCanaryDue = true
    for (const worker of this.#workers) {
      if (worker.run === null || world.random.chance(0.5)) continue
      const { job } = worker.run
      worker.die()
      if (!job.startsWith('person')) world.jobs.abandon(job)
    }
  }

  /** What is done after Redis lost writes. */
  async #canary(): Promise<void> {
    this.#isCanaryDue = false
    if (this.world.mode === 'auto') await this.#setMode('approve')
  }

  #takeBack(): void {
    const { gateway, random } = this.world
    const done = gateway.booked.filter(({ status, by }) => status === 'succeeded' && by === 'us')
    if (done.length > 0) gateway.takeBack(random.pick(done))
  }

  /** No more faults, and nothing is held back any more. */
  async endFaults(): Promise<void> {
    const { world } = this
    world.faultsOn = world.gateway.faultsOn = world.midigator.faultsOn = false
    if (this.#isCanaryDue) await this.#canary()
    for (const change of this.#late.splice(0)) await this.#tell(change)
    for (const worker of this.#workers) if (worker.run) worker.run.stalled = false
  }
}

/** A run's code goes as far as its first command. */
const firstCommandGiven = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const noContext = { attemptsMade: 0, signal: new AbortController().signal }
