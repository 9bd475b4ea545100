import type { Random } from '../simulator/random.ts'
import { HOUR, MINUTE, type Currency } from './truth.ts'

export const BUSINESSES = ['subscription', 'shop'] as const
export const GENERATIONS = ['midigator 1', 'midigator 2', 'chargebackhit'] as const
export const HISTORY_DAYS = [7, 30, 400] as const

export type Business = (typeof BUSINESSES)[number]
/** The platform, and the generation of its payloads where it has two. */
export type Generation = (typeof GENERATIONS)[number]

/** Everything about one merchant that stays as it is. */
export interface Merchant {
  seed: number
  business: Business
  generation: Generation
  /** How long before the first alert the CRM was connected. */
  historyDays: number
  trigger: 'order.refund' | 'match' | 'either'
  currency: Currency
  /** Currencies of sales, weighted. */
  currencies: Record<Currency, number>
  /** Whether orders name their currency; where not, the merchant's default is configured. */
  statesCurrency: boolean
  crm: {
    statesFirst6: boolean
    statesArn: boolean
    statesAuthCode: boolean
    statesCaptured: boolean
    /** A declined payment that is tried again keeps its order id. */
    reusesOrderId: boolean
    refunds: 'cumulative' | 'per refund' | 'flag only' | 'silent'
    /** Reports refunds that we made, too. */
    echoesOurs: boolean
    /** Sends whole orders now and then, with the status of the sale. */
    resends: boolean
  }
  mids: { id: string; isClosed: boolean }[]
  /** Whether the platform names merchant accounts as the CRM does. */
  sharesMids: boolean
  platform: {
    matchShare: number
    /** Whether it knows the sales from before the CRM was connected here. */
    knowsOld: boolean
    requestShare: number
  }
  gateway: {
    tellsRefundable: boolean
    tellsSettled: boolean
    listsReferences: boolean
    keepsKeysHours: number
    guards: boolean
    pendingShare: number
    lagMs: number
    refundableLags: boolean
    settlesAfterMs: number
  }
}

/** A merchant of one kind, drawn. */
export function drawMerchant(
  random: Random,
  kind: { seed: number; business: Business; generation: Generation; historyDays: number },
): Merchant {
  const currency = random.weighted<Currency>({ USD: 7, EUR: 2, GBP: 1, JPY: 0 })
  const others = kind.business === 'shop' ? 3 : 0.6
  const currencies = { USD: others, EUR: others, GBP: others, JPY: others / 3, [currency]: 24 }
  const statesCurrency = random.chance(0.85)
  return {
    ...kind,
    trigger: random.weighted({ either: 6, 'order.refund': 2, match: 2 }),
    currency,
    currencies: statesCurrency ? currencies : { USD: 0, EUR: 0, GBP: 0, JPY: 0, [currency]: 1 },
    statesCurrency,
    crm: {
      statesFirst6: random.chance(0.88),
      statesArn: random.chance(0.7),
      statesAuthCode: random.chance(0.8),
      statesCaptured: random.chance(0.6),
      reusesOrderId: random.chance(0.2),
      refunds: random.weighted({ cumulative: 14, 'per refund': 2, 'flag only': 1.5, silent: 2.5 }),
      echoesOurs: random.chance(0.5),
      resends: random.chance(0.4),
    },
    mids: Array.from({ length: 1 + random.int(3) }, (_, i) => ({
      id: `${189_250_000 + random.int(9_000)}${i}`,
      isClosed: random.chance(0.04),
    })),
    sharesMids: random.chance(0.85),
    platform: { matchShare: 0.5 + random.int(41) / 100, knowsOld: random.chance(0.6), requestShare: random.pick([0, 0.5, 0.9, 1]) },
    gateway: {
      tellsRefundable: random.chance(0.75),
      tellsSettled: random.chance(0.5),
      listsReferences: random.chance(0.85),
      keepsKeysHours: random.pick([0, 24]),
      guards: random.chance(0.85),
      pendingShare: random.pick([0, 0, 0.15]),
      lagMs: random.pick([0, 0, 30_000, 90_000]),
      refundableLags: random.chance(0.3),
      settlesAfterMs: random.pick([0, 0, 10 * MINUTE, 20 * HOUR]),
    },
  } // prettier-ignore
}
