import type { Behaviour } from './gateway-rules.ts'

/** Which order a scenario plays on; `no-order` plays on none. */
export type Need = 'complete' | 'authenticated' | 'big' | 'partly-refunded' | 'refunded' | 'cancelled' | 'no-order'

/** One scenario: what it tells, the order it needs, the alerts it makes, and what is sent. */
export interface Plan {
  sentence: string
  need: Need
  /** The partners of its alerts, each with the word of later payloads where that says more. */
  alerts: { partner: string; prevention_type?: string }[]
  /** Whether `order.refund` is sent unless told. */
  refund: boolean
  /** A chargeback beside the alerts: before them, or once the gateway has refunded. */
  chargeback?: 'first' | 'after-refund'
  /** How the gateway deals with this order from now on. */
  behave?: Behaviour
  /** How long ago the alert was issued, unless told. */
  issuedAgoMs?: number
  /** What later payloads give as the reason. */
  reason_code?: string
}

const HOUR_MS = 3_600_000

const ETHOCA = { partner: 'ethoca' }
const VERIFI = { partner: 'verifi' }

const ordinary: Pick<Plan, 'need' | 'alerts' | 'refund'> = { need: 'complete', alerts: [ETHOCA], refund: true }
const notice: Pick<Plan, 'need' | 'refund'> = { need: 'complete', refund: false }

/** Every scenario by its name. */
export const PLANS = {
  'ethoca-full-refund': { ...ordinary, sentence: 'An Ethoca alert on a paid order, which is to be refunded in full.' },
  'verifi-full-refund': {
    ...ordinary,
    alerts: [VERIFI],
    sentence: 'A Verifi alert on a paid order, which is to be refunded in full.',
  },
  'ethoca-remaining-refund': {
    ...ordinary,
    need: 'partly-refunded',
    sentence: 'An alert on an order refunded in part before: the rest is to be refunded.',
  },
  'ethoca-refunded-before': {
    ...ordinary,
    need: 'refunded',
    refund: false,
    sentence: 'An alert on an order refunded in full before: nothing is left to do.',
  },
  'ethoca-declined': {
    ...ordinary,
    need: 'cancelled',
    refund: false,
    sentence: 'An alert on an order that was declined or cancelled: no money was taken.',
  },
  'ethoca-unmatched': {
    need: 'no-order',
    alerts: [ETHOCA],
    refund: false,
    issuedAgoMs: 21 * HOUR_MS,
    sentence: 'An alert on an unknown card, issued 21 hours ago: no order is found, and its time is nearly up.',
  },
  'ethoca-3ds': {
    ...ordinary,
    need: 'authenticated',
    reason_code: 'fraud',
    sentence: 'A fraud alert on an order whose cardholder was authenticated by 3-D Secure.',
  },
  'merchant-account-closed': {
    ...ordinary,
    behave: { kind: 'close-account' },
    sentence: 'An alert whose refund the gateway refuses, for the merchant account is closed.',
  },
  'refund-refused': {
    ...ordinary,
    behave: { kind: 'refuse', code: 'refund_period_over', message: 'the payment is too old to be refunded' },
    sentence: 'An alert whose refund the gateway refuses for another reason.',
  },
  'rdr-notice': {
    ...notice,
    alerts: [{ ...VERIFI, prevention_type: 'rdr' }],
    sentence: 'Notice that Verifi’s rules have refunded already: nothing is to be refunded or answered.',
  },
  'tc40-notice': { ...notice, alerts: [{ partner: 'tc40' }], sentence: 'A fraud report: information, not an alert.' },
  'vmpi-notice': { ...notice, alerts: [{ partner: 'vmpi' }], sentence: 'An inquiry by an issuer: information only.' },
  'chargeback-after-refund': {
    ...ordinary,
    chargeback: 'after-refund',
    sentence: 'An alert that is refunded, and then a chargeback all the same.',
  },
  'chargeback-first': {
    ...ordinary,
    chargeback: 'first',
    sentence: 'A chargeback, and then an alert on the same order: money must not move.',
  },
  'two-alerts': {
    ...ordinary,
    alerts: [ETHOCA, VERIFI],
    sentence: 'Two alerts on one order, of the same amount: one refund answers both.',
  },
  'refund-only': { ...ordinary, alerts: [], sentence: 'A refund asked for without any alert.' },
  'above-limit': { ...ordinary, need: 'big', sentence: 'An ordinary alert on the biggest order there is.' },
  cdrn: {
    ...ordinary,
    alerts: [{ ...VERIFI, prevention_type: 'verifi_cdrn' }],
    sentence: 'A Verifi CDRN alert, which leaves more time than others.',
  },
} satisfies Record<string, Plan>

/** The name of a scenario. */
export type ScenarioName = keyof typeof PLANS

/** Whether there is such a scenario. */
export const isScenario = (name: string): name is ScenarioName => Object.hasOwn(PLANS, name)
