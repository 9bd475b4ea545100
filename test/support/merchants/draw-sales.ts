import type { Random } from '../simulator/random.ts'
import type { Merchant } from './draw-merchant.ts'
import { DAY, HOUR, MINUTE, type Card, type Currency, type Sale } from './truth.ts'

/** Banks of the merchant's customers: many share one number, as they do. */
const BINS = [
  '401288',
  '414720',
  '424631',
  '431274',
  '448590',
  '476173',
  '483312',
  '511111',
  '524353',
  '540512',
  '546616',
  '555544',
]

const LOST_SHARE = 0.05

/** Draws the sales of a merchant from `from` to `to`, about `count` of them, oldest first. */
export function drawSales(random: Random, merchant: Merchant, from: number, to: number, count: number): Sale[] {
  const draw = new SaleDraw(random, merchant, from, to)
  while (draw.sales.length < count) {
    if (merchant.business === 'subscription') draw.subscriber()
    else draw.buyer()
  }
  return draw.sales.toSorted((a, b) => a.soldAt - b.soldAt)
}

class SaleDraw {
  readonly sales: Sale[] = []
  readonly #random: Random
  readonly #merchant: Merchant
  readonly #from: number
  readonly #to: number
  #customers = 0

  constructor(random: Random, merchant: Merchant, from: number, to: number) {
    this.#random = random
    this.#merchant = merchant
    this.#from = from
    this.#to = to
  }

  /** A trial, then the same amount from the same card every thirty days; what is declined is tried again. */
  subscriber(): void {
    const random = this.#random
    const common = this.#customer()
    let at = this.#from + random.int(this.#to - this.#from)
    if (random.chance(0.7)) this.#sell(common, random.pick([100, 495, 695]), at)
    else at -= 14 * DAY
    const price = random.pick([2_995, 3_995, 4_995, 8_995])
    for (at += 14 * DAY; at < this.#to; at += 30 * DAY + random.int(6 * HOUR)) {
      this.#bill(common, price, at)
      if (random.chance(0.02)) this.#sell(common, price, at + random.int(20 * MINUTE))
      if (random.chance(0.05)) this.#sell(common, random.pick([1_495, 1_995]), at + random.int(DAY))
      if (random.chance(0.13)) return
    }
  }

  #bill(common: Common, price: number, first: number): void {
    const random = this.#random
    const declines: number[] = []
    let at = first
    for (let tries = 0; tries < 4; tries++) {
      if (random.chance(tries === 0 ? 0.82 : 0.5)) return this.#sell(common, price, at, 'paid', declines)
      if (this.#merchant.crm.reusesOrderId) declines.push(at)
      else this.#sell(common, price, at, 'declined')
      at += random.pick([5 * MINUTE, 3 * HOUR, DAY, 2 * DAY, 3 * DAY])
    }
    if (declines.length > 0) this.#sell(common, price, declines[0]!, 'declined', declines.slice(1))
  }

  /** One to three orders of amounts of their own. */
  buyer(): void {
    const random = this.#random
    const common = this.#customer()
    const orders = random.pick([1, 1, 1, 2, 2, 3])
    for (let i = 0; i < orders; i++) {
      const at = this.#from + random.int(this.#to - this.#from)
      const amount = random.chance(0.3) ? random.pick([1_999, 2_499, 4_900, 9_900]) : 800 + random.int(35_000)
      const fate = random.weighted({ paid: 92, declined: 4, voided: 3, authorized: 1 })
      if (fate === 'declined' && random.chance(0.7)) this.#sell(common, amount, at + random.int(DAY))
      this.#sell(common, amount, at, fate)
    }
  }

  #customer(): Common {
    const random = this.#random
    const card = this.#card()
    const isWallet = this.#merchant.business === 'shop' ? random.chance(0.2) : random.chance(0.04)
    const wallet = isWallet ? (random.chance(0.93) ? ('named' as const) : ('unnamed' as const)) : ('none' as const)
    const crmCard = wallet === 'none' ? card : this.#card()
    const currency = random.weighted<Currency>(this.#merchant.currencies)
    const mid = random.pick(this.#merchant.mids)
    return { customer: (this.#customers += 1), card, crmCard, wallet, currency, mid }
  }

  #card(): Card {
    const first6 = BINS[Math.min(this.#random.int(BINS.length), this.#random.int(BINS.length))]!
    return {
      first6,
      last4: String(this.#random.int(10_000)).padStart(4, '0'),
      brand: first6.startsWith('4') ? 'visa' : 'mastercard',
    }
  }

  #sell(common: Common, minor: number, at: number, fate: Sale['fate'] = 'paid', declines: number[] = []): void {
    if (at >= this.#to) return
    const random = this.#random
    const { crm, gateway, business } = this.#merchant
    const total = common.currency === 'JPY' ? minor - (minor % 10) : minor
    const number = this.sales.length + 1
    const { mid, ...buyer } = common
    const captures = fate === 'paid' ? this.#captures(total, at) : []
    const refusal = mid.isClosed ? 'account closed' : random.chance(0.01) ? 'not possible' : 'none'
    const sale: Sale = {
      ...buyer,
      id: `${business === 'shop' ? 'S' : 'B'}${this.#merchant.seed}-${10_000 + number}`,
      orderGuid: `ord_${hex(random)}`,
      total,
      soldAt: at,
      orderedAt: declines[0] ?? at,
      fate,
      captures,
      declines,
      mid: mid.id,
      descriptor: business === 'shop' ? 'GREEN GOODS 8005550101' : 'FITBOX MONTHLY 8005550199',
      transactionId: `${random.int(1e9)}${String(random.int(1e6)).padStart(6, '0')}`,
      authCode: String(random.int(1_000_000)).padStart(6, '0'),
      arn: `7${digits(random, 22)}`,
      isAuthenticated: random.chance(0.15),
      isLost: random.chance(LOST_SHARE),
      stated: {
        first6: crm.statesFirst6,
        last4: random.chance(0.995),
        arn: crm.statesArn && fate === 'paid' && random.chance(0.9),
        authCode: crm.statesAuthCode && fate !== 'declined',
        transactionId: random.chance(0.98),
        currency: this.#merchant.statesCurrency,
      },
      knownAt: null,
      arnKnownAt: null,
      refunds: [],
      taken: [],
      quirks: [],
      refusal,
      passesAfterMs: random.chance(0.04) ? random.pick([10 * MINUTE, 2 * HOUR, 30 * HOUR]) : 0,
      passesAt: null,
      settlesAt: (captures[0]?.at ?? at) + gateway.settlesAfterMs,
    } // prettier-ignore
    this.sales.push(sale)
  }

  /** Subscriptions are charged at once; a shop takes the money when goods leave, now and then in parts, now and then not all. */
  #captures(total: number, at: number): Sale['captures'] {
    const random = this.#random
    if (this.#merchant.business === 'subscription' || random.chance(0.4)) return [{ minor: total, at }]
    const first = at + random.int(3 * DAY)
    if (random.chance(0.9) || total < 2_000) return [{ minor: total, at: first }]
    const part = Math.floor((total * (3 + random.int(5))) / 1_000) * 100
    if (part === 0 || part === total) return [{ minor: total, at: first }]
    return random.chance(0.5)
      ? [{ minor: part, at: first }]
      : [{ minor: part, at: first }, { minor: total - part, at: first + DAY + random.int(3 * DAY) }] // prettier-ignore
  }
}

interface Common extends Pick<Sale, 'customer' | 'card' | 'crmCard' | 'wallet' | 'currency'> {
  mid: Merchant['mids'][number]
}

export const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.int(10)).join('')
export const hex = (random: Random): string => Array.from({ length: 32 }, () => random.int(16).toString(16)).join('')
