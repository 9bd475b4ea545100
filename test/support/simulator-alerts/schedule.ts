import { eventKey } from '../../../src/domain/alert/event.ts'
import type { RefundMode } from '../../../src/domain/account/account.ts'
import { shortDigest } from '../../../src/deps-alerts.ts'
import { sweepCases } from '../../../src/jobs/sweep-cases.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import type { Matter, Planned } from './draw-alerts.ts'
import { CrmNews } from './crm-news.ts'
import { DURATIONS } from './draw-terms.ts'
import { ModelWorker } from './model-worker.ts'
import type { WantedDecision } from '../../../src/ops/permit-decision.ts'
import { drawWish, say } from './person.ts'
import { takeSnapshot, type Snapshot } from './snapshot.ts'
import { World, type Named } from './world.ts'

const WORKERS = 3
const MINUTE_MS = 60_000
const LOST_AT_MOST_MS = 1_500

/** One schedule: what happens next is drawn from its seed, step by step. */
export class Schedule {
  readonly world: World
  readonly #workers: ModelWorker[]
  readonly crm: CrmNews
  readonly #sent: { matter: Matter; planned: Planned }[] = []

  #snapshot: Snapshot | null = null
  #isCanaryDue = false
  readonly #losesWrites: boolean

  constructor(redis: Redis, named: Named) {
    this.world = new World(redis, named)
    this.crm = new CrmNews(this.world)
    this.#losesWrites = this.world.random.chance(0.12)
    this.#workers = Array.from({ length: WORKERS }, (_, i) => new ModelWorker(`w${i + 1}`, this.world))
  }

  /** The time of faults: `steps` steps of whatever may happen. */
  async stir(steps: number): Promise<void> {
    const { world } = this
    // Most alerts are about orders that were known long before.
    for (const sale of world.sales) if (sale.delivery !== 'whenever') await this.crm.sellEarlier(sale)
    const isRefused = world.gateway.traits.refusal !== null
    for (const sale of world.sales)
      if (world.random.chance(0.12) && !isRefused) await this.crm.refundEarlier(sale, null)
    if (world.behaviours.has('crm-refunded-to-date-per-refund') && world.sales[0]!.stage === 'settled')
      for (const change of world.crm.refundByParts(world.sales[0]!)) await this.crm.tell(change)
    if (world.behaviours.has('gateway-refuses-after-part-refund')) await this.crm.refundEarlier(world.sales[0]!, 500)
    for (let step = 0; step < steps; step++) {
      world.clock.pass(world.random.int(120))
      await this.#step()
      world.check()
    }
  }

  async #step(): Promise<void> {
    const { random, turns, clock, losses, behaviours } = this.world
    const passes = behaviours.has('time-passes-deadlines')
    const isCareless = behaviours.has('person-careless')
    // What is lost matters most while a refund is on its way.
    const isTempting = this.#losesWrites && this.#workers.some(({ run }) => run?.job.startsWith('refund'))
    const did = random.weighted({
      turn: turns.drawable ? 40 : 0, start: 6, event: 2, repeat: 0.3, crm: 1.8, pass: 1.2, jump: passes ? 0.6 : 0, stall: 0.5, wake: 0.5, die: 0.4,
      hangUp: 0.2, sweep: 0.6, deadlines: 0.3, person: losses > 0 || isCareless ? 3 : 0.8, mode: passes ? 0.3 : 0.12, lockLost: 0.8, snapshot: isTempting ? 4 : 0, rollback: this.#snapshot ? 5 : 0,
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
        if (this.#sent.length > 0) return this.#repeat()
        return
      case 'crm':
        return this.crm.next()
      case 'pass':
        return clock.pass(random.pick([1_000, 6_000, 31_000, 5 * MINUTE_MS]))
      case 'jump':
        behaviours.meet('time-passes-deadlines')
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
        return this.person()
      case 'mode':
        return this.setMode(random.weighted({ auto: 5, approve: 2, off: 2 }))
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
    const ready = matter.events.filter(({ after }) => after === undefined || this.#hasMoved(matter))
    if (ready.length === 0) return
    const planned = random.pick(ready)
    matter.events.splice(matter.events.indexOf(planned), 1)
    await this.send({ matter, planned })
  }

  async #repeat(): Promise<void> {
    await this.send(this.world.random.pick(this.#sent))
  }

  /** Money was moved for it, or it was answered. */
  #hasMoved({ platform, guid }: Matter): boolean {
    const { gateway, platforms } = this.world
    return gateway.booked.some(({ by }) => by === 'us') || platforms[platform].accepted.has(guid)
  }

  /** Takes an event in as the hook does. */
  async send({ matter, planned }: { matter: Matter; planned: Planned }): Promise<void> {
    const { cases, platforms, rules, reads, behaviours } = this.world
    const { event, after } = planned
    // The platform may match before its event of that comes, or is lost.
    const isMatch = event.type.endsWith('-match')
    if (matter.facts !== null && (isMatch || (!isLate(matter) && this.world.random.chance(0.3))))
      platforms[matter.platform].facts.set(matter.guid, matter.matched)
    const corrects = after === undefined ? 'platform-corrects-before-money' : 'platform-corrects-after-money'
    if (isMatch && matter.sale?.id === 'A' && behaviours.has(corrects)) behaviours.meet(corrects)
    const slot = `hook:${shortDigest(eventKey(event))}`
    const added = await cases.addEvent(matter.platform, matter.kind, slot, event, {})
    reads.wrote(`cases ${matter.id}`, 'cases of', 'sets')
    rules.seen(added.id, event)
    this.#sent.push({ matter, planned })
    this.world.note(`event ${event.type} ${matter.guid} ${JSON.stringify(event.facts)} new ${added.isNew}`)
    this.world.want('decide', added.id)
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

  /** A step of whoever has work, and no more than that. */
  async workOn(): Promise<void> {
    const { turns, random, clock } = this.world
    clock.pass(1)
    if (turns.drawable && random.chance(0.8)) this.world.note(await turns.next())
    else await this.start(false)
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

  /** A person looks at some case, and decides about it or not. */
  async person(): Promise<void> {
    const { rules, random } = this.world
    const records = [...rules.records.values()]
    const record = records.length === 0 ? undefined : random.pick(records)
    const wish = record && drawWish(this.world, record)
    if (record && wish) await this.say(record.id, wish)
  }

  /** A person says something of a case; false when there is no process free to take it. */
  async say(caseId: string, wish: WantedDecision): Promise<boolean> {
    const worker = this.#workers.find(({ run }) => run === null)
    if (worker === undefined) return false
    this.world.note(`${worker.name}: a person says ${JSON.stringify(wish)} of ${caseId}`)
    worker.carryOut(
      `person|${caseId}`,
      () => {},
      () => say(this.world, worker.deps, caseId, wish),
    )
    await firstCommandGiven()
    return true
  }

  async setMode(mode: RefundMode): Promise<void> {
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
    const isUnseen = world.orderIds.some(id => world.gateway.lastEffectAt(id) >= world.clock.now)
    if (isOld || (isUnseen && !world.gateway.traits.keepsKeys)) return
    world.note('Redis goes back')
    await snapshot.restore()
    world.losses += 1
    world.gateway.epoch += 1
    this.#isCanaryDue = true
    world.isRedisCurrent = async () => {
      await this.#canary()
      return false
    }
    for (const worker of this.#workers) {
      if (worker.run === null || world.random.chance(0.5)) continue
      const { job } = worker.run
      worker.die()
      if (!job.startsWith('person')) world.jobs.abandon(job)
    }
  }

  /** What is done after Redis lost writes, by the first process that notices. */
  async #canary(): Promise<void> {
    const { world } = this
    this.#isCanaryDue = false
    world.isRedisCurrent = async () => true
    world.rollback = { at: world.clock.now, restoredAt: null, isQuarantined: false }
    await world.cases.wakeAll()
    await world.refunds.wakeAll()
  }

  /** What comes once everything seems to be over: a CRM that errs, a platform that corrects itself; false: nothing. */
  async newsLater(): Promise<boolean> {
    const { world } = this
    const change = world.crm.errLate()
    if (change !== null) await this.crm.tell(change)
    const ready = world.matters.flatMap(matter =>
      matter.events
        .filter(({ after }) => after !== undefined && this.#hasMoved(matter))
        .map(planned => ({ matter, planned })),
    )
    for (const one of ready) {
      one.matter.events.splice(one.matter.events.indexOf(one.planned), 1)
      await this.send(one)
    }
    return change !== null || ready.length > 0
  }

  /** No more faults, and nothing is held back any more. */
  async endFaults(): Promise<void> {
    const { world } = this
    world.faultsOn = world.gateway.faultsOn = false
    for (const platform of Object.values(world.platforms)) platform.faultsOn = false
    if (this.#isCanaryDue) await this.#canary()
    await this.crm.flush()
    for (const worker of this.#workers) if (worker.run) worker.run.stalled = false
  }
}

/** A platform that is to correct itself later does not match before. */
const isLate = ({ events }: Matter): boolean => events.some(({ after }) => after !== undefined)

/** A run's code goes as far as its first command. */
const firstCommandGiven = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const noContext = { attemptsMade: 0, signal: new AbortController().signal }
