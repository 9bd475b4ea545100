import { addAmounts, subtractAmounts } from '../../src/domain/basics/money.ts'
import type { ListedRefund, RefundAnswer, RefundGateway } from '../../src/gateways/gateway.ts'

type Body = { order_id: string; amount: string; reference: string }
/** What a call comes to: `lost`: it never arrived · `unheard`: it took effect, and its answer was lost. */
export type Behaviour = 'succeed' | 'pending' | 'lost' | 'unheard' | Extract<RefundAnswer, { said: 'refused' }>

/** A gateway in memory under the clock of a test: it keeps no keys unless told. */
export interface VirtualGateway extends RefundGateway {
  /** How the next calls go; afterwards every call succeeds. */
  next: Behaviour[]
  /** Every call, in its order: the reference it bore, and its amount. */
  calls: { reference: string; amount: string }[]
  /** False: what is refundable is not stated. */
  statesRefundable: boolean
  /** For how long a new refund is missing from the list. */
  lagMs: number
  capture(orderId: string, amount: string): void
  byHand(orderId: string, amount: string, at?: number): void
  /** Puts a refund into the list, as it is. */
  book(orderId: string, refund: ListedRefund): void
  listOf(orderId: string): ListedRefund[]
  settle(orderId: string, status: 'succeeded' | 'failed'): void
}

export function createVirtualGateway(now: () => number): VirtualGateway {
  const captured = new Map<string, string>()
  const refunds = new Map<string, (ListedRefund & { bookedAt: number })[]>()
  const of = (orderId: string) => refunds.get(orderId) ?? []
  const book = (orderId: string, refund: ListedRefund) =>
    void refunds.set(orderId, [...of(orderId), { ...refund, bookedAt: now() }])
  const made = (amount: string, status: ListedRefund['status'], reference: string | null, createdAt: number) => ({ refundId: `r-${createdAt}-${amount}`, status, amount, reference, createdAt, arn: null }) // prettier-ignore

  const self: VirtualGateway = {
    name: 'http',
    keepsKeysMs: 0,
    next: [],
    calls: [],
    statesRefundable: true,
    lagMs: 0,
    bodyOf: request => JSON.stringify({ order_id: request.orderId, amount: request.amount, reference: request.reference }), // prettier-ignore
    async refund({ body }) {
      const { order_id: orderId, amount, reference } = JSON.parse(body) as Body
      self.calls.push({ reference, amount })
      const behave = self.next.shift() ?? 'succeed'
      if (typeof behave === 'object') return behave
      if (behave === 'lost') return { said: 'nothing', why: 'timeout' }
      const refund = made(amount, behave === 'pending' ? 'pending' : 'succeeded', reference, now())
      book(orderId, refund)
      return behave === 'unheard' ? { said: 'nothing', why: 'timeout' } : { said: 'refund', refund }
    },
    async findRefunds({ orderId }) {
      const taken = of(orderId).filter(({ status }) => status !== 'failed')
      const amount = captured.get(orderId)
      return {
        read: true,
        refunds: of(orderId).filter(({ bookedAt }) => bookedAt + self.lagMs <= now()),
        refundableAmount: self.statesRefundable && amount !== undefined ? subtractAmounts(amount, addAmounts(...taken.map(one => one.amount))) : null, // prettier-ignore
        currency: 'USD',
        settled: true,
      }
    },
    capture: (orderId, amount) => void captured.set(orderId, amount),
    byHand: (orderId, amount, at = now()) => book(orderId, made(amount, 'succeeded', null, at)),
    book,
    listOf: orderId => of(orderId),
    settle(orderId, status) {
      refunds.set(orderId, of(orderId).map(one => (one.status === 'pending' ? { ...one, status } : one))) // prettier-ignore
    },
  }
  return self
}
