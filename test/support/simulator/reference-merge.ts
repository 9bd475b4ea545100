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
/** Who sees money move: while one of them says that all of it was refunded, no source's status counts. */
const MONEY_ORIGINS = ['ledger', 'gateway']
const OPEN_PAYMENTS = ['pending', 'authorized', 'declined']
const PER_ORIGIN = new Set(['is_refund', 'refunded_to_date', 'is_chargeback', 'is_fraud'])
const NEVER_SENT = new Set(['payment_state', 'arn', 'captured_amount'])
const MONEY = new Set(['order_total', 'refunded_to_date', 'captured_amount', 'sales_tax_amount'])

interface Candidate {
  stamp: number
  value: FieldValue
  rank: number
}

/**
 * The merge of all changes ever told, computed the slow and plain way from rule 1 alone, without any of the code under test:
 * all of them in one go, no state, no ties as text. Its status is the one that is shown.
 */
export function mergeAll(told: readonly Told[]): { values: Record<string, FieldValue>; notes: Note[] } {
  const values: Record<string, FieldValue> = {}
  for (const [field, groups] of latestOf(told)) {
    const latest = [...groups.values()].map(({ value }) => value)
    values[field] = PER_ORIGIN.has(field) ? greatest(latest) : (latest[0] ?? null)
  }
  if (isRefundedInFull(told)) values.order_status = 'Refunded'
  else if (values.order_status == null && values.payment_state === 'captured') values.order_status = 'Complete'
  else if (values.order_status == null && values.payment_state === 'voided') values.order_status = 'Cancelled'
  return { values, notes: allNotes(told) }
}

/** Field → group → what was told last: the groups of a field kept per origin are the origins. */
function latestOf(told: readonly Told[]): Map<string, Map<string, Candidate>> {
  const candidates = new Map<string, Map<string, Candidate[]>>()
  for (const { change, origin } of told) {
    for (const [field, value] of Object.entries(change.values)) {
      const group = PER_ORIGIN.has(field) ? origin.name : ''
      const byGroup = candidates.get(field) ?? new Map<string, Candidate[]>()
      byGroup.set(group, [...(byGroup.get(group) ?? []), { stamp: change.occurredAt, value, rank: origin.rank }])
      candidates.set(field, byGroup)
    }
  }
  const latest = (field: string, groups: Map<string, Candidate[]>) =>
    new Map([...groups].map(([group, all]) => [group, all.reduce((a, b) => (isLater(field, b, a) ? b : a))]))
  return new Map([...candidates].map(([field, groups]) => [field, latest(field, groups)]))
}

function isRefundedInFull(told: readonly Told[]): boolean {
  const latest = latestOf(told)
  const last = (field: string, group = '') => latest.get(field)?.get(group)?.value ?? null
  const whole = Number(last('captured_amount') ?? last('order_total') ?? 0)
  return whole > 0 && MONEY_ORIGINS.some(origin => Number(last('refunded_to_date', origin) ?? 0) >= whole)
}

/** What the platform should show once it knows everything: flags as 1 and 0, amounts as numbers, nulls and notes none: absent. */
export function shownAtRest(told: readonly Told[]): Shown {
  const { values, notes } = mergeAll(told)
  const shown: Shown = {}
  for (const [field, value] of Object.entries(values)) {
    if (NEVER_SENT.has(field) || value === null) continue
    shown[field] = typeof value === 'boolean' ? Number(value) : MONEY.has(field) ? Number(value) : value
  }
  if (notes.length > 0) shown.notes = notes
  return shown
}

/** Rule 5, read off the merge: a status that is told later than an open payment closes it, and so does a refund of everything. */
export function settledAtRest(told: readonly Told[]): boolean {
  if (isRefundedInFull(told)) return true
  const latest = latestOf(told)
  const payment = latest.get('payment_state')?.get('')
  if (!STATUS_ORDER.includes(mergeAll(told).values.order_status as string)) return false
  const isOpen = OPEN_PAYMENTS.includes(payment?.value as string)
  return !isOpen || (latest.get('order_status')?.get('')?.stamp ?? 0) > payment!.stamp
}

/** Some change called it paid, or the merge of all does. */
export function paidAtRest(told: readonly Told[]): boolean {
  const isPaid = (status: unknown, payment: unknown) =>
    payment === 'captured' ||
    (['Complete', 'Refunded'].includes(status as string) && ![...OPEN_PAYMENTS, 'voided'].includes(payment as string))
  const latest = latestOf(told)
  const last = (field: string) => latest.get(field)?.get('')?.value
  return (
    told.some(({ change: { values } }) => isPaid(values.order_status, values.payment_state)) ||
    isPaid(last('order_status'), last('payment_state'))
  )
}

/** Sources that state less than they once stated of what was refunded. */
export function loweredAtRest(told: readonly Told[]): string[] {
  const now = latestOf(told).get('refunded_to_date') ?? new Map<string, Candidate>()
  return [...now].flatMap(([origin, { value }]) => {
    const ever = told
      .filter(one => one.origin.name === origin)
      .map(one => Number(one.change.values.refunded_to_date ?? 0))
    return !MONEY_ORIGINS.includes(origin) && Math.max(...ever) > Number(value ?? 0) ? [origin] : []
  })
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
