import type { RefundAnswer, RefundGateway, RefundRequest, RefundsReport } from '../../../src/gateways/gateway.ts'
import type { VirtualClock } from '../simulator/clock.ts'
import type { Random } from '../simulator/random.ts'
import { amountOf, centsOf } from './cents.ts'
import { drawFate, type Fate } from './draw-fate.ts'
import { DURATIONS } from './draw-terms.ts'

/** A refund as the gateway has it. `taken back`: it succeeded, and failed later. */
export interface Booked {
  id: string
  orderId: string
  cents: number
  status: 'pending' | 'succeeded' | 'failed' | 'taken back'
  reference: string
  createdAt: number
  confirmedAt: number | null
  by: 'us' | 'hand'
}

/** A call on the wire, and what it will come to. */
export interface GatewayCall {
  orderId: string
  key: string
  /** How often Redis had lost what it had when it was made. */
  epoch: number
  endsAt: number
  /** False: it surely never arrived. */
  mayArrive: boolean
  answer: () => RefundAnswer
}

/** What kind of gateway it is. */
export interface GatewayTraits {
  keepsKeys: boolean
  listsReferences: boolean
  tellsRefundable: boolean
  /** Refuses more than is left; others trust their caller. */
  guards: boolean
  pendingShare: number
  refusal: string | null
  faultShare: number
}

/** Who moves the money, in memory; it fails in every way a call can. */
export class ModelGateway {
  readonly booked: Booked[] = []
  /** What was collected of each order, in cents. */
  readonly captured = new Map<string, number>()
  readonly traits: GatewayTraits
  /** Told of every refund of ours before it is booked. */
  onEffect: (orderId: string, key: string, cents: number) => void = () => {}
  faultsOn = true
  sent = 0
  epoch = 0
  readonly #keys = new Map<string, { at: number; refund: Booked }>()
  readonly #open = new Set<GatewayCall>()
  readonly #random: Random
  readonly #clock: VirtualClock

  constructor(random: Random, clock: VirtualClock) {
    this.#random = random
    this.#clock = clock
    this.traits = {
      keepsKeys: random.chance(0.55),
      listsReferences: random.chance(0.75),
      tellsRefundable: random.chance(0.5),
      guards: random.chance(0.5),
      pendingShare: random.pick([0, 0, 0.3]),
      refusal: random.chance(0.12) ? random.pick(['merchant_account_closed', 'not_possible', 'http-400']) : null,
      faultShare: random.pick([0, 0.3, 0.5, 0.7]),
    }
  }

  refundsOf = (orderId: string): Booked[] => this.booked.filter(refund => refund.orderId === orderId)
  /** Cents given back or being given back. */
  held = (orderId: string): number =>
    sum(this.refundsOf(orderId).filter(({ status }) => status === 'pending' || status === 'succeeded'))
  openCalls = (orderId: string): GatewayCall[] => [...this.#open].filter(call => call.orderId === orderId)
  /** Until when a call that was made can still be booked. */
  lastEffectAt = (orderId: string): number => this.#lastEffectAt.get(orderId) ?? 0
  readonly #lastEffectAt = new Map<string, number>()

  bodyOf: RefundGateway['bodyOf'] = (request: RefundRequest) => JSON.stringify(request)

  /** Puts a refund on the wire. */
  send(body: string, key: string): GatewayCall {
    const { orderId, amount } = JSON.parse(body) as RefundRequest
    const { now } = this.#clock
    const fate = drawFate(this.#random, this.faultsOn ? this.traits.faultShare : 0)
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
      result = this.#book(orderId, centsOf(amount), key)
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

  #book(orderId: string, cents: number, key: string): RefundAnswer {
    const { keepsKeys, guards, refusal, pendingShare } = this.traits
    const { now } = this.#clock
    const known = this.#keys.get(key)
    if (keepsKeys && known && now - known.at < DURATIONS.keepsKeysMs) return said(known.refund)
    if (refusal !== null) return { said: 'refused', kind: 'final', code: refusal, words: 'no' }
    const left = (this.captured.get(orderId) ?? 0) - this.held(orderId)
    if (guards && left <= 0) return { said: 'refused', kind: 'look-again', code: 'already_refunded', words: 'no' }
    if (guards && cents > left)
      return { said: 'refused', kind: 'look-again', code: 'amount_too_large', words: 'too much' }
    this.onEffect(orderId, key, cents)
    const refund = this.#add(orderId, cents, key, 'us', this.#random.chance(pendingShare))
    this.#keys.set(key, { at: now, refund })
    return said(refund)
  }

  /** A refund that somebody makes at the gateway itself. */
  refundByHand = (orderId: string, cents: number): Booked =>
    this.#add(orderId, cents, '', 'hand', this.#random.chance(this.traits.pendingShare))

  #add(orderId: string, cents: number, reference: string, by: Booked['by'], isPending: boolean): Booked {
    const { now } = this.#clock
    const refund: Booked = {
      id: `r${this.booked.length + 1}`,
      orderId,
      cents,
      status: isPending ? 'pending' : 'succeeded',
      reference,
      createdAt: now,
      confirmedAt: isPending ? null : now,
      by,
    }
    this.booked.push(refund)
    if (isPending) this.#clock.at(now + this.#random.pick([10_000, 600_000, 7_200_000]), () => this.#end(refund))
    return refund
  }

  #end(refund: Booked): void {
    if (refund.status !== 'pending') return
    refund.status = this.#random.chance(0.8) ? 'succeeded' : 'failed'
    if (refund.status === 'succeeded') refund.confirmedAt = this.#clock.now
  }

  /** A success that turns out to be none. */
  takeBack(refund: Booked): void {
    if (refund.status === 'succeeded') refund.status = 'taken back'
  }

  /** What `GET /refunds` tells now, and how long that takes. */
  list(orderId: string): { report: RefundsReport; endsAt: number } {
    const endsAt = this.#clock.now + 20 + this.#random.int(400)
    if (this.faultsOn && this.#random.chance(this.traits.faultShare / 2))
      return { report: { read: false, why: 'http-503' }, endsAt }
    const { listsReferences, tellsRefundable } = this.traits
    const refunds = this.refundsOf(orderId).map(refund => ({
      ...({ refundId: refund.id, amount: amountOf(refund.cents), createdAt: refund.createdAt, arn: null } as const),
      status: refund.status === 'taken back' ? ('failed' as const) : refund.status,
      reference: listsReferences && refund.by === 'us' ? refund.reference : null,
    }))
    const left = Math.max(0, (this.captured.get(orderId) ?? 0) - this.held(orderId))
    return {
      report: {
        read: true,
        refunds,
        refundableAmount: tellsRefundable ? amountOf(left) : null,
        currency: null,
        settled: null,
      },
      endsAt,
    }
  }
}

const sum = (refunds: readonly Booked[]) => refunds.reduce((cents, refund) => cents + refund.cents, 0)

const said = (refund: Booked): RefundAnswer => ({
  said: 'refund',
  refund: {
    refundId: refund.id,
    amount: amountOf(refund.cents),
    status: refund.status === 'taken back' ? 'failed' : refund.status,
    arn: null,
  },
})

function answerOf({ how }: Fate, result: RefundAnswer): RefundAnswer {
  switch (how) {
    case 'answered':
      return result
    case 'unsent':
      return { said: 'not-taken', why: 'unsent', retryAfterMs: null }
    case 'throttled':
      return { said: 'not-taken', why: 'throttled', retryAfterMs: 1_000 }
    default:
      return { said: 'nothing', why: how }
  }
}
