import type { RefundAnswer, RefundRequest, RefundsQuery, RefundsReport } from '../../../src/gateways/gateway.ts'
import type { VirtualClock } from '../simulator/clock.ts'
import type { Random } from '../simulator/random.ts'
import type { Behaviour, Behaviours } from './behaviours.ts'
import { amountOf, centsOf } from './cents.ts'
import { drawFate, type Fate } from './draw-fate.ts'
import {
  answerOf,
  drawTraits,
  refusalOf,
  said,
  type Booked,
  type GatewayCall,
  type GatewayTraits,
} from './gateway-answers.ts'
import { DURATIONS } from './draw-terms.ts'
import { capturedOf, sumOf, type Sale } from './sales.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Who moves the money, in memory; it fails in every way a call can. It knows sales by their transactions. */
export class ModelGateway {
  readonly booked: Booked[] = []
  readonly traits: GatewayTraits
  /** Told of every refund of ours before it is booked. */
  onEffect: (sale: Sale | null, request: RefundRequest, key: string) => void = () => {}
  faultsOn = true
  /** Whether what is pending may come to nothing. */
  mayFail = true
  sent = 0
  epoch = 0
  /** What will pass: until when it refuses, once it was first asked. */
  #refusesUntil: number | null = null
  #hasLookedAgain = false
  /** A sale settles so long after it was captured. */
  readonly #settlesMs: number
  readonly #sales: readonly Sale[]
  readonly #keys = new Map<string, { at: number; refund: Booked }>()
  readonly #open = new Set<GatewayCall>()
  readonly #random: Random
  readonly #behaviours: Behaviours
  readonly #clock: VirtualClock

  constructor(
    random: Random,
    clock: VirtualClock,
    { behaviours, sales }: { behaviours: Behaviours; sales: readonly Sale[] },
  ) {
    this.#random = random
    this.#clock = clock
    this.#behaviours = behaviours
    this.#sales = sales
    this.#settlesMs = behaviours.random('gateway-sale-unsettled').pick([25, 28, 30]) * HOUR_MS
    this.traits = drawTraits(random, behaviours)
  }

  sale = (transaction: string): Sale | null => this.#sales.find(one => one.transaction === transaction) ?? null
  refundsOf = ({ transaction }: Sale): Booked[] => this.booked.filter(refund => refund.transaction === transaction)
  /** Cents given back or being given back. */
  held = (sale: Sale): number =>
    sumOf(this.refundsOf(sale).filter(({ status }) => status === 'pending' || status === 'succeeded'))
  left = (sale: Sale): number => capturedOf(sale) - this.held(sale)
  openCalls = (orderId: string): GatewayCall[] => [...this.#open].filter(call => call.orderId === orderId)
  /** Until when a call that was made can still be booked. */
  lastEffectAt = (orderId: string): number => this.#lastEffectAt.get(orderId) ?? 0
  readonly #lastEffectAt = new Map<string, number>()

  #isUnsettled = ({ captures }: Sale): boolean =>
    this.#behaviours.has('gateway-sale-unsettled') && this.#clock.now < (captures[0]?.at ?? 0) + this.#settlesMs

  /** Whether it would refuse a refund of this sale now, for a while. */
  isRefusingForNow = (sale: Sale): boolean => this.#isUnsettled(sale) || this.#clock.now < (this.#refusesUntil ?? 0)

  bodyOf = (request: RefundRequest): string => JSON.stringify(request)

  /** Where keys are said to be kept and are not, the first call surely arrives late and unanswered. */
  #fate(): Fate {
    if (this.sent === 0 && this.#behaviours.has('gateway-keys-not-kept')) return { how: 'lost', effect: 'late' }
    return drawFate(this.#random, this.faultsOn ? this.traits.faultShare : 0)
  }

  /** Puts a refund on the wire. */
  send(body: string, key: string): GatewayCall {
    const request = JSON.parse(body) as RefundRequest
    const { orderId } = request
    const { now } = this.#clock
    const fate = this.#fate()
    const endsAt = now + (fate.how === 'timeout' ? DURATIONS.refundTimeoutMs : 20 + this.#random.int(900))
    let result: RefundAnswer = { said: 'nothing', why: 'lost' }
    const call: GatewayCall = {
      orderId,
      key,
      epoch: this.epoch,
      endsAt,
      mayArrive: fate.how !== 'unsent' && fate.how !== 'throttled',
      answer: () => answerOf(fate, result),
    }
    this.sent += 1
    if (fate.how !== 'unsent') this.#open.add(call)
    this.#clock.at(endsAt, () => this.#open.delete(call))
    if (fate.effect === 'never') return call
    const at =
      fate.effect === 'late' ? endsAt + this.#random.int(DURATIONS.lateMs) : now + this.#random.int(endsAt - now)
    this.#lastEffectAt.set(orderId, Math.max(this.lastEffectAt(orderId), at))
    this.#clock.at(at, () => {
      result = this.#book(request, key)
    })
    return call
  }

  /** The caller hangs up; what arrived is booked all the same. */
  hangUp(call: GatewayCall): void {
    if (call.endsAt <= this.#clock.now) return
    this.#open.delete(call)
    call.endsAt = this.#clock.now
    call.answer = () => ({ said: 'nothing', why: 'aborted' })
  }

  #book(request: RefundRequest, key: string): RefundAnswer {
    const { keepsKeys, guards, refusal, pendingShare } = this.traits
    const { now } = this.#clock
    const cents = centsOf(request.amount)
    const known = this.#keys.get(key)
    if (keepsKeys && known && now - known.at < DURATIONS.keepsKeysMs) return said(known.refund)
    if (known) this.#behaviours.meet('gateway-keys-not-kept')
    if (refusal !== null) return refusalOf(refusal)
    const sale = this.sale(request.transactionId)
    if (sale !== null) this.#meetRefusals(sale)
    if (sale !== null && this.isRefusingForNow(sale))
      return refusalOf(
        this.#refusesUntil !== null && now < this.#refusesUntil ? 'try_later' : 'transaction_not_settled',
      )
    const left = sale === null ? 0 : this.left(sale)
    if (guards && left <= 0) return refusalOf('already_refunded')
    if (guards && cents > left) return refusalOf('amount_too_large')
    this.onEffect(sale, request, key)
    const { orderId, transactionId: transaction } = request
    const refund = this.#add(
      { orderId, transaction, cents, reference: key, by: 'us' },
      this.#random.chance(pendingShare),
    )
    this.#keys.set(key, { at: now, refund })
    this.#failLater(refund, 'gateway-takes-back-soon', [60_000, HOUR_MS, 20 * HOUR_MS])
    this.#failLater(refund, 'gateway-fails-days-later', [3 * DAY_MS, 9 * DAY_MS, 20 * DAY_MS, 29 * DAY_MS])
    return said(refund)
  }

  /** What comes to pass at the moment when it is first asked for a refund. */
  #meetRefusals(sale: Sale): void {
    const { now } = this.#clock
    const passes = this.#behaviours
    if (passes.has('gateway-sale-unsettled') && this.isRefusingForNow(sale)) passes.meet('gateway-sale-unsettled')
    if (passes.has('gateway-refusal-passes') && this.#refusesUntil === null) {
      this.#refusesUntil = now + passes.random('gateway-refusal-passes').pick([60_000, HOUR_MS, 4 * HOUR_MS])
      passes.meet('gateway-refusal-passes')
    }
    if (passes.has('gateway-look-again') && !this.#hasLookedAgain && this.left(sale) > 0) {
      // Support refunded it by hand a moment ago.
      this.#hasLookedAgain = true
      this.refundByHand(sale, passes.random('gateway-look-again').chance(0.5) ? 500 : this.left(sale))
      passes.meet('gateway-look-again')
    }
  }

  #failLater(refund: Booked, name: Behaviour, afterMs: readonly number[]): void {
    if (!this.#behaviours.has(name)) return
    this.#clock.at(this.#clock.now + this.#behaviours.random(name).pick(afterMs), () => {
      if (refund.status !== 'succeeded') return
      refund.status = 'taken back'
      refund.takenBackAt = this.#clock.now
      this.#behaviours.meet(name)
    })
  }

  /** A refund that somebody makes at the gateway itself, now or some time ago. */
  refundByHand = (sale: Sale, cents: number, agoMs = 0): Booked =>
    this.#add(
      { orderId: sale.orderId, transaction: sale.transaction, cents, reference: '', by: 'hand' },
      agoMs === 0 && this.#random.chance(this.traits.pendingShare),
      agoMs,
    )

  #add(
    about: Pick<Booked, 'orderId' | 'transaction' | 'cents' | 'reference' | 'by'>,
    isPending: boolean,
    agoMs = 0,
  ): Booked {
    const now = this.#clock.now - agoMs
    const refund: Booked = {
      ...about,
      id: `r${this.booked.length + 1}`,
      status: isPending ? 'pending' : 'succeeded',
      createdAt: now,
      confirmedAt: isPending ? null : now,
      takenBackAt: null,
    }
    this.booked.push(refund)
    if (isPending) this.#clock.at(now + this.#random.pick([10_000, 600_000, 7_200_000]), () => this.#end(refund))
    return refund
  }

  #end(refund: Booked): void {
    if (refund.status !== 'pending') return
    refund.status = this.#random.chance(0.8) || !this.mayFail ? 'succeeded' : 'failed'
    if (refund.status === 'succeeded') refund.confirmedAt = this.#clock.now
  }

  /** Whether its list shows a refund by now. */
  isListed = ({ createdAt }: Booked): boolean => this.#clock.now - createdAt >= this.traits.lagMs

  /** Support refunds a part by hand a moment before its list is asked for, which does not show it yet. */
  #refundUnlisted(orderId: string): void {
    const sale = this.#sales.find(one => one.orderId === orderId && one.id === 'A')
    if (
      !this.#behaviours.has('gateway-list-lags') ||
      this.#hasRefundedUnlisted ||
      sale === undefined ||
      this.left(sale) <= 500
    )
      return
    this.#hasRefundedUnlisted = true
    if (this.#behaviours.random('gateway-list-lags').chance(0.6)) this.refundByHand(sale, 500)
  }
  #hasRefundedUnlisted = false

  /** What `GET /refunds` tells now, and how long that takes. */
  list({ orderId, transactionId }: RefundsQuery): { report: RefundsReport; endsAt: number } {
    const endsAt = this.#clock.now + 20 + this.#random.int(400)
    if (this.faultsOn && this.#random.chance(this.traits.faultShare / 2))
      return { report: { read: false, why: 'http-503' }, endsAt }
    const { listsReferences, tellsRefundable } = this.traits
    this.#refundUnlisted(orderId)
    const all = this.booked.filter(refund => refund.orderId === orderId)
    const shown = all.filter(this.isListed)
    if (shown.length < all.length) this.#behaviours.meet('gateway-list-lags')
    const refunds = shown.map(refund => ({
      ...({ refundId: refund.id, amount: amountOf(refund.cents), createdAt: refund.createdAt, arn: null } as const),
      status: refund.status === 'taken back' ? ('failed' as const) : refund.status,
      reference: listsReferences && refund.by === 'us' ? refund.reference : null,
    }))
    const sales = this.#sales.filter(
      sale => sale.orderId === orderId && [sale.transaction, null].includes(transactionId),
    )
    const left = Math.max(0, sumOf(sales.map(sale => ({ cents: this.left(sale) }))))
    const settled =
      this.#behaviours.has('gateway-sale-unsettled') && tellsRefundable
        ? !sales.some(sale => this.#isUnsettled(sale))
        : null
    if (settled === false) this.#behaviours.meet('gateway-sale-unsettled')
    const [amount, currency] = tellsRefundable ? [amountOf(left), sales[0]?.currency ?? null] : [null, null]
    return { report: { read: true, refunds, refundableAmount: amount, currency, settled }, endsAt }
  }
}
