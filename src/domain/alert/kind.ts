import type { AlertFacts } from './facts.ts'

/** What may be done with an alert by who sent it: a notice is never refunded and never answered. */
export type AlertKind = 'refundable' | 'notice' | 'unknown'

const NOTICES = [
  'rdr', 'tc40', 'safe', 'vmpi', 'order_insight', 'consumer_clarity', 'inquiry', 'prevented', 'resolved', 'notification',
] // prettier-ignore
const REFUNDABLE = ['ethoca', 'verifi', 'cdrn', 'init-refund']
const names = (partner: string | undefined, words: readonly string[]) =>
  partner !== undefined && words.some(word => partner.includes(word))

/**
 * Events API, "partner": ethoca and verifi want an answer; tc40, vmpi and RDR inform. Chargebackhit API, "Webhook": `init-refund` wants
 * one, every other alert type informs. What is both (Verifi's RDR, an alert that Ethoca prevented) informs.
 */
export function alertKindOf({ partner }: AlertFacts): AlertKind {
  if (names(partner, NOTICES)) return 'notice'
  return names(partner, REFUNDABLE) ? 'refundable' : 'unknown'
}

/** Chargebackhit API, "Webhook": the alert itself asks for the refund, where Midigator sends an `order.refund`. */
export const asksRefund = ({ partner }: AlertFacts): boolean => names(partner, ['init-refund'])
/** Chargebackhit API, "Webhook": the issuer reported the payment as fraud. */
export const reportsFraud = ({ partner }: AlertFacts): boolean => names(partner, ['fraud-notification'])
/** Chargebackhit API, "Webhook": the issuer asks what is known of a payment, and waits for it. */
export const isInquiry = ({ partner }: AlertFacts): boolean => names(partner, ['inquiry'])
export const isRdr = ({ partner }: AlertFacts): boolean => names(partner, ['rdr'])
export const namesCdrn = ({ partner }: AlertFacts): boolean => names(partner, ['cdrn'])

/** Card networks' reasons for fraud: Visa 10.x, Mastercard 4837, 4840, 4849, 4863, 4870, 4871. */
const FRAUD = /^10([._]|$)|^48(37|40|49|63|70|71)|fraud|stolen|unauthori[sz]ed/
/** True unless the alert gives a reason that is not fraud: the vendor's first generation of payloads gives none. */
export const mayBeFraud = ({ reason }: AlertFacts): boolean => reason === undefined || FRAUD.test(reason)

/** Visa's rule: Compelling Evidence 3.0 is for disputes of reason 10.4; where no code is given, for what may be fraud. */
export const mayTakeEvidence = (facts: AlertFacts): boolean => {
  const code = /\b\d{2}\.\d{1,2}\b/.exec(facts.reason ?? '')?.[0]
  return code === undefined ? mayBeFraud(facts) : code === '10.4'
}

/** The card network or scheme an alert comes from, as far as its partner's names say. */
export function networkOf({ partner = '' }: AlertFacts): string {
  if (partner.includes('cdrn')) return 'verifi'
  return ['ethoca', 'rdr', 'verifi', 'vmpi'].find(name => partner.includes(name)) ?? partner
}
