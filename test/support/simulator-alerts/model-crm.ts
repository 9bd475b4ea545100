import type { Change } from '../../../src/domain/change.ts'
import type { VirtualClock } from '../simulator/clock.ts'
import type { Random } from '../simulator/random.ts'
import type { Behaviour, Behaviours } from './behaviours.ts'
import { amountOf } from './cents.ts'
import type { ModelGateway } from './model-gateway.ts'
import { capturedOf, sumOf, type Sale } from './sales.ts'

type Values = Change['values']

const DAY_MS = 86_400_000
/** Rupees to the pound, about. */
const RATE = 98

/** What a CRM has said of one sale. */
interface Told {
  /** Its last word on refunds; said again it bears the same date. */
  refunds: { cents: number; change: Change } | null
  /** Wrong in its own way once. */
  hasErred: boolean
}

/** The CRM in memory: what happens to its orders, and what it says of it. Only behaviours make it say what is not so. */
export class ModelCrm {
  readonly sales: readonly Sale[]
  /** Whether refunds by hand are made at the gateway or past it; never both of one merchant. */
  readonly #refundsAt: 'gateway' | 'elsewhere'
  readonly #refundShare: number
  readonly #isSilent: boolean
  /** It says that something was given back, not how much. */
  readonly #isVague: boolean
  readonly #random: Random
  readonly #clock: VirtualClock
  readonly #gateway: ModelGateway
  readonly #behaviours: Behaviours
  readonly #told = new Map<Sale, Told>()
  /** How far its clock is from Redis'. */
  readonly #offMs: number

  constructor(
    random: Random,
    clock: VirtualClock,
    { gateway, behaviours, sales }: { gateway: ModelGateway; behaviours: Behaviours; sales: readonly Sale[] },
  ) {
    this.#random = random
    this.#clock = clock
    this.#gateway = gateway
    this.#behaviours = behaviours
    this.sales = sales
    const needsElsewhere =
      behaviours.has('crm-refunded-to-date-per-refund') || behaviours.has('crm-refunded-amount-lowered')
    const at = random.pick(['gateway', 'gateway', 'elsewhere'] as const)
    this.#refundsAt = needsElsewhere ? 'elsewhere' : behaviours.has('crm-silent-about-gateway-refund') ? 'gateway' : at
    const share = random.pick([0, 0, 0.1, 0.4])
    const isRefused = gateway.traits.refusal !== null
    this.#refundShare = isRefused
      ? 0
      : needsElsewhere || behaviours.has('crm-silent-about-gateway-refund')
        ? 0.5
        : share
    this.#isVague = random.chance(0.1)
    this.#offMs = behaviours.has('clocks-differ')
      ? behaviours.random('clocks-differ').pick([-600_000, -30_000, 20_000, 200_000])
      : 0
    gateway.mayFail = this.#refundShare === 0
    // What neither CRM nor gateway knows of nobody could.
    this.#isSilent = behaviours.has('crm-silent-about-gateway-refund') && this.#refundsAt === 'gateway'
    if (behaviours.has('clocks-differ')) behaviours.meet('clocks-differ')
    for (const sale of sales) this.#told.set(sale, { refunds: null, hasErred: false })
  }

  /** Behaviours are about the first sale. */
  #errs = (sale: Sale, name: Behaviour): boolean => sale === this.sales[0] && this.#behaviours.has(name)

  /** The next thing that happens to a sale, as the CRM tells it; null: nothing did, or nobody tells. */
  next(sale: Sale): Change | null {
    const change = this.#next(sale)
    if (sale.delivery !== 'never') return change
    if (change !== null)
      for (const name of ['sale-never-delivered', 'store-incomplete'] as const)
        if (this.#errs(sale, name)) this.#behaviours.meet(name)
    return null
  }

  #next(sale: Sale): Change | null {
    switch (sale.stage) {
      case 'none':
        return this.#sell(sale)
      case 'authorized':
        return this.#random.chance(0.6) ? this.#settle(sale, {}) : this.#end(sale)
      case 'settled':
        return this.#erring(sale) ?? (this.#random.chance(this.#refundShare) ? this.#refund(sale) : this.#report(sale))
      case 'never paid':
        if (sale.isDeclined && sale.captures.length === 0 && !this.#hasTold(sale)) return this.#sellDeclined(sale)
        // A payment that was declined may be tried again.
        return sale.id !== 'D' && sale.isDeclined && this.#random.chance(0.3) ? this.#settle(sale, {}) : null
    }
  }

  readonly #sold = new Set<Sale>()
  #hasTold = (sale: Sale) => this.#sold.has(sale)

  #change = ({ orderId, soldAt }: Sale, values: Values): Change => ({
    orderId,
    occurredAt: (this.#isHistory ? soldAt : this.#clock.now) + this.#offMs,
    values,
    notes: [],
  })

  /** What took place, and was told of, when it was sold. */
  soldEarlier(sale: Sale): Change | null {
    this.#isHistory = true
    const change = this.next(sale)
    this.#isHistory = false
    return change
  }
  #isHistory = false

  /** An amount as this CRM writes it. */
  #amount(sale: Sale, cents: number): string {
    if (this.#errs(sale, 'crm-amounts-in-minor-units')) return String(cents)
    return amountOf(this.#errs(sale, 'crm-total-in-another-currency') ? cents / RATE : cents)
  }

  #identity(sale: Sale): Values {
    this.#sold.add(sale)
    if (this.#errs(sale, 'crm-amounts-in-minor-units')) this.#behaviours.meet('crm-amounts-in-minor-units')
    if (this.#errs(sale, 'crm-total-in-another-currency')) this.#behaviours.meet('crm-total-in-another-currency')
    if (sale.id === 'A2') this.#behaviours.meet('crm-two-shops-one-order-id')
    return {
      transaction_id: sale.transaction,
      transaction_merchant_id: sale.mid,
      cc_first_6: sale.card.first6,
      cc_last_4: sale.card.last4,
      cc_type: sale.card.first6.startsWith('5') ? 'mastercard' : 'visa',
      ...(sale.arn !== null && { arn: sale.arn }),
      ...(sale.eci !== null && { eci: sale.eci }),
      order_total: this.#amount(sale, sale.cents),
      currency: this.#errs(sale, 'crm-total-in-another-currency') ? 'GBP' : sale.currency,
      order_date: new Date(sale.soldAt).toISOString(),
    }
  }

  #sell(sale: Sale): Change {
    if (this.#random.chance(0.7) || sale.soldAt < this.#clock.now - 2 * DAY_MS)
      return this.#settle(sale, this.#identity(sale))
    sale.stage = 'authorized'
    return this.#change(sale, { ...this.#identity(sale), payment_state: 'authorized' })
  }

  #sellDeclined(sale: Sale): Change {
    if (sale.id === 'D') this.#behaviours.meet('sale-with-declined-attempts')
    return this.#change(sale, { ...this.#identity(sale), order_status: 'Cancelled', payment_state: 'declined' })
  }

  #settle(sale: Sale, sold: Values): Change {
    sale.stage = 'settled'
    sale.captures.push({ cents: sale.cents, at: this.#isHistory ? sale.soldAt : this.#clock.now })
    const captured: Values = this.#random.chance(0.5) ? { captured_amount: this.#amount(sale, sale.cents) } : {}
    return this.#change(sale, { ...sold, ...captured, order_status: 'Complete', payment_state: 'captured' })
  }

  #end(sale: Sale): Change {
    sale.stage = 'never paid'
    const payment = this.#random.pick(['declined', 'voided', null] as const)
    sale.isDeclined = payment === 'declined'
    return this.#change(sale, { order_status: 'Cancelled', payment_state: payment })
  }

  /** What went past the gateway is not known where the CRM has never stated how much. */
  hasStatedRefunds = (sale: Sale): boolean => !this.#isVague && this.#told.get(sale)!.refunds !== null

  /** Cents that are left to give back, in truth. */
  left = (sale: Sale): number =>
    sale.stage === 'settled' ? capturedOf(sale) - this.#gateway.held(sale) - sumOf(sale.elsewhere) : 0

  /** Given back in parts past the gateway, and told of part by part as if each were all. */
  refundByParts(sale: Sale): Change[] {
    return [1_000, 500].map((cents, i) => {
      const agoMs = (20 - i) * 3_600_000
      sale.elsewhere.push({ cents, at: this.#clock.now - agoMs })
      this.#behaviours.meet('crm-refunded-to-date-per-refund')
      this.#told.set(sale, { refunds: null, hasErred: true })
      const change = this.#change(sale, { is_refund: true, refunded_to_date: this.#amount(sale, cents) })
      return { ...change, occurredAt: change.occurredAt - agoMs }
    })
  }

  /** Refunded by hand some time before anybody heard of an alert; answers what the CRM said of it then. */
  refundEarlier(sale: Sale, cents: number, agoMs: number): Change | null {
    if (this.#refundsAt === 'gateway') this.#gateway.refundByHand(sale, cents, agoMs)
    // A CRM tells one date of all it gave back past the gateway: so it is given back at once.
    else sale.elsewhere.push({ cents: capturedOf(sale), at: this.#clock.now - agoMs })
    const change = this.#report(sale)
    if (change === null) return null
    const then = { ...change, occurredAt: change.occurredAt - agoMs }
    this.#told.set(sale, { ...this.#told.get(sale)!, refunds: { cents: this.#given(sale), change: then } })
    return then
  }

  /** A refund by hand; the CRM tells of it now or never. */
  #refund(sale: Sale): Change | null {
    const left = this.left(sale)
    if (left <= 0) return null
    const isByParts = this.#refundsAt === 'gateway'
    // A CRM tells one date of all it gave back past the gateway: so it is given back at once.
    const cents = isByParts ? this.#random.pick([left, 500, 1_000]) : left
    if (cents > left) return null
    if (this.#refundsAt === 'gateway') this.#gateway.refundByHand(sale, cents)
    else sale.elsewhere.push({ cents, at: this.#clock.now })
    const isSilent = sale === this.sales[0] && this.#isSilent
    if (isSilent) this.#behaviours.meet('crm-silent-about-gateway-refund')
    if (isSilent) return null
    return this.#random.chance(0.5) || this.#refundsAt === 'elsewhere' ? this.#report(sale) : null
  }

  /** Whatever it has not told yet of refunds; null: nothing. */
  catchUp(sale: Sale): Change | null {
    const told = this.#told.get(sale)!
    if (sale.delivery === 'never' || sale.stage !== 'settled' || this.#given(sale) === told.refunds?.cents) return null
    return this.#report(sale)
  }

  /** What it errs in long after; null: nothing. */
  errLate(): Change | null {
    const sale = this.sales[0]!
    return sale.stage === 'settled' && sale.delivery !== 'never' ? this.#erring(sale) : null
  }

  /** Cents that the CRM knows to be given back: what the gateway has confirmed, and what went past it. */
  #given(sale: Sale): number {
    const confirmed = this.#gateway.refundsOf(sale).filter(({ status }) => status === 'succeeded')
    return sumOf(confirmed) + sumOf(sale.elsewhere)
  }

  /** What was given back so far, as far as the CRM knows. */
  #report(sale: Sale): Change | null {
    const told = this.#told.get(sale)!
    const given = this.#given(sale)
    if (given === 0 || (sale === this.sales[0] && this.#isSilent)) return null
    if (given === told.refunds?.cents) return told.refunds.change
    if (told.hasErred && this.#refundsAt === 'elsewhere') return null
    const amount: Values = this.#isVague ? {} : { refunded_to_date: this.#amount(sale, given) }
    const status: Values = given >= capturedOf(sale) ? { order_status: 'Refunded' } : {}
    const change = this.#change(sale, { is_refund: true, ...amount, ...status })
    told.refunds = { cents: given, change }
    return change
  }

  /** What a CRM that is wrong in a way of its own says next; null: nothing of the kind now. */
  #erring(sale: Sale): Change | null {
    const told = this.#told.get(sale)!
    if (told.hasErred || sale !== this.sales[0]) return null
    const given = this.#given(sale)
    const say = (name: Behaviour, values: Values): Change => {
      told.hasErred = true
      this.#behaviours.meet(name)
      return this.#change(sale, values)
    }
    const draw = (name: Behaviour, share: number) =>
      this.#behaviours.has(name) && this.#behaviours.random(name).chance(share)
    if (draw('crm-refunded-without-money', 0.5) && given === 0)
      return say('crm-refunded-without-money', this.#behaviours.random('crm-refunded-without-money').pick([
        { order_status: 'Refunded' },
        { order_status: 'Refunded', is_refund: true },
        { order_status: 'Refunded', is_refund: true, refunded_to_date: this.#amount(sale, sale.cents) },
      ])) // prettier-ignore
    if (draw('crm-refunded-though-part-only', 0.5) && this.left(sale) > 500) {
      this.#gateway.refundByHand(sale, 500)
      return say('crm-refunded-though-part-only', { order_status: 'Refunded', is_refund: true })
    }
    if (draw('crm-cancelled-though-refunded', 0.5) && this.left(sale) === capturedOf(sale)) {
      this.#gateway.refundByHand(sale, this.left(sale))
      return say('crm-cancelled-though-refunded', { order_status: 'Cancelled', payment_state: this.#behaviours.random('crm-cancelled-though-refunded').pick([null, 'voided']) }) // prettier-ignore
    }
    if (draw('crm-refunded-amount-lowered', 0.5) && given > 0 && told.refunds !== null)
      return say('crm-refunded-amount-lowered', { refunded_to_date: this.#behaviours.random('crm-refunded-amount-lowered').pick(['0', '5']), is_refund: this.#behaviours.random('crm-refunded-amount-lowered').chance(0.5), order_status: 'Complete' }) // prettier-ignore
    if (draw('crm-complete-after-refund', 0.7) && given > 0)
      return say('crm-complete-after-refund', { order_status: 'Complete', payment_state: 'captured', is_refund: false, refunded_to_date: '0' }) // prettier-ignore
    if (draw('capture-grows', 0.7) && given >= capturedOf(sale)) {
      sale.captures.push({ cents: 1_000, at: this.#clock.now })
      const total = capturedOf(sale)
      return say('capture-grows', { order_status: 'Complete', payment_state: 'captured', order_total: this.#amount(sale, total), captured_amount: this.#amount(sale, total) }) // prettier-ignore
    }
    return null
  }
}
