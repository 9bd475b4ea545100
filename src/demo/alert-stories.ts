import type { ChargebackhitScenarioName } from '../sandbox/chargebackhit-plans.ts'
import type { ScenarioName } from '../sandbox/scenario-plans.ts'

/** What a platform tells of one alert in the demo. */
export interface AlertStory {
  /** How the sandbox plays the platform's part; its name says which platform that is. */
  scenario: ScenarioName | ChargebackhitScenarioName
  /** Null: the alert is about an order that nobody here has. */
  orderId: string | null
  /** What came in, after its partner and amount. */
  what: string
  /** Why it ends as it does, in words of the shop. */
  because: string
  /** A person must release it. */
  needsPerson?: true
}

/** Which order of `sampleDay` each story is about, counted from 0. */
const [SHIPPED, PARTLY_REFUNDED, CANCELLED, RENEWAL, REFUNDED, BIG] = [0, 1, 3, 4, 8, 10] as const
const [SENT_TWICE, IN_EUROS, DOWNLOAD] = [6, 7, 9] as const

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
      scenario: 'ethoca-remaining-refund',
      orderId: orderId(PARTLY_REFUNDED),
      what: 'an order of which 5.00 was given back before',
      because: 'what was left of it',
    },
    {
      scenario: 'ethoca-refunded-before',
      orderId: orderId(REFUNDED),
      what: 'an order that was given back in full before',
      because: 'nothing is left of it',
    },
    {
      scenario: 'ethoca-unmatched',
      orderId: null,
      what: 'a card that paid no order here, told of 21 hours late',
      because: 'looked for until its last moment, 4 hours before its deadline',
    },
    {
      scenario: 'ethoca-declined',
      orderId: orderId(CANCELLED),
      what: 'an order that was cancelled before it was paid',
      because: 'there was never any money',
    },
    {
      scenario: 'rdr-notice',
      orderId: orderId(RENEWAL),
      what: 'notice that RDR has given the money back already',
      because: 'a refund would pay twice',
    },
    {
      scenario: 'above-limit',
      orderId: orderId(BIG),
      what: 'a cardholder disputes a big order',
      because: 'all of it, once',
      needsPerson: true,
    },
    // The last ones need nobody: they end while the one above waits for its person.
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
      what: 'notice that RDR has given the money back already',
      because: 'a refund would pay twice',
    },
  ]
}
