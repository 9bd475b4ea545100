import type { AlertFacts } from './alert-facts.ts'

/** What may be done with an alert by who sent it: a notice is never refunded and never answered. */
export type AlertKind = 'refundable' | 'notice' | 'unknown'

const NOTICES = ['rdr', 'tc40', 'safe', 'vmpi', 'order_insight', 'consumer_clarity', 'inquiry']
const REFUNDABLE = ['ethoca', 'verifi', 'cdrn']
const names = (partner: string | undefined, words: readonly string[]) =>
  partner !== undefined && words.some(word => partner.includes(word))

/** Events API, "partner": ethoca and verifi want an answer; tc40, vmpi and RDR inform. A partner that is both (Verifi's RDR) informs. */
export function alertKindOf({ partner }: AlertFacts): AlertKind {
  if (names(partner, NOTICES)) return 'notice'
  return names(partner, REFUNDABLE) ? 'refundable' : 'unknown'
}

export const isRdr = ({ partner }: AlertFacts): boolean => names(partner, ['rdr'])
export const namesCdrn = ({ partner }: AlertFacts): boolean => names(partner, ['cdrn'])

/** Card networks' reasons for fraud: Visa 10.x, Mastercard 4837, 4840, 4849, 4863, 4870, 4871. */
const FRAUD = /^10([._]|$)|^48(37|40|49|63|70|71)|fraud|stolen|unauthori[sz]ed/
/** True unless the alert gives a reason that is not fraud: the vendor's first generation of payloads gives none. */
export const mayBeFraud = ({ reason }: AlertFacts): boolean => reason === undefined || FRAUD.test(reason)
