import type { AlertType, Product } from './chargebackhit-wire.ts'
import type { Behaviour } from './gateway-rules.ts'
import type { Need } from './scenario-plans.ts'

/** One scenario of Chargebackhit: what it tells, the order it needs, and the alert it makes. */
export interface ChargebackhitPlan {
  says: string
  need: Need
  type: AlertType
  product: Product
  /** How the gateway deals with this order from now on. */
  behave?: Behaviour
  /** How long ago the alert was published, unless told. */
  issuedAgoMs?: number
}

const refund: Pick<ChargebackhitPlan, 'need' | 'type' | 'product'> = {
  need: 'complete',
  type: 'init-refund',
  product: 'ethoca',
}

/** Every scenario by its name. */
export const CHARGEBACKHIT_PLANS = {
  'cbh-inquiry': {
    says: 'An inquiry (Order Insight) on a paid order: its data is wanted at once.',
    need: 'complete',
    type: 'inquiry',
    product: 'oi',
  },
  'cbh-prevented': {
    says: 'Notice that an inquiry has kept a dispute away.',
    need: 'complete',
    type: 'prevented',
    product: 'oi',
  },
  'cbh-init-refund-ethoca': { ...refund, says: 'An Ethoca alert on a paid order, which is to be refunded.' },
  'cbh-init-refund-cdrn': {
    ...refund,
    product: 'cdrn',
    says: 'A CDRN alert on a paid order, which leaves more time than others.',
  },
  'cbh-refunded-before': {
    ...refund,
    need: 'refunded',
    says: 'An alert on an order refunded in full before: nothing is left to do.',
  },
  'cbh-declined': {
    ...refund,
    need: 'cancelled',
    says: 'An alert on an order that was declined or cancelled: no money was taken.',
  },
  'cbh-unmatched': { ...refund, need: 'no-order', says: 'An alert on an unknown card: no order is found.' },
  'cbh-refund-refused': {
    ...refund,
    behave: { kind: 'refuse', code: 'refund_period_over', message: 'the payment is too old to be refunded' },
    says: 'An alert whose refund the gateway refuses.',
  },
  'cbh-rdr-resolved': {
    says: 'Notice that RDR has refunded already: nothing is to be refunded.',
    need: 'complete',
    type: 'resolved',
    product: 'rdr',
  },
  'cbh-fraud-notification': {
    says: 'Notice that the issuer has reported fraud (TC40).',
    need: 'complete',
    type: 'fraud-notification',
    product: 'visa-fraud',
  },
  'cbh-dispute-notification': {
    says: 'Notice that a dispute was filed all the same.',
    need: 'complete',
    type: 'dispute-notification',
    product: 'visa-dispute',
  },
} satisfies Record<string, ChargebackhitPlan>

/** See `CHARGEBACKHIT_PLANS`. */
export type ChargebackhitScenarioName = keyof typeof CHARGEBACKHIT_PLANS

/** Whether it is one of Chargebackhit's scenarios. */
export const isChargebackhitScenario = (name: string): name is ChargebackhitScenarioName =>
  Object.hasOwn(CHARGEBACKHIT_PLANS, name)
