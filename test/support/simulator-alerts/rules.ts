import type { AlertEvent, AlertFacts } from '../../../src/domain/alert/event.ts'
import type { CaseEntry } from '../../../src/domain/case/log.ts'
import type { RefundRequest } from '../../../src/gateways/gateway.ts'
import type { CaseRecord, CommitCase } from '../../../src/store/case-store.ts'
import type { BeginRefund } from '../../../src/store/refund-store.ts'
import { centsOf } from './cents.ts'
import { untruthOf } from './judge-answer.ts'
import { excessOf, mayGuess, wrongOf } from './judge-refund.ts'
import type { Matter } from './draw-alerts.ts'
import type { JudgedWorld } from './judged-world.ts'
import type { PlatformCall } from './model-platform.ts'
import type { Run } from './run.ts'
import { sumOf, type Sale } from './sales.ts'

type DecisionEntry = Extract<CaseEntry, { what: 'decision' }>
const HOUR_MS = 3_600_000
const SEND_WITHIN_MS = 2_000

/** What must hold at every moment of a schedule, told by what happens; a breach ends the schedule. */
export class Rules {
  readonly #world: JudgedWorld
  /** Case → its record as it was last written. */
  readonly records = new Map<string, CaseRecord>()
  /** Case → what people decided on it. */
  readonly decisions = new Map<string, DecisionEntry[]>()
  readonly #seenAt = new Map<string, number>()
  readonly #sentAt = new Map<string, number>()
  /** Case → the count of writes that its last decision was made from; order → its rev. */
  readonly #decidedFrom = new Map<string, number>()
  readonly #revs = new Map<string, number>()
  readonly #decidedAt = new Map<string, number>()
  /** Case → where it has stood since there was any news of it. */
  readonly #stood = new Map<string, Set<string>>()
  /** Key → its first leave to be sent. */
  readonly #begun = new Map<string, { at: number; cents: number; currency: string }>()
  /** Key → its body, and the least that was known to be given back by hand when it was posted. */
  readonly #posted = new Map<string, { body: string; known: number; isApproved: boolean }>()
  /** Alert → bodies that may have reached the platform. */
  readonly #arrived = new Map<string, Set<string>>()

  constructor(world: JudgedWorld) {
    this.#world = world
    world.gateway.onEffect = (sale, request, key) => this.#effect(sale, request, key)
  }

  /** Remembers what was known; answers how to go back to it, as Redis does. What was said and sent under way is out of its sight. */
  keep(): () => void {
    const kept = this.#tracked().map(map => [...map] as [string, never][])
    return () => {
      for (const [i, map] of this.#tracked().entries()) {
        map.clear()
        for (const [key, value] of kept[i]!) map.set(key, value)
      }
      this.#begun.clear()
      this.#posted.forEach(one => (one.body = ''))
      this.#arrived.clear()
    }
  }

  #tracked = () =>
    [
      this.records,
      this.decisions,
      this.#seenAt,
      this.#sentAt,
      this.#decidedFrom,
      this.#decidedAt,
      this.#revs,
      this.#factsTold,
    ] as Map<string, unknown>[]

  revised(orderId: string, rev: number): void {
    this.#revs.set(orderId, rev)
  }

  /** What the platform has told of a case so far, through the hook or when asked. */
  factsTold = (caseId: string): AlertFacts => this.#factsTold.get(caseId) ?? {}
  readonly #factsTold = new Map<string, AlertFacts>()
  #tell = (caseId: string, facts: AlertFacts) =>
    this.#factsTold.set(caseId, { ...this.#factsTold.get(caseId), ...facts })

  seen(caseId: string, { sentAt, facts }: AlertEvent): void {
    this.#tell(caseId, facts)
    if (!this.#seenAt.has(caseId)) this.#seenAt.set(caseId, this.#world.clock.now)
    if (sentAt !== null) this.#sentAt.set(caseId, Math.min(sentAt, this.#sentAt.get(caseId) ?? Infinity))
  }
  seenAt = (caseId: string): number => this.#seenAt.get(caseId)!
  /** When a case was first decided about; what has only been stored nobody has looked at yet. */
  decidedAt = (caseId: string): number => this.#decidedAt.get(caseId) ?? Infinity
  /** When an alert's clock began: its own time, else its first event's, else when it was first seen. */
  startedAt(caseId: string): number {
    const { guid, platform } = this.#world.matter(caseId)
    const own = this.#world.platforms[platform].facts.get(guid)?.issuedAt ?? this.#sentAt.get(caseId) ?? Infinity
    return Math.min(own, this.seenAt(caseId))
  }
  isSeen = (caseId: string): boolean => this.#seenAt.has(caseId)

  #tied = (orderId: string): CaseRecord[] => [...this.records.values()].filter(record => record.orderId === orderId)
  /** Refunds that were released for an order by a person's last word. */
  #isApproved(orderId: string, cents: number): boolean {
    const words = this.#tied(orderId).flatMap(({ id }) => this.decisions.get(id) ?? [])
    return words.some(one => one.decision === 'approve' && centsOf(one.amount) === cents)
  }

  committed(run: Run, { record, entries, before, orderRev }: CommitCase): void {
    const { id, orderId } = record
    if (before.version <= (this.#decidedFrom.get(id) ?? 0))
      this.#world.fail(`${id}: a decision was written over one it had not seen`)
    if (orderId !== null && orderRev !== (this.#revs.get(orderId) ?? null))
      this.#world.fail(`${id}: it was decided from an order that has changed since`)
    this.#decidedFrom.set(id, before.version)
    if (!this.#decidedAt.has(id)) this.#decidedAt.set(id, this.#world.clock.now)
    const isNews = entries.some(([, { what }]) => what !== 'read-back' && what !== 'asked')
    const stood = isNews ? new Set<string>() : (this.#stood.get(id) ?? new Set())
    // To and fro between two states is nothing new.
    if (!stood.has(`${record.state} ${record.reason}`)) this.#world.changes += 1
    this.#stood.set(id, stood.add(`${record.state} ${record.reason}`))
    this.records.set(id, record)
    for (const [, entry] of entries) {
      if (entry.what === 'decision') this.decisions.set(id, [...(this.decisions.get(id) ?? []), entry])
      if (entry.what === 'read-back') this.#tell(id, entry.facts)
      if (entry.what === 'sent') this.#judge(run, record, entry.calls)
    }
  }

  /** The sale an answer is about: that of the order which a person chose, or which nobody could know to be the wrong one. */
  #saleOf({ id, orderId }: CaseRecord, matter: Matter): Sale | null {
    const world = this.#world
    const chosen = world.sales.find(sale => sale.orderId === orderId)
    const isChosen =
      this.decisions.get(id)?.some(({ decision }) => decision === 'approve' || decision === 'match') === true
    if (chosen === undefined || chosen.orderId === matter.sale?.orderId) return matter.sale
    const isGuessed = this.#guessed.has(chosen.id) || mayGuess(world, { sale: chosen })
    return isChosen || isGuessed ? chosen : matter.sale
  }
  /** Sales for which money was moved on a guess that nobody could know to be wrong. */
  readonly #guessed = new Set<string>()

  #judge(run: Run, record: CaseRecord, calls: number): void {
    const { id, resolution } = record
    // Once a call was written down it may have been made: every one after it says the same.
    const chosen = (this.decisions.get(id) ?? []).findLast(one => one.decision === 'resolve')
    const isPersons = chosen?.decision === 'resolve' && JSON.stringify(chosen.resolution) === JSON.stringify(resolution)
    const matter = this.#world.matter(id)
    run.untruth =
      isPersons || calls > 1 || resolution === null
        ? null
        : untruthOf(this.#world, {
            ...resolution,
            matter: { ...matter, sale: this.#saleOf(record, matter) },
            toldAtRead: run.toldAtRead,
          })
  }

  resolving(run: Run, caseId: string, { guid, body, mayArrive }: PlatformCall): void {
    const world = this.#world
    const matter = world.matter(caseId)
    // A person may answer before anybody knows that an alert informs only.
    const isPersons = (this.decisions.get(caseId) ?? []).some(({ decision }) => decision === 'resolve')
    if (matter.kind !== 'alert' || (matter.isNotice && !isPersons))
      world.fail(`${guid}: ${matter.kind} ${matter.partner} was answered`)
    const arrived = this.#arrived.get(caseId) ?? new Set()
    if (!isPersons && arrived.size > 0 && !arrived.has(body))
      world.fail(`${guid}: ${[...arrived].join()} was said before, and now ${body}`)
    if (!arrived.has(body) && run.untruth !== null) world.fail(`${guid}: ${body} is not true: ${run.untruth}`)
    if (mayArrive) this.#arrived.set(caseId, arrived.add(body))
  }

  begun(run: Run, { claim, before }: BeginRefund): void {
    const { orderId } = before
    const world = this.#world
    const fail = (what: string) => world.fail(`refund of ${orderId} began: ${what}`)
    const cents = centsOf(claim.amount)
    const { now } = world.clock
    const isApproved = this.#isApproved(orderId, cents)
    if (world.mode === 'off') fail('refunds are off')
    if (world.mode === 'approve' && !isApproved) fail('nobody released it')
    this.#checkLimits(cents, claim.currency, isApproved, claim.key, fail)
    const request = JSON.parse(claim.body) as RefundRequest
    const sale = world.gateway.sale(request.transactionId)
    const wrong =
      sale === null ? 'of no sale' : wrongOf(world, { sale, request, key: claim.key, knownAt: run.startedAt })
    if (!isApproved && wrong !== null) fail(wrong)
    if (sale !== null && mayGuess(world, { sale })) this.#guessed.add(sale.id)
    if (!this.#begun.has(claim.key)) this.#begun.set(claim.key, { at: now, cents, currency: claim.currency })
    // What Redis lost nobody was told.
    const external = sale === null || world.losses > 0 ? 0 : sumOf(sale.elsewhere)
    run.leave = { key: claim.key, at: now, external, isApproved }
  }

  #checkLimits(cents: number, currency: string, isApproved: boolean, key: string, fail: (what: string) => void): void {
    const { autoLimit, hourlyLimit, limitCurrency } = this.#world.terms.refunds
    if (isApproved || (autoLimit ?? hourlyLimit) === null) return
    if (currency !== limitCurrency) fail('its currency has no limit')
    if (autoLimit !== null && cents > centsOf(autoLimit)) fail('it is above the limit')
    const since = this.#world.clock.now - HOUR_MS
    const others = [...this.#begun].filter(
      ([other, one]) => other !== key && one.at > since && one.currency === currency,
    )
    const sum = others.reduce((all, [, one]) => all + one.cents, cents)
    if (hourlyLimit !== null && sum > centsOf(hourlyLimit)) fail('the hour is above its limit')
  }

  /** A refund goes out: within the leave it was given, in the words it always had, and within what is known to be left. */
  posted(run: Run, body: string, key: string): void {
    const world = this.#world
    const request = JSON.parse(body) as RefundRequest
    const { orderId } = request
    const fail = (what: string) => world.fail(`refund of ${orderId} was sent: ${what}`)
    if (run.leave?.key !== key) fail('without leave')
    else if (world.clock.now - run.leave.at > SEND_WITHIN_MS) fail('too late')
    const { external = 0, isApproved = false } = run.leave ?? {}
    run.leave = null
    if (world.gateway.openCalls(orderId).some(({ epoch }) => epoch === world.gateway.epoch)) fail('two at once')
    const known = run.handListed + external
    const before = this.#posted.get(key)
    if (before !== undefined && before.body !== '' && before.body !== body) fail('in other words under the same key')
    this.#posted.set(key, { body, known: Math.min(known, before?.known ?? Infinity), isApproved })
    const sale = world.gateway.sale(request.transactionId)
    const excess = sale === null ? null : excessOf(world, { sale, request, key, knownAt: 0 }, known)
    if (!isApproved && excess !== null) fail(excess)
  }

  /** It surely was not taken: its key is as good as new. */
  untaken(key: string): void {
    const posted = this.#posted.get(key)
    if (posted) posted.body = ''
  }

  /** A refund of ours takes effect. */
  #effect(sale: Sale | null, request: RefundRequest, key: string): void {
    const world = this.#world
    const { known, isApproved } = this.#posted.get(key)!
    const fail = (what: string) => world.fail(`${request.orderId}: a refund took effect: ${what}`)
    if (sale === null) return fail('of no sale')
    const excess = excessOf(world, { sale, request, key, knownAt: 0 }, known)
    if (excess !== null && !isApproved) fail(excess)
    const isTwice = world.gateway
      .refundsOf(sale)
      .some(({ reference, status }) => reference === key && /pending|succeeded/.test(status))
    // Where the settings say what is not so nothing can prevent it; that it was paid twice must be noticed.
    if (isTwice && !isApproved && !world.behaviours.has('gateway-keys-not-kept')) fail('the same refund twice')
  }
}
