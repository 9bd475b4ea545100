import type { ChargebackhitScenarioName } from '../sandbox/chargebackhit-plans.ts'
import type { ScenarioName } from '../sandbox/scenario-plans.ts'

/** One alert of the demo, as its platform sends it. */
export interface AlertStory {
  /** How the sandbox plays the platform's part; the name tells which platform that is. */
  scenario: ScenarioName | ChargebackhitScenarioName
  /** Null: the alert is about an order that is not stored here. */
  orderId: string | null
  /** What came in, after its partner and amount. */
  what: string
  /** Why the story ends as it does, in words of the shop. */
  because: string
  /** Over how many milliseconds the platform sends its events, evenly; all at once where it is left out. */
  spreadMs?: number
  /** `approve`: a person must approve, and the demo does it after a while · `decide`: the case is left to a person. */
  person?: 'approve' | 'decide'
}

/** Which order of `sampleDay` each story is about, counted from 0. */
const [SHIPPED, PARTLY_REFUNDED, CANCELLED, RENEWAL, REFUNDED, BIG] = [0, 1, 3, 4, 8, 10] as const
const [SENT_TWICE, IN_EUROS, DOWNLOAD, MATCHED_LATE, CONTRADICTED] = [6, 7, 9, 11, 12] as const

/** The alerts that follow a sample day whose orders are numbered from `firstOrder`: one for each way an alert can end. */
export function alertStories(firstOrder: number): AlertStory[] {
  const orderId = (index: number) => String(firstOrder + index)
  return [
    {
      scenario: 'ethoca-full-refund',
      orderId: orderId(SHIPPED),
      what: 'a cardholder disputes a paid order',
      because: 'all of it, once',
    },
    {
      scenario: 'ethoca-full-refund',
      orderId: orderId(MATCHED_LATE),
      what: 'a cardholder disputes an order that Midigator has not matched yet',
      because: 'all of it, once Midigator had named the order',
      spreadMs: 8_000,
    },
    {
      scenario: 'ethoca-remaining-refund',
      orderId: orderId(PARTLY_REFUNDED),
      what: 'an order of which 5.00 was refunded before',
      because: 'the rest of it',
    },
    {
      scenario: 'ethoca-refunded-before',
      orderId: orderId(REFUNDED),
      what: 'an order that was refunded in full before',
      because: 'nothing is left to refund',
    },
    {
      scenario: 'ethoca-unmatched',
      orderId: null,
      what: 'a card that paid no order here; the alert arrived 21 hours after it was issued',
      because: 'no stored order can be the sale',
    },
    {
      scenario: 'ethoca-declined',
      orderId: orderId(CANCELLED),
      what: 'an order that was cancelled before it was paid',
      because: 'nothing was captured',
    },
    {
      scenario: 'rdr-notice',
      orderId: orderId(RENEWAL),
      what: 'notice that RDR has refunded the cardholder already',
      because: 'a refund would pay twice',
    },
    {
      scenario: 'ethoca-full-refund',
      orderId: orderId(CONTRADICTED),
      what: 'the CRM calls the order Refunded, the gateway has no refund of it',
      because: 'decided by a person',
      person: 'decide',
    },
    {
      scenario: 'above-limit',
      orderId: orderId(BIG),
      what: 'a cardholder disputes a big order',
      because: 'all of it, once',
      person: 'approve',
    },
    // The last stories need no person: they end while the one above awaits approval.
    {
      scenario: 'cbh-inquiry',
      orderId: orderId(DOWNLOAD),
      what: 'a cardholder asks the bank what this payment was for',
      because: 'a question, not a dispute',
    },
    {
      scenario: 'cbh-init-refund-ethoca',
      orderId: orderId(SENT_TWICE),
      what: 'a cardholder disputes a paid order',
      because: 'all of it, once',
    },
    {
      scenario: 'cbh-rdr-resolved',
      orderId: orderId(IN_EUROS),
      what: 'notice that RDR has refunded the cardholder already',
      because: 'a refund would pay twice',
    },
  ]
}
