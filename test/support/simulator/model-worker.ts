import type { Outcome } from '../../../src/jobs/job.ts'
import { createPlatformGate } from '../../../src/jobs/platform-gate.ts'
import { syncOrder, type SyncOrderDeps } from '../../../src/jobs/sync-order.ts'
import type { Access, OrderPlatform } from '../../../src/platforms/platform.ts'
import { digestText } from '../../../src/store/digest.ts'
import type { Call } from './model-platform.ts'
import type { Shown } from './reference-merge.ts'
import type { Taker } from './turns.ts'
import type { World } from './world.ts'

/** One run of the job `sync-order` in one process. */
export interface Run extends Taker {
  orderId: string
  /** What the run last read of the order: its rev, whether it was ever sent, and how many changes had been told by then. */
  read: { rev: number; told: number; sent: boolean } | null
  call: Call | null
  abort: AbortController
}

/** A process with one worker: the real job over the real stores, each of whose commands waits for its turn. */
export class ModelWorker {
  readonly name: string
  run: Run | null = null
  readonly #world: World
  #knownToken: number | null = null
  #attempts = 0
  readonly #deps: SyncOrderDeps

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.#deps = this.#createDeps()
  }

  /** Takes up a job; `onEnd` is told what it came to, unless the process dies first. */
  start(orderId: string, attemptsMade: number, onEnd: (outcome: Outcome) => void): void {
    const run: Run = { orderId, stalled: false, read: null, call: null, abort: new AbortController() }
    this.run = run
    void this.#carryOut(run, attemptsMade, onEnd)
  }

  async #carryOut(run: Run, attemptsMade: number, onEnd: (outcome: Outcome) => void): Promise<void> {
    const { orderId, abort } = run
    try {
      const outcome = await syncOrder.run({ orderId }, this.#deps, { attemptsMade, signal: abort.signal })
      this.run = null
      onEnd(outcome)
    } catch (error) {
      this.#world.fail(`a run threw: ${String(error)}`)
    }
  }

  /** The process dies and another takes its place: nothing of the run goes on, except what is on the wire already. */
  die(): void {
    const { run } = this
    if (run === null) return
    this.#world.turns.drop(run)
    if (run.call) this.#world.platform.hangUp(run.call)
    this.run = null
    this.#knownToken = null
  }

  /** Hangs up, as a lost lock or a drain does. */
  hangUp(): void {
    if (this.run?.call) this.#world.platform.hangUp(this.run.call)
    this.run?.abort.abort()
  }

  #take = <Value>(name: string, effect: () => Promise<Value>): Promise<Value> =>
    this.#world.turns.take(this.run!, `${this.name} ${name}`, effect)

  /** A command to Redis; now and then the connection breaks after it took effect, and it is sent again. */
  #command = <Value>(name: string, effect: () => Promise<Value>): Promise<Value> =>
    this.#take(name, async () => {
      const first = await effect()
      return this.#world.random.chance(0.04) ? effect() : first
    })

  #createDeps(): SyncOrderDeps {
    const world = this.#world
    const { pushes, gates, terms } = world
    const platform = this.#createPlatform()
    return {
      orders: { read: orderId => this.#command('reads', () => this.#read(orderId)) },
      pushes: {
        beginPush: begin =>
          this.#command(`begins ${begin.fields.join()}`, async () => {
            const begun = await pushes.beginPush(begin)
            if (begun.go) world.rules.begun(begin.order.orderId, begin.attemptId, this.run!.read!)
            return begun
          }),
        endPush: end =>
          this.#command(`ends ${end.stands}`, async () => {
            const ended = await pushes.endPush(end)
            if (ended !== 'superseded') world.rules.ended(end)
            return ended
          }),
        settle: (order, stands) => this.#command(`settles ${stands}`, () => pushes.settle(order, stands)),
      },
      platform,
      startCommit: () => async () => {},
      gate: createPlatformGate({
        gate: {
          record: (name, event) => this.#command(`tells ${event.what}`, () => gates.record(name, event)),
          enter: name => this.#command('enters', () => gates.enter(name)),
        },
        platform,
        deniedProbeMs: terms.deniedProbeMs,
        onGateOpened: world.wakeWorkers,
        onGateShut: () => {},
      }),
      gateTerms: gates.terms,
      digest: digestText,
      newAttemptId: () => `${this.name}-${(this.#attempts += 1)}`,
      monotonicMs: () => world.clock.now,
      onPush: () => {},
      version: '1',
      rollback: async () => null,
      isRedisCurrent: async () => true,
      dryRun: false,
      ...terms,
    }
  }

  async #read(orderId: string) {
    const order = await this.#world.orders.read(orderId)
    const told = this.#world.told(orderId).length
    this.run!.read = { rev: order?.rev ?? 0, told, sent: order?.push.sent === true }
    return order
  }

  #createPlatform(): OrderPlatform {
    const access = async (): Promise<Access | null> => {
      this.#knownToken ??= this.#world.tokenGeneration
      return this.#knownToken === null ? null : this.#accessOf(this.#knownToken)
    }
    return {
      name: this.#world.platformName,
      access,
      dropAccess: () => void (this.#knownToken = null),
      renew: refused => this.#take('renews', async () => this.#renew(refused)),
      pushOrder: (used, body) => this.#send(used, JSON.parse(body) as Shown),
    }
  }

  #renew(refused: Access | null) {
    const world = this.#world
    if (world.tokenGeneration <= (refused?.generation ?? 0)) {
      const issued = world.platform.issueToken(world.tokenGeneration + 1)
      if ('verdict' in issued) return issued
      world.tokenGeneration += 1
    }
    this.#knownToken = world.tokenGeneration
    return { access: this.#accessOf(world.tokenGeneration) }
  }

  #accessOf = (generation: number): Access => ({ token: `token-${generation}`, generation })

  #send(access: Access, payload: Shown) {
    const run = this.run!
    this.#world.rules.sent(run.orderId, run.read!, payload)
    const call = this.#world.platform.send(run.orderId, access.generation, payload)
    run.call = call
    return this.#take('is answered', async () => {
      this.#world.clock.passTo(call.endsAt)
      run.call = null
      return call.answer
    })
  }
}
