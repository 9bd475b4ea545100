import { shortDigest, refundKey } from '../../../src/deps-alerts.ts'
import { decideCaseJob } from '../../../src/jobs/decide-case.ts'
import { enrichCase, type EnrichCaseDeps } from '../../../src/jobs/enrich-case.ts'
import type { Outcome } from '../../../src/jobs/job.ts'
import type { RefundsQuery } from '../../../src/gateways/gateway.ts'
import { refundOrder, type RefundOrderDeps } from '../../../src/jobs/refund-order.ts'
import { resolveCase, type ResolveCaseDeps } from '../../../src/jobs/resolve-case.ts'
import type { Wants } from '../../../src/jobs/wants.ts'
import { watchDeadlines, type WatchDeadlinesDeps } from '../../../src/jobs/watch-deadlines.ts'
import { platformOrigin } from '../../../src/domain/origins.ts'
import { DURATIONS } from './draw-terms.ts'
import type { Matter } from './draw-alerts.ts'
import { OPEN_GATE } from './open-gate.ts'
import type { Run } from './run.ts'
import { sumOf } from './sales.ts'
import type { World } from './world.ts'

export type AllDeps = EnrichCaseDeps & ResolveCaseDeps & RefundOrderDeps & WatchDeadlinesDeps

/** A process with one worker: the real jobs over the real stores, each of whose commands waits for its turn. */
export class ModelWorker {
  readonly name: string
  run: Run | null = null
  readonly deps: AllDeps
  readonly #world: World
  #attempts = 0
  /** How far this process's clock is from Redis'. */
  readonly #offMs: number

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    const { behaviours } = world
    this.#offMs = behaviours.has('clocks-differ') ? behaviours.random('clocks-differ').int(7_200_000) - 3_600_000 : 0
    this.deps = this.#createDeps()
  }

  /** Takes up a job, `kind|id`; `onEnd` is told what it came to, unless the process dies first. */
  start(job: string, attemptsMade: number, onEnd: (outcome: Outcome) => void): void {
    const [kind, id] = [job.slice(0, job.indexOf('|')), job.slice(job.indexOf('|') + 1)]
    const { deps } = this
    this.carryOut(job, onEnd, signal => {
      const context = { attemptsMade, signal }
      switch (kind) {
        case 'decide':
          return decideCaseJob.run({ caseId: id }, deps, context)
        case 'enrich':
          return enrichCase.run({ caseId: id }, deps, context)
        case 'refund':
          return refundOrder.run({ orderId: id }, deps, context)
        case 'resolve':
          return resolveCase.run({ caseId: id }, deps, context)
        default:
          return watchDeadlines.run({}, deps, context)
      }
    })
  }

  /** Runs anything as a run of this process. */
  carryOut(job: string, onEnd: (outcome: Outcome) => void, work: (signal: AbortSignal) => Promise<Outcome>): void {
    const run: Run = {
      job, stalled: false, abort: new AbortController(), call: null, startedAt: this.#world.clock.now, toldAtRead: this.#world.toldSales, handListed: 0,
      leave: null, untruth: null,
    } // prettier-ignore
    this.run = run
    void this.#end(job, onEnd, work(run.abort.signal))
  }

  async #end(job: string, onEnd: (outcome: Outcome) => void, ran: Promise<Outcome>): Promise<void> {
    try {
      const outcome = await ran
      this.run = null
      onEnd(outcome)
    } catch (error) {
      this.#world.fail(`${job} threw: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }

  /** The process dies and another takes its place: nothing of the run goes on, except what is on the wire already. */
  die(): void {
    if (this.run === null) return
    this.#world.turns.drop(this.run)
    if (this.run.call) this.#world.gateway.hangUp(this.run.call)
    this.run = null
  }

  /** Hangs up, as a lost lock or a drain does. */
  hangUp(): void {
    if (this.run?.call) this.#world.gateway.hangUp(this.run.call)
    this.run?.abort.abort()
  }

  #take = <Value>(name: string, effect: () => Promise<Value>): Promise<Value> => {
    if (this.run === null) this.#world.fail(`${name} without a run`)
    return this.#world.turns.take(this.run!, `${this.name} ${name}`, effect)
  }

  /** A command to Redis; now and then the connection breaks after it took effect, and it is sent again. */
  #command = <Value>(name: string, effect: () => Promise<Value>, onDone: (value: Value) => void = () => {}) =>
    this.#take(name, async () => {
      const first = await effect()
      onDone(first)
      return this.#world.faultsOn && this.#world.random.chance(0.03) ? effect() : first
    })

  /** A read; `about`: what it depends on. Once nothing fails any more, what is known to stand is read without a turn. */
  #read<Value>(name: string, about: string, ask: () => Promise<Value>, onRead: () => void = () => {}): Promise<Value> {
    const { reads, faultsOn } = this.#world
    const known = (faultsOn ? undefined : reads.known(about)) as Value | undefined
    if (known === undefined)
      return this.#command(name, () => {
        onRead()
        return reads.read(about, ask)
      })
    onRead()
    return Promise.resolve(known)
  }

  #createDeps(): AllDeps {
    const world = this.#world
    const { cases, orders, refunds, reads, rules, clock } = world
    return {
      cases: {
        read: id =>
          this.#read(
            `reads ${id}`,
            `cases ${id}`,
            () => cases.read(id),
            () => {
              if (this.run !== null) this.run.toldAtRead = world.toldSales
            },
          ),
        commit: one =>
          this.#command(
            `commits ${one.record.id} ${one.record.state} ${one.record.reason} [${one.entries.map(([slot]) => slot.slice(0, 16)).join()}]`,
            () => {
              reads.wrote(`cases ${one.record.id}`, 'cases of', 'sets')
              const isTie = one.record.orderId !== one.before.record.orderId
              if (isTie || one.mattersToOthers) reads.wrote('cases tied', 'refunds')
              return cases.commit(one)
            },
            isWritten => isWritten && rules.committed(this.run!, one),
          ),
        ofOrder: id =>
          this.#read(`reads cases of ${id}`, `cases of ${id}`, async () => {
            const ids = await reads.read(`cases tied to ${id}`, () => world.redis.smembers(world.keys.orderCases(id)))
            const found = ids.toSorted().map(one => reads.read(`cases ${one}`, () => cases.read(one)))
            return (await Promise.all(found)).filter(one => one !== null)
          }),
        untied: buckets => this.#read('reads untied', `sets of untied ${buckets.join()}`, () => cases.untied(buckets)),
        byArn: arn => this.#read('reads by arn', `sets of arn ${arn}`, () => cases.byArn(arn)),
        unmatched: most => this.#read('reads unmatched', 'sets of unmatched', () => cases.unmatched(most)),
        withDueMarks: (at, most) => this.#command('reads marks', () => cases.withDueMarks(at, most)),
      },
      orders: {
        read: id => this.#read(`reads ${id}`, `orders ${id}`, () => orders.read(id)),
        find: (by, value) => this.#read(`finds by ${by}`, `orders by ${by} ${value}`, () => orders.find(by, value)),
        soldBetween: query =>
          this.#read(`finds by ${query.by}`, `orders sold ${JSON.stringify(query)}`, () => orders.soldBetween(query)),
        knowsMerchantAccount: mid =>
          this.#read(`knows ${mid}`, `orders of ${mid}`, () => orders.knowsMerchantAccount(mid)),
        forgottenAmong: async () => new Set(),
        merge: (change, origin) => this.#command(`tells ${change.orderId}`, () => world.merge(change, origin)),
      },
      sources: { completeSince: async () => world.completeSince },
      refunds: {
        read: id => this.#read(`reads refunds of ${id}`, `refunds ${id}`, () => refunds.read(id)),
        mode: () => this.#read('reads mode', 'mode', () => refunds.mode()),
        commit: one =>
          this.#command(
            `writes refunds of ${one.before.orderId} ${one.ledger.claims.map(({ state }) => state).join()}`,
            () => {
              reads.wrote('refunds')
              return refunds.commit(one)
            },
            written => {
              const states = [one.before, one.ledger].map(({ claims }) =>
                JSON.stringify(claims.map(claim => [claim.key, claim.state, claim.isRecorded])),
              )
              if (written === 'written' && states[0] !== states[1]) world.changes += 1
            },
          ),
        begin: one =>
          this.#command(
            `begins ${one.claim.key.slice(0, 12)}`,
            () => {
              reads.wrote('refunds')
              return refunds.begin(one)
            },
            begun => begun.go && rules.begun(this.run!, one),
          ),
        defaultMode: refunds.defaultMode,
      },
      gateway: {
        name: 'model',
        keepsKeysMs: world.gateway.traits.saysItKeepsKeys ? DURATIONS.keepsKeysMs : 0,
        bodyOf: world.gateway.bodyOf,
        refund: ({ body, key }) => this.#refund(body, key),
        findRefunds: query => this.#findRefunds(query),
      },
      alertLinks: new Map(
        (['midigator', 'chargebackhit'] as const).map(name => [
          name,
          {
            platform: {
              ask: (_access, { guid }) => this.#ask(name, guid),
              answer: (_access, { guid }, wording) => this.#resolve(name, guid, JSON.stringify(wording)),
            },
            asking: OPEN_GATE,
            answering: OPEN_GATE,
          },
        ]),
      ),
      wants: this.#wants(),
      wantSync: async () => {},
      caseTerms: world.terms,
      redisNow: async () => clock.now,
      monotonicMs: () => clock.now + this.#offMs,
      newAttemptId: () => `${this.name}-${(this.#attempts += 1)}`,
      refundKey,
      shortDigest,
      startCommit: () => async () => {},
      rollback: async () => world.rollback,
      isRedisCurrent: () => this.#command('looks whether Redis went back', () => world.isRedisCurrent()),
      sendsAlarms: true,
      onAlarm: () => {},
      onAnswered: () => {},
      onResolutionCall: () => {},
      onRefundCall: () => {},
      onRefunded: () => {},
      onRefundStopped: () => {},
      ...DURATIONS,
    }
  }

  #wants(): Wants {
    const world = this.#world
    const { reads } = world
    return {
      decide: async ids => ids.forEach(id => world.want('decide', id)),
      enrich: async id => world.want('enrich', id),
      refund: async id => world.want('refund', id),
      resolve: async id => world.want('resolve', id),
      alarm: async () => {},
      othersOf: async (orderId, caseId) => {
        const ids = await this.#command('reads others', () =>
          reads.read(`cases tied to ${orderId}`, () => world.redis.smembers(world.keys.orderCases(orderId))),
        )
        for (const id of ids) if (id !== caseId) world.want('decide', id)
      },
      flag: async ({ orderId, flag, value, platform, at }) => {
        const change = { orderId, occurredAt: at, values: { [flag]: value }, notes: [] }
        await this.#command(`marks ${orderId} ${flag} ${value}`, () => world.merge(change, platformOrigin(platform)))
      },
    }
  }

  #refund(body: string, key: string) {
    const { gateway, clock, rules } = this.#world
    const run = this.run!
    rules.posted(run, body, key)
    const call = gateway.send(body, key)
    if (!call.mayArrive) rules.untaken(key)
    run.call = call
    // A process that stands still holds its call long enough for others to take it for dead.
    if (call.endsAt - clock.now > 5_000 && this.#world.faultsOn) run.stalled = this.#world.random.chance(0.5)
    return this.#take('is answered by the gateway', async () => {
      clock.passTo(call.endsAt)
      run.call = null
      return call.answer()
    })
  }

  #findRefunds(query: RefundsQuery) {
    const { orderId } = query
    const { gateway, clock } = this.#world
    const run = this.run!
    return this.#take(`asks for refunds of ${orderId}`, async () => {
      const { report, endsAt } = gateway.list(query)
      const byHand = gateway.booked.filter(
        one => one.orderId === orderId && one.by === 'hand' && /pending|succeeded/.test(one.status),
      )
      // What is not listed yet shows in what it would still refund, where it tells that.
      const { tellsRefundable } = gateway.traits
      run.handListed = sumOf(byHand.filter(one => tellsRefundable || gateway.isListed(one)))
      clock.passTo(endsAt)
      return report
    })
  }

  #ask(name: Matter['platform'], guid: string) {
    const { platforms, clock } = this.#world
    return this.#take(`asks for ${guid}`, async () => {
      const { endsAt, ...said } = platforms[name].read(guid)
      clock.passTo(endsAt)
      return said
    })
  }

  #resolve(name: Matter['platform'], guid: string, body: string) {
    const { platforms, clock, rules } = this.#world
    const call = platforms[name].resolve(guid, body)
    rules.resolving(this.run!, `${name}:${guid}`, call)
    return this.#take(`is answered about ${guid}: ${body}`, async () => {
      clock.passTo(call.endsAt)
      return { answer: call.answer() }
    })
  }
}
