import type { RefundAnswer, RefusalKind } from '../../../src/gateways/gateway.ts'
import type { Random } from '../simulator/random.ts'
import type { Behaviours } from './behaviours.ts'
import { amountOf } from './cents.ts'
import type { Fate } from './draw-fate.ts'

/** A refund as the gateway has it. `taken back`: it succeeded, and failed later. */
export interface Booked {
  id: string
  orderId: string
  transaction: string
  cents: number
  status: 'pending' | 'succeeded' | 'failed' | 'taken back'
  reference: string
  createdAt: number
  confirmedAt: number | null
  takenBackAt: number | null
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
  /** What it does, and what the merchant's settings say that it does. */
  keepsKeys: boolean
  saysItKeepsKeys: boolean
  listsReferences: boolean
  tellsRefundable: boolean
  /** Refuses more than is left; others trust their caller. */
  guards: boolean
  pendingShare: number
  refusal: string | null
  faultShare: number
  /** A refund is missing from its list for so long. */
  lagMs: number
}

/** What kind of gateway a schedule has. */
export function drawTraits(random: Random, behaviours: Behaviours): GatewayTraits {
  const keepsKeys = random.chance(0.55)
  const traits: GatewayTraits = {
    keepsKeys,
    saysItKeepsKeys: keepsKeys,
    listsReferences: random.chance(0.75),
    tellsRefundable: random.chance(0.5),
    guards: random.chance(0.5),
    pendingShare: random.pick([0, 0, 0.3]),
    refusal: random.chance(0.1) ? random.pick(['merchant_account_closed', 'not_possible', 'http-400']) : null,
    faultShare: random.pick([0, 0.3, 0.5, 0.7]),
    lagMs: 0,
  }
  if (behaviours.has('gateway-keys-not-kept')) Object.assign(traits, { keepsKeys: false, saysItKeepsKeys: true })
  if (behaviours.has('gateway-list-lags')) {
    traits.lagMs = behaviours.random('gateway-list-lags').pick([20_000, 60_000, 119_000])
    traits.tellsRefundable = behaviours.random('gateway-list-lags').chance(0.6)
  }
  if (behaviours.has('person-careless'))
    Object.assign(traits, { faultShare: 0.7, listsReferences: behaviours.random('person-careless').chance(0.3) })
  // What the order's own currency is only the gateway can tell, where it tells anything.
  if (behaviours.has('crm-total-in-another-currency')) traits.tellsRefundable = true
  if (behaviours.has('gateway-look-again')) traits.guards = true
  if (behaviours.has('gateway-refuses-after-part-refund')) traits.refusal ??= 'not_possible'
  return traits
}

const KINDS: Readonly<Record<string, RefusalKind>> = {
  transaction_not_settled: 'passing',
  try_later: 'passing',
  amount_too_large: 'look-again',
  already_refunded: 'look-again',
}

/** A refund as its call is answered. */
export const said = (refund: Booked): RefundAnswer => ({
  said: 'refund',
  refund: {
    refundId: refund.id,
    amount: amountOf(refund.cents),
    status: refund.status === 'taken back' ? 'failed' : refund.status,
    arn: null,
  },
})

/** What reaches the caller of what it came to. */
export function answerOf({ how }: Fate, result: RefundAnswer): RefundAnswer {
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

/** A refusal by its code. */
export const refusalOf = (code: string): RefundAnswer => ({
  said: 'refused',
  kind: KINDS[code] ?? 'final',
  code,
  words: 'no',
})
