import type { Change, FieldValue, Note } from '../../../src/domain/change.ts'
import type { Origin } from '../../../src/domain/register.ts'

/** A change as it was told, and by whom. */
export interface Told {
  change: Change
  origin: Origin
}

/** Field → value as the platform should show it; what is cleared or was never set is absent. */
export type Shown = Record<string, unknown>

const STATUS_ORDER = ['Complete', 'Cancelled', 'Refunded']
const PAYMENT_ORDER = ['pending', 'authorized', 'declined', 'captured', 'voided']
const PER_ORIGIN = new Set(['is_refund', 'refunded_to_date', 'is_chargeback', 'is_fraud'])
const MONEY = new Set(['order_total', 'refunded_to_date', 'captured_amount', 'sales_tax_amount'])

interface Candidate {
  stamp: number
  value: FieldValue
  rank: number
}

/**
 * The merge of all changes ever told, computed the slow and plain way from rule 1 alone, without any of the code under test:
 * all of them in one go, no state, no ties as text.
 */
export function mergeAll(told: readonly Told[]): { values: Record<string, FieldValue>; notes: Note[] } {
  const candidates = new Map<string, Map<string, Candidate[]>>()
  for (const { change, origin } of told) {
    for (const [field, value] of Object.entries(change.values)) {
      const group = PER_ORIGIN.has(field) ? origin.name : ''
      const byGroup = candidates.get(field) ?? new Map<string, Candidate[]>()
      byGroup.set(group, [...(byGroup.get(group) ?? []), { stamp: change.occurredAt, value, rank: origin.rank }])
      candidates.set(field, byGroup)
    }
  }
  const values: Record<string, FieldValue> = {}
  for (const [field, groups] of candidates) {
    const latest = [...groups.values()].map(group => group.reduce((a, b) => (isLater(field, b, a) ? b : a)).value)
    values[field] = PER_ORIGIN.has(field) ? greatest(latest) : (latest[0] ?? null)
  }
  return { values, notes: allNotes(told) }
}

/** What the platform should show once it knows everything: flags as 1 and 0, amounts as numbers, nulls and notes none: absent. */
export function shownAtRest(told: readonly Told[]): Shown {
  const { values, notes } = mergeAll(told)
  const shown: Shown = {}
  for (const [field, value] of Object.entries(values)) {
    if (field === 'payment_state' || field === 'arn' || value === null) continue
    shown[field] = typeof value === 'boolean' ? Number(value) : MONEY.has(field) ? Number(value) : value
  }
  if (notes.length > 0) shown.notes = notes
  return shown
}

/** Rule 5, read off the merge. */
export function settledAtRest(told: readonly Told[]): boolean {
  const { order_status: status, payment_state: payment } = mergeAll(told).values
  return STATUS_ORDER.includes(status as string) && !['pending', 'authorized', 'declined'].includes(payment as string)
}

/** A platform's own record in the same terms. */
export function shownBy(record: Shown): Shown {
  return Object.fromEntries(
    Object.entries(record).map(([field, value]) => [field, MONEY.has(field) && value !== null ? Number(value) : value]),
  )
}

function isLater(field: string, a: Candidate, b: Candidate): boolean {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp
  if ((a.value === null) !== (b.value === null)) return b.value === null
  const weight = (value: FieldValue): number => {
    if (MONEY.has(field)) return Number(value ?? 0)
    if (typeof value === 'boolean') return Number(value)
    if (field === 'order_status') return STATUS_ORDER.indexOf(value as string)
    return field === 'payment_state' ? PAYMENT_ORDER.indexOf(value as string) : 0
  }
  if (weight(a.value) !== weight(b.value)) return weight(a.value) > weight(b.value)
  if (a.rank !== b.rank) return a.rank > b.rank
  return Buffer.from(JSON.stringify(a.value)).compare(Buffer.from(JSON.stringify(b.value))) > 0
}

/** Maximum of amounts, OR of flags; an origin that cleared its own says nothing. */
function greatest(values: readonly FieldValue[]): FieldValue {
  const known = values.filter(value => value !== null)
  if (known.length === 0) return null
  if (typeof known[0] === 'boolean') return known.includes(true)
  return known.reduce((a, b) => (Number(b) > Number(a) ? b : a))
}

function allNotes(told: readonly Told[]): Note[] {
  const notes = new Map(told.flatMap(({ change }) => change.notes).map(note => [JSON.stringify(note), note]))
  return [...notes.entries()]
    .toSorted(([a, one], [b, other]) =>
      one.timestamp === other.timestamp ? (a < b ? -1 : 1) : one.timestamp < other.timestamp ? -1 : 1,
    )
    .map(([, note]) => note)
    .slice(-200)
}
