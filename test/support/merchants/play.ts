import { seededRandom } from '../simulator/random.ts'
import { Agenda } from './agenda.ts'
import { alertRecord, noticeRecord as chargebackhitNotice } from './chargebackhit.ts'
import { Crm } from './crm.ts'
import { mayNotBeMissing, respondByOf, type Known } from './decidable.ts'
import { drawAlerts, type Plan } from './draw-alerts.ts'
import type { Merchant } from './draw-merchant.ts'
import { drawSales, hex } from './draw-sales.ts'
import { Gateway } from './gateway.ts'
import { isBlind, lookalikeOf, untruthOf } from './judge.ts'
import {
  noticeEvent,
  noticeMatch,
  orderRefund,
  preventionMatch,
  preventionNew,
  wireJson,
  type Body,
} from './midigator.ts'
import type { Program, ProgramParts, RaisedAlarm } from './program.ts'
import { createServers } from './servers.ts'
import {
  capturedOf, DAY, decimal, HOUR, MINUTE, refundedOf, sum, wireTime, type Alert, type Sale, type TrueRefund,
} from './truth.ts' // prettier-ignore

const START = Date.UTC(2026, 8, 1)
/** How long alerts come (less, where they are few), and how long it goes on after the last one. */
const ALERT_DAYS = 20
const ALERT_DAYS_OF_FEW = 6
const FEW = 100
const AFTER_DAYS = 5
/** A refund request waits so long for its alert. */
const REQUEST_SETTLE_MS = 10_000
/** Sales go back so far, whatever the store has heard of them. */
const SALES_DAYS = 400
const SALES_PER_ALERT = 7

/** Money that moved and should not have, or an order of events that should have rung. */
export interface Breach {
  what:
    | 'refund of a wrong order'
    | 'refunded more than captured'
    | 'refunded more than the alert'
    | 'refunded too late'
    | 'paid twice without an alarm'
  saleId: string
  text: string
}

/** One merchant's alerts, played. */
export interface Played {
  merchant: Merchant
  known: Known
  alerts: readonly Alert[]
  states: ReadonlyMap<Alert, { state: string; why: string; orderId: string | null; asksPerson: boolean } | null>
  breaches: readonly Breach[]
  /** Changes and events that were rejected. */
  rejected: readonly string[]
  refunds: number
}

/** Plays about `count` alerts of a merchant through a program that `start` starts. */
export async function play(
  merchant: Merchant,
  count: number,
  start: (parts: ProgramParts) => Program,
): Promise<Played> {
  const world = new World(merchant, count, start)
  try {
    return await world.run()
  } finally {
    await world.program.close()
  }
}

class World {
  readonly program: Program
  readonly #merchant: Merchant
  readonly #agenda = new Agenda(START - (SALES_DAYS + 40) * DAY)
  readonly #random
  readonly #sales: Sale[]
  readonly #plan: Plan
  readonly #crm: Crm
  readonly #gateway: Gateway
  readonly #known: Known
  readonly #breaches: Breach[] = []
  readonly #rejected: string[] = []
  /** Alerts that have arrived, by the sale they are about in truth. */
  readonly #arrived = new Map<Sale, Alert[]>()
  #refunds = 0
  readonly #end: number

  constructor(merchant: Merchant, count: number, start: (parts: ProgramParts) => Program) {
    this.#merchant = merchant
    const random = (this.#random = seededRandom(merchant.seed * 7_919 + 13))
    const days = count < FEW ? ALERT_DAYS_OF_FEW : ALERT_DAYS
    this.#end = START + (days + AFTER_DAYS) * DAY
    const [from, to] = [START - SALES_DAYS * DAY, START + days * DAY]
    this.#sales = drawSales(random, merchant, from, to, Math.max(200, SALES_PER_ALERT * count))
    this.#plan = drawAlerts(random, merchant, this.#sales, { from: START, to, count })
    this.#known = { merchant, sales: this.#sales, completeSince: null, alerts: this.#plan.alerts }
    const agenda = this.#agenda
    const randoms = new Map(this.#sales.map((sale, i) => [sale, seededRandom(merchant.seed * 15_013 + i)]))
    const randomOf = (sale: Sale) => randoms.get(sale)!
    this.#crm = new Crm({
      randomOf,
      agenda,
      merchant,
      connectedAt: START - merchant.historyDays * DAY,
      deliver: body => this.#deliver(body),
    })
    this.#gateway = new Gateway({
      randomOf,
      agenda,
      merchant,
      sales: this.#sales,
      onRefund: (sale, refund) => this.#judgeRefund(sale, refund),
      onSettled: (sale, refund) => {
        if (refund.status === 'succeeded') this.#crm.refunded(sale, refund)
      },
    })
    const serve = createServers({
      agenda,
      merchant,
      gateway: this.#gateway,
      alerts: new Map(this.#plan.alerts.map(alert => [alert.guid, alert])),
      notices: new Map(this.#plan.notices.map(notice => [notice.taken.guid, notice])),
      orders: new Map(this.#sales.map(sale => [sale.orderGuid, sale])),
      onAnswer: (alert, answer) => this.#answered(alert, answer),
    })
    this.program = start({
      now: () => agenda.now,
      serve,
      settings: {
        trigger: merchant.trigger,
        keepsKeysHours: merchant.gateway.keepsKeysHours,
        defaultCurrency: merchant.statesCurrency ? null : merchant.currency,
      },
    })
    for (const sale of this.#sales) this.#crm.plan(sale)
    this.#schedule()
  }

  async run(): Promise<Played> {
    for (;;) {
      await this.program.work()
      const [ours, its] = [this.#agenda.nextAt, await this.program.nextAt()]
      const next = Math.min(ours ?? Infinity, its ?? Infinity)
      if (next > this.#end) break
      if (ours === next) await this.#agenda.step()
      else {
        this.#agenda.now = Math.max(this.#agenda.now, next)
        this.program.wake()
      }
    }
    this.#judgePaidTwice()
    const { alerts } = this.#plan
    const states = await Promise.all(alerts.map(async alert => [alert, await this.program.stateOf(alert.platform, alert.guid)] as const))
    return {
      merchant: this.#merchant, known: this.#known, alerts, states: new Map(states),
      breaches: this.#breaches, rejected: this.#rejected, refunds: this.#refunds,
    }
  } // prettier-ignore

  async #deliver(body: Record<string, unknown>): Promise<void> {
    this.#known.completeSince ??= this.#agenda.now
    const why = await this.program.change(body)
    if (why !== null) this.#rejected.push(`change: ${why}`)
  }

  #send(at: number, bodyOf: () => Body): void {
    const platform = this.#merchant.generation === 'chargebackhit' ? 'chargebackhit' : 'midigator'
    this.#agenda.at(at, async () => {
      const why = await this.program.event(platform, wireJson(bodyOf()))
      if (why !== null) this.#rejected.push(`event: ${why}`)
    })
  }

  #schedule(): void {
    for (const alert of this.#plan.alerts) this.#scheduleAlert(alert)
    for (const { sale, at, minor, by } of this.#plan.byHand)
      this.#agenda.at(at, () => (by === 'hand' ? void this.#gateway.byHand(sale, minor) : this.#refundPast(sale, minor)))
    for (const { sale, taken } of this.#plan.notices) {
      this.#agenda.at(taken.at, () => void sale.taken.push(taken))
      const isHit = this.#merchant.generation === 'chargebackhit'
      this.#send(taken.toldAt!, () => (isHit ? chargebackhitNotice(sale, taken) : noticeEvent(sale, taken, this.#agenda.now)))
      if (taken.matchedAt !== null) this.#send(taken.matchedAt, () => noticeMatch(sale, taken, this.#agenda.now))
    }
    for (const { sale, at, how } of this.#plan.strays) {
      const named = how === 'other order' ? this.#random.pick(this.#sales) : sale
      const guid = how === 'unknown guid' ? `ord_${hex(this.#random)}` : named.orderGuid
      const minor = how === 'amount' ? sale.total * this.#random.pick([2, 10]) : sale.total
      this.#send(at, () => orderRefund({ orderGuid: guid, id: sale.id }, decimal(minor, sale.currency), this.#agenda.now))
    }
  } // prettier-ignore

  #scheduleAlert(alert: Alert): void {
    const { platform, match, sale } = alert
    this.#agenda.at(alert.arrivesAt, () => {
      if (sale !== null) this.#arrived.set(sale, [...(this.#arrived.get(sale) ?? []), alert])
    })
    const body = () =>
      platform === 'chargebackhit' ? alertRecord(alert, '') : preventionNew(alert, this.#merchant, this.#agenda.now)
    this.#send(alert.arrivesAt, body)
    if (this.#random.chance(0.1)) this.#send(alert.arrivesAt + this.#random.pick([1_000, HOUR]), body)
    if (match !== null) this.#send(match.at, () => preventionMatch(alert.guid, match.sale, this.#agenda.now))
    for (const { at, minor } of alert.requests)
      this.#send(at, () => orderRefund(match!.sale, decimal(minor, match!.sale.currency), this.#agenda.now))
  }

  /** By cheque or the like: the gateway never hears of it. */
  #refundPast(sale: Sale, minor: number): void {
    const { now } = this.#agenda
    const left = capturedOf(sale, now) - refundedOf(sale)
    if (left <= 0) return
    const refund: TrueRefund = {
      id: `past-${now}`, minor: Math.min(minor, left), at: now, by: 'past', status: 'succeeded', settledAt: null, reference: '', arn: null,
    } // prettier-ignore
    sale.refunds.push(refund)
    this.#crm.refunded(sale, refund)
  }

  #answered(alert: Alert, answer: { type: string; description: string; orderId: string | null }): boolean {
    const before = alert.answer
    if (before !== null) return before.type === answer.type && before.description === answer.description
    const at = this.#agenda.now
    const seen = { ...answer, at }
    const why = mayNotBeMissing(alert, this.#known, at)
    const lookalike = lookalikeOf(alert, answer.orderId, this.#known, at)
    const judged = lookalike === null ? alert : { ...alert, sale: lookalike }
    const untruth = untruthOf(judged, seen, { mayNotBeMissing: why })
    alert.answer = { ...seen, untruth, isBlind: isBlind(alert, seen), isOfLookalike: lookalike !== null }
    return true
  }

  /** A refund of ours has just been booked. */
  #judgeRefund(sale: Sale, refund: TrueRefund): void {
    this.#refunds += 1
    const { now } = this.#agenda
    const alerts = this.#arrived.get(sale) ?? []
    const breach = (what: Breach['what'], text: string) => void this.#breaches.push({ what, saleId: sale.id, text })
    const about = `${decimal(refund.minor, sale.currency)} ${sale.currency} of ${sale.id} at ${wireTime(now)}`
    const isIssued = (alert: Alert) => alert.sale === sale && alert.requests.some(({ at }) => at <= now)
    if (alerts.length === 0 && this.#plan.alerts.some(isIssued)) return
    const isForLookalike = (alert: Alert) => alert.arrivesAt <= now && lookalikeOf(alert, sale.id, this.#known, now) === sale
    if (alerts.length === 0 && this.#plan.alerts.some(isForLookalike)) return
    if (alerts.length === 0) return breach('refund of a wrong order', `${about}: no alert is about it`)
    // What nobody could know of by now is nobody's fault.
    const isKnown = ({ by, at }: TrueRefund) =>
      by === 'us' || (by === 'hand' ? at < now - 5 * MINUTE : sale.quirks.some(({ quirk }) => quirk === 'refunded past the gateway'))
    const counted = sale.refunds.filter(one => one.status !== 'failed' && isKnown(one))
    const all = sum(counted.map(({ minor }) => minor))
    if (all > capturedOf(sale, now)) breach('refunded more than captured', `${about}: ${decimal(all, sale.currency)} of ${decimal(capturedOf(sale, now), sale.currency)}`)
    const parts = alerts.filter(({ kind }) => kind === 'part')
    // A request for the whole that came well before its alert is carried out alone.
    const isAskedAlone = alerts.some(({ requests, arrivesAt }) =>
      requests.some(({ at, minor, isGood }) => isGood && minor >= refund.minor && at < arrivesAt - REQUEST_SETTLE_MS),
    )
    if (!isAskedAlone && parts.length === alerts.length && refund.minor > Math.max(...parts.map(({ minor }) => minor)))
      breach('refunded more than the alert', `${about}: the alert is about ${decimal(parts[0]!.minor, sale.currency)}`)
    if (!isAskedAlone && alerts.every(alert => respondByOf(alert) < now)) breach('refunded too late', `${about}: the alert was due ${wireTime(respondByOf(alerts[0]!))}`)
  } // prettier-ignore

  /** Refunds, accepted RDR and chargebacks of a sale together exceed what was captured, and no alarm named like it speaks of them. */
  #judgePaidTwice(): void {
    for (const sale of this.#sales) {
      const { now } = this.#agenda
      const told = sale.taken.filter(({ toldAt }) => toldAt !== null && toldAt <= now)
      const back = refundedOf(sale) + sum(told.map(({ minor }) => minor))
      const isOurs = sale.refunds.some(({ by, status }) => by === 'us' && status === 'succeeded')
      if (!isOurs || back <= capturedOf(sale) || this.#hasRung(sale) || !isKnowable(sale, told, this.#known, now)) continue
      const parts = [
        ...sale.refunds.map(({ by, minor, at, status }) => `${by} ${decimal(minor, sale.currency)} ${status} ${wireTime(at)}`),
        ...sale.taken.map(({ what, minor, toldAt, matchedAt, namesArn, namesCard }) => `${what} ${decimal(minor, sale.currency)} told ${wireTime(toldAt!)}${namesArn ? ' with ARN' : ''}${namesCard ? ' with card' : ''} ${matchedAt === null ? 'without an order' : `matched ${wireTime(matchedAt)}`}`),
      ]
      this.#breaches.push({ what: 'paid twice without an alarm', saleId: sale.id, text: `${sale.id} wallet ${sale.wallet}, ARN ${sale.arnKnownAt === null ? 'not ' : ''}stored: ${parts.join(', ')}` })
    }
  } // prettier-ignore

  #hasRung(sale: Sale): boolean {
    const guids = new Set([...sale.taken.map(({ guid }) => guid), ...(this.#arrived.get(sale) ?? []).map(({ guid }) => guid)])
    const isAbout = ({ orderId, caseId }: RaisedAlarm) => orderId === sale.id || guids.has(caseId.slice(caseId.indexOf(':') + 1))
    return this.program.raised.some(alarm => /paid.?twice/i.test(alarm.name) && isAbout(alarm))
  } // prettier-ignore
}

/** Somebody could know that the bank took this sale's money: the platform said so, or the notice's ARN or its card with amount. */
function isKnowable(sale: Sale, told: Sale['taken'], { sales }: Known, now: number): boolean {
  return told.some(({ matchedAt, namesArn, namesCard, minor, at }) => {
    if ((matchedAt !== null && matchedAt <= now) || (namesArn && sale.arnKnownAt !== null)) return true
    const isStated = sale.stated.first6 && sale.stated.last4 && sale.wallet === 'none'
    const alike = sales.filter(
      one => one.knownAt !== null && one.crmCard.first6 === sale.crmCard.first6 && one.crmCard.last4 === sale.crmCard.last4 && one.total === minor && one.soldAt < at && one.fate === 'paid',
    ) // prettier-ignore
    return namesCard && isStated && alike.length === 1
  })
}
