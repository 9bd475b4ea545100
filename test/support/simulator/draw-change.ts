import type { Change, FieldValue, Note } from '../../../src/domain/change.ts'
import type { FieldName } from '../../../src/domain/order-fields.ts'
import type { Random } from './random.ts'
import type { Told } from './reference-merge.ts'

/** An address that the model platform refuses for as long as it stands in a payload. */
export const REFUSED_EMAIL = 'nobody@invalid'

/** Few values a field, so that values return and stamps collide. */
const VALUES: Partial<Record<FieldName, readonly FieldValue[]>> = {
  order_status: ['Complete', 'Complete', 'Refunded', 'Cancelled', null],
  payment_state: ['captured', 'captured', 'pending', 'authorized', null],
  order_total: ['25', '26.85', '100', null],
  captured_amount: ['25', '26.85', null],
  cc_last_4: ['1881', '4444', null],
  cc_type: ['visa', 'Apple Pay', null],
  transaction_merchant_id: ['m-1', 'm-2', null],
  email_address: ['a@example.com', 'b@example.com', 'c@example.com', null],
  billing_city: ['Ulm', 'Łódź', '東京', null],
  transaction_id: ['t-1', 't-2', null],
  arn: ['arn-1', 'arn-2', null],
  is_refund: [true, false, null],
  refunded_to_date: ['0', '10', '26.85', null],
  is_fraud: [true, false],
  shipments: [[{ tracking_number: 'T1' }], [{ tracking_number: 'T2' }, { tracking_number: 'T3' }], [], null],
  proof_of_service: [[{ type: 'login', value: 'yes' }], null],
}
const FIELDS = Object.keys(VALUES) as FieldName[]
const ORIGINS = [
  { name: 'crm', rank: 10 },
  { name: 'shop', rank: 10 },
  { name: 'ledger', rank: 90 },
  { name: 'gateway', rank: 85 },
]
const NEWEST_S = 120
/** Every kind of look-up value that a drawn change can carry. */
export const LOOKUPS = { transaction_id: ['t-1', 't-2'], arn: ['arn-1', 'arn-2'] } as const
/** And every set by time of sale. */
export const SALE_LOOKUPS = ['sold-last_4:1881', 'sold-last_4:4444', 'sold-cardless:'] as const

/**
 * One change of an order, as a CRM could tell it: mostly newer than those told before, but stamps come twice and late ones
 * come after early ones. Now and then it says again what an older one said.
 */
export function drawChange(
  random: Random,
  { orderId, told, epochMs }: { orderId: string; told: readonly Told[]; epochMs: number },
  refusals: boolean,
): Told {
  const occurredAt = epochMs + Math.max(0, Math.floor(told.length / 2) + random.int(6) - 3) * 1_000
  if (told.length > 0 && random.chance(0.25)) {
    const older = random.pick(told)
    return { ...older, change: { ...older.change, occurredAt } }
  }
  return { change: { orderId, occurredAt, ...drawValues(random, refusals) }, origin: random.pick(ORIGINS) }
}

function drawValues(random: Random, refusals: boolean): Pick<Change, 'values' | 'notes'> {
  const values: Change['values'] = {}
  for (let count = 1 + random.int(4); count > 0; count--) {
    const field = random.pick(FIELDS)
    values[field] = random.pick(VALUES[field]!)
  }
  if (random.chance(0.3)) values.order_status = 'Complete'
  if (refusals && random.chance(0.12)) values.email_address = REFUSED_EMAIL
  return { values, notes: random.chance(0.15) ? [drawNote(random)] : [] }
}

/** A change newer than any drawn one that settles the order and has an address nobody minds. */
export function mendingChange(orderId: string, epochMs: number): Told {
  const values = { order_status: 'Refunded', payment_state: 'captured', email_address: 'ok@example.com' } as const
  return {
    change: { orderId, occurredAt: epochMs + NEWEST_S * 1_000, values, notes: [] },
    origin: ORIGINS[0]!,
  }
}

const drawNote = (random: Random): Note => ({
  timestamp: `2026-01-31T09:2${random.int(3)}:11Z`,
  note: random.pick(['called', 'wrote', 'ärgerlich']),
})
