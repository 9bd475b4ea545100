import type { Random } from '../simulator/random.ts'
import type { Merchant } from './draw-merchant.ts'
import { digits, hex } from './draw-sales.ts'
import {
  capturedOf, DAY, decimal, HOUR, MINUTE, sum, type Alert, type Currency, type Sale, type TakenBack,
} from './truth.ts' // prettier-ignore

/** What is to happen around the alerts of a merchant. */
export interface Plan {
  alerts: Alert[]
  /** Refunds that people make, `minor` of what is left by then at most. */
  byHand: { sale: Sale; at: number; minor: number; by: 'hand' | 'past' }[]
  notices: { sale: Sale; taken: TakenBack }[]
  /** Orders to refund that nothing asks for: another amount, another order, or a guid that nobody knows. */
  strays: { sale: Sale; at: number; how: 'amount' | 'other order' | 'unknown guid' }[]
}

/** Which shares of its fields an alert bears, by the generation of its payload. */
const SHARES = {
  'midigator 1': { arn: 0.55, first6: 0.75, last4: 0.97, authCode: 0, soldAt: 0, currency: 0.99, transactionId: 0, merchantTransactionId: 0 },
  'midigator 2': { arn: 0.4, first6: 0.88, last4: 0.98, authCode: 0.5, soldAt: 0.85, currency: 1, transactionId: 0, merchantTransactionId: 0 },
  chargebackhit: { arn: 0.65, first6: 0.9, last4: 0.98, authCode: 0.7, soldAt: 0.9, currency: 1, transactionId: 0.4, merchantTransactionId: 0.4 },
} as const // prettier-ignore

const RATE_TO_USD: Record<Currency, number> = { USD: 100, EUR: 109, GBP: 127, JPY: 0.66 }

/** Draws about `count` alerts issued from `from` to `to`, and all that happens around them. */
export function drawAlerts(random: Random, merchant: Merchant, sales: readonly Sale[], span: { from: number; to: number; count: number }): Plan {
  const draw = new AlertDraw(random, merchant, sales, span)
  while (draw.plan.alerts.length < span.count) draw.one()
  draw.plan.alerts.sort((a, b) => a.issuedAt - b.issuedAt)
  return draw.plan
} // prettier-ignore

/** As some senders write 29.95: 2.995E+1. */
const exponential = (minor: number, currency: Currency): string =>
  Number(decimal(minor, currency)).toExponential().toUpperCase()

class AlertDraw {
  readonly plan: Plan = { alerts: [], byHand: [], notices: [], strays: [] }
  readonly #random: Random
  readonly #merchant: Merchant
  readonly #sales: readonly Sale[]
  readonly #span: { from: number; to: number }
  readonly #taken = new Set<Sale>()

  constructor(random: Random, merchant: Merchant, sales: readonly Sale[], span: { from: number; to: number }) {
    this.#random = random
    this.#merchant = merchant
    this.#sales = sales
    this.#span = span
  }

  one(): void {
    const random = this.#random
    const issuedAt = this.#span.from + random.int(this.#span.to - this.#span.from)
    if (random.chance(0.04)) return void this.plan.alerts.push(this.#foreign(issuedAt))
    const sale = this.#pick(issuedAt)
    if (sale === null) return
    const kind = random.weighted({ plain: 94, part: 2, 'other currency': 2, 'unreadable amount': 0.7 } as const)
    const alert = this.#about(sale, issuedAt, kind)
    this.plan.alerts.push(alert)
    this.#around(alert, sale)
  }

  /** A sale of three to 120 days before, the more recent ones more often; now and then one that was never paid. */
  #pick(issuedAt: number): Sale | null {
    const random = this.#random
    const isUnpaid = random.chance(0.03)
    const ageMs = 3 * DAY + Math.floor(117 * DAY * (random.int(1_000) / 1_000) ** 2)
    for (let tries = 0; tries < 40; tries++) {
      const sale = this.#sales[this.#indexAt(issuedAt - ageMs) + random.int(15) - 7]
      if (sale === undefined || this.#taken.has(sale)) continue
      const age = issuedAt - sale.soldAt
      if (age < 3 * DAY || age > 120 * DAY || (sale.fate === 'paid') === isUnpaid) continue
      if (sale.fate === 'declined' && !random.chance(0.1)) continue
      this.#taken.add(sale)
      return sale
    }
    return null
  }

  #indexAt(time: number): number {
    let [low, high] = [0, this.#sales.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sales[middle]!.soldAt < time) low = middle + 1
      else high = middle
    }
    return low
  }

  #about(sale: Sale, issuedAt: number, kind: Alert['kind']): Alert {
    const random = this.#random
    const whole = sum(sale.captures.filter(({ at }) => at <= issuedAt).map(({ minor }) => minor)) || sale.total
    const minor = kind === 'part' ? Math.max(1, Math.floor((whole * (2 + random.int(7))) / 1_000) * 100) : whole
    const alert = this.#base(issuedAt, sale.card, sale.mid, { sale, minor, currency: sale.currency, kind })
    const { names } = alert
    // Only what was cleared has an ARN, and only what was authorized a code.
    names.arn = names.arn === null || sale.fate !== 'paid' ? null : sale.arn
    names.authCode = names.authCode === null || sale.fate === 'declined' ? null : sale.authCode
    names.merchantTransactionId = names.merchantTransactionId === null ? null : sale.transactionId
    names.soldAt = names.soldAt === null ? null : this.#statedSale(sale)
    alert.descriptor = sale.descriptor
    if (kind === 'other currency') this.#convert(alert, sale)
    if (kind === 'unreadable amount')
      alert.amountText = random.pick([
        `${decimal(minor, sale.currency)}0000000000001`,
        exponential(minor, sale.currency),
      ])
    alert.match = this.#match(alert, sale)
    if (alert.match !== null) alert.requests = this.#requests(alert, sale)
    return alert
  }

  /** The bank tells when it was sold, or when it was cleared: a day or two later, at midnight. */
  #statedSale(sale: Sale): number {
    const at = sale.captures[0]?.at ?? sale.soldAt
    if (this.#random.chance(0.7)) return sale.soldAt
    return Math.floor((at + this.#random.pick([DAY, DAY, 2 * DAY])) / DAY) * DAY
  }

  #convert(alert: Alert, sale: Sale): void {
    const to = this.#random.pick((['USD', 'EUR', 'GBP'] as const).filter(one => one !== sale.currency))
    const places = sale.currency === 'JPY' ? 100 : 1
    alert.currency = to
    alert.minor = Math.round((alert.minor * places * RATE_TO_USD[sale.currency]) / (RATE_TO_USD[to] * places)) || 1
    alert.amountText = decimal(alert.minor, to)
  }

  #base(
    issuedAt: number,
    card: Alert['card'],
    mid: string,
    about: Pick<Alert, 'sale' | 'minor' | 'currency' | 'kind'>,
  ): Alert {
    const random = this.#random
    const share = SHARES[this.#merchant.generation]
    const network = random.pick(['ethoca', 'verifi', 'verifi'] as const)
    const platform = this.#merchant.generation === 'chargebackhit' ? 'chargebackhit' : 'midigator'
    const some = (of: number, value: string) => (random.chance(of) ? value : null)
    return {
      ...about,
      guid: platform === 'midigator' ? `pre_${hex(random)}` : `${hex(random).slice(0, 8)}-alert-${digits(random, 12)}`,
      platform,
      network,
      isCdrn: network === 'verifi' && this.#merchant.generation !== 'midigator 1',
      amountText: this.#text(about.minor, about.currency),
      issuedAt,
      arrivesAt: issuedAt + Number(random.weighted({ '0': 70, '1': 24, '8': 5, '27': 1 })) * HOUR + random.int(20 * MINUTE),
      caseNumber: digits(random, 14),
      names: {
        arn: some(share.arn, `7${digits(random, 22)}`),
        first6: some(share.first6, card.first6),
        last4: some(share.last4, card.last4),
        authCode: some(share.authCode, digits(random, 6)),
        transactionId: some(share.transactionId, digits(random, 15)),
        merchantTransactionId: some(share.merchantTransactionId, digits(random, 13)),
        soldAt: random.chance(share.soldAt) ? issuedAt - 3 * DAY - random.int(100 * DAY) : null,
        currency: random.chance(share.currency),
      },
      mid: this.#merchant.sharesMids ? mid : `A${mid}77`,
      descriptor: 'OTHER MERCHANT',
      card,
      match: null,
      requests: [],
      answer: null,
    }
  } // prettier-ignore

  /** Numbers lose their last zeros on the way, as they do in JSON. */
  #text(minor: number, currency: Currency): string {
    const text = decimal(minor, currency)
    return this.#merchant.generation !== 'chargebackhit' && text.includes('.') ? text.replace(/\.?0+$/, '') : text
  }

  /** None of the merchant's sales; now and then the last four digits are those of a customer. */
  #foreign(issuedAt: number): Alert {
    const random = this.#random
    const known = random.pick(this.#sales)
    const last4 = random.chance(0.1) ? known.card.last4 : digits(random, 4)
    const card = { first6: '4' + digits(random, 5), last4, brand: 'visa' as const }
    const minor = random.chance(0.3) ? known.total : 900 + random.int(20_000)
    const { currency } = this.#merchant
    return this.#base(issuedAt, card, random.pick(this.#merchant.mids).id, { sale: null, minor, currency, kind: 'foreign' })
  } // prettier-ignore

  /** The platform knows what was delivered to us, which we push to it, and of old what another connection told it. */
  #match(alert: Alert, sale: Sale): Alert['match'] {
    const { platform } = this.#merchant
    const random = this.#random
    if (alert.platform === 'chargebackhit' || !random.chance(platform.matchShare)) return null
    const isOld = sale.soldAt < this.#span.from - this.#merchant.historyDays * DAY
    if (isOld ? !platform.knowsOld : sale.isLost && random.chance(0.7)) return null
    const after = random.weighted({ with: 5, minutes: 3, hours: 2 })
    const delay = after === 'with' ? random.int(3_000) : after === 'minutes' ? 2 * MINUTE + random.int(50 * MINUTE) : HOUR + random.int(10 * HOUR)
    return { sale, at: alert.arrivesAt + delay }
  } // prettier-ignore

  #requests(alert: Alert, sale: Sale): Alert['requests'] {
    const random = this.#random
    if (!random.chance(this.#merchant.platform.requestShare)) return []
    const first = Math.max(alert.issuedAt, alert.match!.at + random.pick([-20_000, -2_000, 1_000, 5_000, 60_000, HOUR]))
    const all = [{ at: first, minor: sale.total, isGood: true }]
    if (random.chance(0.25)) all.push({ at: first + random.pick([2_000, 10 * MINUTE, 5 * HOUR, 30 * HOUR]), minor: sale.total, isGood: true })
    return all
  } // prettier-ignore

  #around(alert: Alert, sale: Sale): void {
    const random = this.#random
    if (sale.fate !== 'paid') return
    if (random.chance(0.13)) this.#refundByHand(alert, sale)
    if (sale.card.brand === 'visa' && random.chance(0.025)) this.#notice(sale, 'rdr', alert.issuedAt + this.#around48())
    if (random.chance(0.02)) this.#notice(sale, 'chargeback', alert.issuedAt - 2 * DAY + random.int(15 * DAY))
    if (random.chance(0.05)) this.#second(alert, sale)
    if (random.chance(0.008)) this.#stray()
  }

  #around48 = () => this.#random.int(96 * HOUR) - 48 * HOUR

  #refundByHand(alert: Alert, sale: Sale): void {
    const random = this.#random
    const captured = capturedOf(sale)
    const by = random.chance(0.12) ? 'past' : 'hand'
    const last = sale.captures.at(-1)!.at + HOUR
    const before = Math.max(last, alert.issuedAt - random.pick([HOUR, DAY, 3 * DAY, 20 * DAY]) - random.int(HOUR))
    const isBefore = random.chance(0.6)
    const at = isBefore ? before : alert.issuedAt + random.pick([5 * MINUTE, HOUR, 6 * HOUR, 30 * HOUR])
    const minor = random.chance(0.7) ? captured : Math.max(100, Math.floor(captured / 500) * 100 + 100)
    this.plan.byHand.push({ sale, at, minor: Math.min(minor, captured), by })
  }

  #notice(sale: Sale, what: TakenBack['what'], at: number): void {
    const random = this.#random
    if (at < sale.soldAt + 2 * DAY) return
    const { platform, generation } = this.#merchant
    const isNamed = generation !== 'chargebackhit' && random.chance(platform.matchShare)
    const toldAt = at + random.pick([5 * MINUTE, HOUR, 10 * HOUR, DAY])
    const guid = generation === 'chargebackhit' ? `${hex(random).slice(0, 8)}-${what}-${digits(random, 12)}` : `${what === 'rdr' ? 'rdr' : 'cbc'}_${hex(random)}`
    const taken: TakenBack = {
      guid,
      what,
      minor: capturedOf(sale),
      at,
      toldAt,
      matchedAt: isNamed ? toldAt + random.pick([0, 1_000, HOUR, 9 * HOUR]) : null,
      namesArn: random.chance(0.6),
      namesCard: random.chance(0.8),
    }
    this.plan.notices.push({ sale, taken })
  } // prettier-ignore

  /** A second alert: of the other network about the very same sale, or of the same network about its neighbour, or about the same. */
  #second(first: Alert, sale: Sale): void {
    const random = this.#random
    const issuedAt = first.issuedAt + random.pick([10 * MINUTE, 5 * HOUR, 26 * HOUR, 60 * HOUR])
    const neighbour = this.#sales.find(
      one => one.customer === sale.customer && one !== sale && one.fate === 'paid' && one.soldAt < issuedAt - 3 * DAY && issuedAt - one.soldAt < 120 * DAY && !this.#taken.has(one),
    ) // prettier-ignore
    const kind = random.weighted({
      'second, other network': 5,
      'second, neighbour': neighbour === undefined ? 0 : 3,
      'second, same sale': 2,
    })
    const about = kind === 'second, neighbour' ? neighbour! : sale
    this.#taken.add(about)
    const alert = this.#about(about, issuedAt, kind)
    const isOther = kind === 'second, other network'
    alert.network = isOther === (first.network === 'ethoca') ? 'verifi' : 'ethoca'
    alert.isCdrn = alert.network === 'verifi' && this.#merchant.generation !== 'midigator 1'
    this.plan.alerts.push(alert)
  }

  /** An order to refund that has no alert, or names what is not so. */
  #stray(): void {
    const random = this.#random
    if (this.#merchant.generation === 'chargebackhit') return
    const sale = random.pick(this.#sales)
    const at = this.#span.from + random.int(this.#span.to - this.#span.from)
    if (this.#taken.has(sale) || sale.fate !== 'paid' || sale.soldAt > at - 5 * DAY) return
    this.#taken.add(sale)
    this.plan.strays.push({ sale, at, how: random.pick(['amount', 'other order', 'unknown guid']) })
  }
}
