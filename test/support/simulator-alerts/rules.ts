import type { AlertEvent, AlertFacts } from '../../../src/domain/alert/event.ts'
import type { CaseEntry } from '../../../src/domain/case/log.ts'
import type { RefundRequest } from '../../../src/gateways/gateway.ts'
import type { CaseRecord, CommitCase } from '../../../src/store/case-store.ts'
import type { BeginRefund } from '../../../src/store/refund-store.ts'
import { centsOf } from './cents.ts'
import type { PlatformCall } from './model-midigator.ts'
import type { Run } from './model-worker.ts'
import { externalTold, orderTruth, untruthOf } from './oracle.ts'
import type { World } from './world.ts'

type SaidEntry = Extract<CaseEntry, { what: 'said' }>
const HOUR_MS = 3_600_000
const SEND_WITHIN_MS = 2_000

/** What must hold at every moment of a schedule, told by what happens; a breach ends the schedule. */
export class Rules {
  readonly #world: World
  /** Case → its record as it was last written. */
  readonly records = new Map<string, CaseRecord>()
  /** Case → what people decided on it. */
  readonly said = new Map<string, SaidEntry[]>()
  readonly #seenAt = new Map<string, number>()
  readonly #sentAt = new Map<string, number>()
  /** Case → the count of writes that its last decision was made from; order → its rev. */
  readonly #decidedFrom = new Map<string, number>()
  readonly #revs = new Map<string, number>()
  /** Case → where it has stood since there was any news of it. */
  readonly #stood = new Map<string, Set<string>>()
  /** Key → its first leave to be sent. */
  readonly #begun = new Map<string, { at: number; cents: number; currency: string }>()
  /** Key → its body, and the least that was known to be given back by hand when it was posted. */
  readonly #posted = new Map<string, { body: string; known: number }>()
  /** Alert → bodies that may have reached the platform. */
  readonly #arrived = new Map<string, Set<string>>()

  constructor(world: World) {
    this.#world = world
    world.gateway.onEffect = (orderId, key, cents) => this.#effect(orderId, key, cents)
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
    [this.records, this.said, this.#seenAt, this.#sentAt, this.#decidedFrom, this.#revs, this.#factsTold] as Map<
      string,
      unknown
    >[]

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
  /** When an alert's clock began: its own time, else its first event's, else when it was first seen. */
  startedAt(caseId: string): number {
    const { guid } = this.#world.matter(caseId)
    const own = this.#world.midigator.facts.get(guid)!.issuedAt ?? this.#sentAt.get(caseId) ?? Infinity
    return Math.min(own, this.seenAt(caseId))
  }
  isSeen = (caseId: string): boolean => this.#seenAt.has(caseId)

  #tied = (orderId: string): CaseRecord[] => [...this.records.values()].filter(record => record.orderId === orderId)
  /** Refunds that were released for an order by a person's last word. */
  #approved(orderId: string, cents: number): boolean {
    const words = this.#tied(orderId)
      .flatMap(({ id }) => this.said.get(id) ?? [])
      .filter(({ word }) => word !== 'resolve')
      .toSorted((a, b) => a.at - b.at)
    return words.some(said => said.word === 'approve' && centsOf(said.amount) === cents)
  }

  committed(run: Run, { record, entries, before, orderRev }: CommitCase): void {
    const { id, orderId } = record
    if (before.version <= (this.#decidedFrom.get(id) ?? 0))
      this.#world.fail(`${id}: a decision was written over one it had not seen`)
    if (orderId !== null && orderRev !== (this.#revs.get(orderId) ?? null))
      this.#world.fail(`${id}: it was decided from an order that has changed since`)
    this.#decidedFrom.set(id, before.version)
    const isNews = entries.some(([, { what }]) => what !== 'enriched' && what !== 'not-found')
    const stood = isNews ? new Set<string>() : (this.#stood.get(id) ?? new Set())
    // To and fro between two states is nothing new.
    if (!stood.has(`${record.state} ${record.why}`)) this.#world.changes += 1
    this.#stood.set(id, stood.add(`${record.state} ${record.why}`))
    this.records.set(id, record)
    for (const [, entry] of entries) {
      if (entry.what === 'said') this.said.set(id, [...(this.said.get(id) ?? []), entry])
      if (entry.what === 'enriched') this.#tell(id, entry.facts)
      if (entry.what === 'sent') this.#judge(run, record, entry.calls)
    }
  }

  #judge(run: Run, { id, orderId, wording }: CaseRecord, calls: number): void {
    // Once a call was written down it may have been made: every one after it says the same.
    const chosen = (this.said.get(id) ?? []).findLast(said => said.word === 'resolve')
    const isPersons = chosen?.word === 'resolve' && JSON.stringify(chosen.wording) === JSON.stringify(wording)
    const matter = this.#world.matter(id)
    run.untruth =
      isPersons || calls > 1 || wording === null
        ? null
        : untruthOf(this.#world, { matter, wording, orderId, toldAtRead: run.toldAtRead })
  }

  resolving(run: Run, { guid, body, mayArrive }: PlatformCall): void {
    const world = this.#world
    const matter = world.matters.find(one => one.guid === guid)!
    // A person may answer before anybody knows that an alert informs only.
    const isPersons = (this.said.get(matter.id) ?? []).some(({ word }) => word === 'resolve')
    if (matter.kind !== 'alert' || (matter.isNotice && !isPersons))
      world.fail(`${guid}: ${matter.kind} ${matter.partner} was answered`)
    const arrived = this.#arrived.get(guid) ?? new Set()
    if (!isPersons && arrived.size > 0 && !arrived.has(body))
      world.fail(`${guid}: ${[...arrived].join()} was said before, and now ${body}`)
    if (!arrived.has(body) && run.untruth !== null) world.fail(`${guid}: ${body} is not true: ${run.untruth}`)
    if (mayArrive) this.#arrived.set(guid, arrived.add(body))
  }

  begun(run: Run, { claim, before }: BeginRefund): void {
    const { orderId } = before
    const world = this.#world
    const fail = (what: string) => world.fail(`refund of ${orderId} began: ${what}`)
    const cents = centsOf(claim.amount)
    const { now } = world.clock
    const isApproved = this.#approved(orderId, cents)
    if (world.mode === 'off') fail('refunds are off')
    if (world.mode === 'approve' && !isApproved) fail('nobody released it')
    this.#checkLimits(cents, claim.currency, isApproved, claim.key, fail)
    const order = orderTruth(world, orderId)
    if (!order.isSettled || order.isNeverPaid) fail('the order is not settled')
    const tied = this.#tied(orderId)
    if (order.isChargedBack || tied.some(({ kind }) => kind === 'chargeback')) fail('the order is charged back')
    if (tied.some(({ id, partner }) => partner?.includes('rdr') && world.matter(id).facts.rdrResolution !== 'declined'))
      fail('RDR has paid')
    this.#checkWish(orderId, cents, isApproved, fail)
    if (!this.#begun.has(claim.key)) this.#begun.set(claim.key, { at: now, cents, currency: claim.currency })
    run.leave = { key: claim.key, at: now, external: externalTold(world, orderId) }
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

  /** Rule 10: somebody wants it, by the trigger that was chosen. */
  #checkWish(orderId: string, cents: number, isApproved: boolean, fail: (what: string) => void): void {
    const { trigger } = this.#world.terms.refunds
    const tied = this.#tied(orderId)
    const alerts = tied.filter(
      ({ id, kind }) => kind === 'alert' && /ethoca|verifi$|cdrn/.test(this.#world.matter(id).partner!),
    )
    const hasRequest = tied.some(({ kind }) => kind === 'request')
    if (alerts.length === 0 && !hasRequest) return fail('nothing but notices is about it')
    if (isApproved || (hasRequest && trigger !== 'match')) return
    if (alerts.length === 0 || (trigger === 'order.refund' && !hasRequest)) return fail('no trigger has come')
    const { capturedCents } = orderTruth(this.#world, orderId)
    const fits = (amount: string | null) => amount !== null && [capturedCents, cents].includes(centsOf(amount))
    if (!hasRequest && !alerts.some(({ amount }) => fits(amount))) fail('no alert is about this amount')
  }

  /** A refund goes out: within the leave it was given, in the words it always had, and within what is known to be left. */
  posted(run: Run, body: string, key: string): void {
    const world = this.#world
    const { orderId, amount } = JSON.parse(body) as RefundRequest
    const fail = (what: string) => world.fail(`refund of ${orderId} was sent: ${what}`)
    if (run.leave?.key !== key) fail('without leave')
    else if (world.clock.now - run.leave.at > SEND_WITHIN_MS) fail('too late')
    const external = run.leave?.external ?? 0
    run.leave = null
    if (world.gateway.openCalls(orderId).some(({ epoch }) => epoch === world.gateway.epoch)) fail('two at once')
    const known = run.handListed + external
    const before = this.#posted.get(key)
    if (before !== undefined && before.body !== '' && before.body !== body) fail('in other words under the same key')
    this.#posted.set(key, { body, known: Math.min(known, before?.known ?? Infinity) })
    const ours = this.#ours(orderId).filter(({ reference }) => reference !== key)
    const given = ours.reduce((sum, { cents }) => sum + cents, 0)
    const { capturedCents } = orderTruth(world, orderId)
    if (given + known + centsOf(amount) > capturedCents)
      fail(`${amount} on top of ${given} and ${known} cents of ${capturedCents}`)
  }

  /** It surely was not taken: its key is as good as new. */
  untaken(key: string): void {
    const posted = this.#posted.get(key)
    if (posted) posted.body = ''
  }

  #ours = (orderId: string) =>
    this.#world.gateway.refundsOf(orderId).filter(({ by, status }) => by === 'us' && /pending|succeeded/.test(status))

  /** A refund of ours takes effect. */
  #effect(orderId: string, key: string, cents: number): void {
    const world = this.#world
    const ours = this.#ours(orderId)
    const sum = ours.reduce((all, refund) => all + refund.cents, 0) + this.#posted.get(key)!.known
    const captured = world.gateway.captured.get(orderId) ?? 0
    if (sum + cents > captured) world.fail(`${orderId}: ${cents} cents were given back on top of ${sum} of ${captured}`)
    const alerts = this.#tied(orderId).filter(({ id, kind }) => kind === 'alert' && !world.matter(id).isNotice)
    if (world.losses === 0 && ours.length >= Math.max(1, alerts.length) && !this.#approved(orderId, cents))
      world.fail(`${orderId}: ${ours.length} refunds took effect before, for ${alerts.length} alerts`)
    if (ours.some(({ reference }) => reference === key)) world.fail(`${orderId}: the same refund took effect twice`)
  }
}
