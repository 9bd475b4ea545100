import type { SentChange } from './order-stream.ts'

/** A customer whose every value can be told from all other text. */
export interface Person {
  orderId: string
  /** What may stand nowhere it does not belong; searched for whatever its case. */
  values: string[]
  /** The whole order, the customer's values in every place that takes some. */
  change(fields?: Record<string, unknown>): SentChange
}

const CARDS = ['4111111111111111', '5555555555554444', '378282246310005']

/** The `n`th customer; `orderId` and values differ from those of all others. */
export function person(n: number): Person {
  const first = `Xanthippe${n}`
  const last = `Quillfeather${n}`
  const email = `${first}.${last}@privat${n}.example`.toLowerCase()
  const phone = `+49 170 5550${String(1_000 + n)}`
  const street = `${900 + n} Gooseberryhollow${n} Lane`
  const city = `Burgtonna${n}`
  const ip = `203.0.${Math.floor(n / 200)}.${1 + (n % 200)}`
  const card = CARDS[n % CARDS.length]!
  const spaced = card.replace(/(\d{4})(?=\d)/g, '$1 ')
  const address = (of: string) => ({
    [`${of}_first_name`]: first,
    [`${of}_last_name`]: last,
    [`${of}_street_address`]: street,
    [`${of}_city`]: city,
  })
  return {
    orderId: `p-${n}-${(n * 7_919).toString(36)}`,
    values: [email, first, last, phone, phone.replaceAll(' ', ''), `Gooseberryhollow${n}`, city, ip, card, spaced],
    change: (fields = {}) => ({
      order_id: `p-${n}-${(n * 7_919).toString(36)}`,
      occurred_at: new Date().toISOString(),
      order_status: 'Complete',
      order_total: '26.85',
      currency: 'USD',
      email_address: email,
      customers_telephone: phone,
      ip_address: ip,
      ...address('billing'),
      transaction_id: `t${n}x${last}`,
      auth_id: `a${n}x${last}`,
      cc_first_6: card.slice(0, 6),
      cc_last_4: card.slice(-4),
      rma_reason: `${first} ${last} called from ${phone}`,
      notes: [
        {
          timestamp: new Date().toISOString(),
          note: `${first} paid with ${spaced}, or was it ${card}? Write to ${email}`,
        },
      ],
      products: [{ name: `Shoe engraved "${last}"`, price: '26.85' }],
      fulfillment: {
        shipments: [{ tracking_number: `track ${last}`, ...address('shipping') }],
        proof_of_service: [{ type: 'login', value: `${email} from ${ip}` }],
      },
      ...fields,
    }),
  }
}

/** Which of the values stand in the text, whatever their case. */
export function valuesIn(text: string, values: readonly string[]): string[] {
  const lower = text.toLowerCase()
  return values.filter(value => lower.includes(value.toLowerCase()))
}
