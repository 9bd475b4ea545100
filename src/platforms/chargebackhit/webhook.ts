import type { AlertEvent } from '../../domain/alert/event.ts'
import { asksRefund, isInquiry } from '../../domain/alert/kind.ts'
import type { OrderRecord } from '../../domain/order.ts'
import type { Outcome } from '../../domain/alert/outcomes.ts'
import type { AlertHook } from '../platform.ts'
import { inquiryAnswer } from './inquiry-answer.ts'
import { isSignatureOf, SIGNATURE_FORM, type ChargebackhitKeys } from './signature.ts'
import { readAlert } from './read-alert.ts'
import { ANSWER, ANSWER_ORDER, PUBLIC_KEY_HEADER, SIGNATURE_HEADER } from './wire.ts'

/** Where hooks of this platform come in, below the public address. */
export const CHARGEBACKHIT_HOOK_PATH = '/hooks/alerts/chargebackhit'

export interface ChargebackhitWebhookOptions {
  /** Null where none are configured: nobody is let in. */
  keys: ChargebackhitKeys | null
  /** The id of the one order that an alert belongs to, null when none fits or several do. */
  findOrder: (event: AlertEvent) => Promise<string | null>
  /** That order, and the earlier ones that make it compelling evidence, if there are any. */
  readEvidence: (orderId: string, event: AlertEvent) => Promise<{ order: OrderRecord | null; earlier: OrderRecord[] }>
}

/** Chargebackhit API, "Webhook": the answer is in the response, by the alert's type. */
export function createChargebackhitWebhook({ keys, findOrder, readEvidence }: ChargebackhitWebhookOptions): AlertHook {
  return {
    verify(headers, raw) {
      if (keys === null) return 'unconfigured'
      const [signature, publicKey] = [headers[SIGNATURE_HEADER], headers[PUBLIC_KEY_HEADER]]
      if (typeof signature !== 'string' || publicKey !== keys.publicKey) return 'unverified'
      const isRight = raw === null ? SIGNATURE_FORM.test(signature) : isSignatureOf(keys, raw, signature)
      return isRight ? 'ok' : 'unverified'
    },
    userOf: () => null,
    signsBody: true,
    normalise: readAlert,
    async answer(event) {
      if (event === null) return said('acknowledged', null)
      const orderId = await findOrder(event)
      if (isInquiry(event.facts)) {
        const known = orderId === null ? null : await readEvidence(orderId, event)
        return known === null ? inquiryAnswer(null) : inquiryAnswer(known.order, known.earlier)
      }
      // What it comes to is told by an update, once it is true.
      return said(asksRefund(event.facts) ? 'pending' : 'acknowledged', orderId)
    },
    wants: {
      message: `expected the headers ${SIGNATURE_HEADER} and ${PUBLIC_KEY_HEADER}; a proxy in between may drop the second for its underscore`,
      challenge: null,
    },
    whenSilent:
      keys === null ? null : `check that its notification address is PUBLIC_URL and ${CHARGEBACKHIT_HOOK_PATH}`,
  }
}

const said = (outcome: Outcome, orderId: string | null) => ({
  [ANSWER.outcome]: outcome,
  ...(orderId !== null && { [ANSWER.order]: { [ANSWER_ORDER.orderId]: orderId } }),
})
