import type { SentChange } from './order-stream.ts'

/**
 * What the platform must hold, worked out from the rules of DESIGN §3 by the simplest means, and by none of the project's
 * own code: of all changes that set a field the newest wins; equal stamps by the stated order.
 */

type Wire = unknown
/** Values of one field in the order in which they supersede each other. */
interface Version {
  at: number
  /** Decides between equal stamps: null lowest, then by the stated order of the field. */
  order: number
  wire: Wire
}

const STATUSES = ['Complete', 'Cancelled', 'Refunded']
const MONEY = new Set(['order_total', 'sales_tax_amount', 'refunded_to_date'])
const FLAGS = new Set(['is_refund', 'is_chargeback', 'is_fraud', 'is_recurring', 'is_test_cc'])
const TIMES = new Set(['order_date', 'recurring_date'])
/** Never sent to `/order`. */
const OWN = new Set(['order_id', 'occurred_at', 'payment_state', 'captured_amount', 'captured_at', 'arn', 'descriptor'])

/** The record of one order after all its changes, or null when it never settles and so is never pushed. */
export function expectedRecord(changes: readonly SentChange[]): Record<string, unknown> | null {
  if (!changes.some(change => change['order_status'] != null)) return null
  const record: Record<string, unknown> = { order_id: changes[0]!.order_id }
  const fulfillment: Record<string, unknown> = {}
  for (const field of sentFields(changes)) {
    const newest = versionsOf(field, changes).at(-1)!
    if (newest.wire === null) continue
    const [half, part] = field.split('.') as [string, string?]
    if (part === undefined) record[half] = newest.wire
    else fulfillment[part] = newest.wire
  }
  if (Object.keys(fulfillment).length > 0) record['fulfillment'] = fulfillment
  return record
}

/** A record, or a payload, with amounts written in one way: how many zeros end an amount says nothing. */
export function comparable(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      if (MONEY.has(name) && typeof value === 'string') return [name, amountOf(value)]
      if (name === 'products' && Array.isArray(value)) return [name, value.map(product)]
      return [name, value]
    }),
  )
}

/** Every field that any of the changes sets and that is sent; the halves of `fulfillment` each for itself. */
export function sentFields(changes: readonly SentChange[]): string[] {
  const names = new Set<string>()
  for (const change of changes) for (const name of Object.keys(flat(change))) if (!OWN.has(name)) names.add(name)
  return [...names]
}

/** All values one field ever had in the CRM, oldest first, in their wire form; `notes` only ever grows. */
export function versionsOf(field: string, changes: readonly SentChange[]): Version[] {
  const versions = changes.flatMap(change => {
    const fields = flat(change)
    if (!Object.hasOwn(fields, field)) return []
    return [
      { at: instant(change.occurred_at), order: orderOf(field, fields[field]), wire: wireOf(field, fields[field]) },
    ]
  })
  versions.sort((a, b) => a.at - b.at || a.order - b.order)
  for (const [i, version] of versions.entries()) {
    const before = versions[i - 1]
    const isTied = before?.at === version.at && before.order === version.order
    if (isTied && JSON.stringify(before.wire) !== JSON.stringify(version.wire))
      throw new Error(`no stated rule decides between two values of ${field}`)
  }
  return field === 'notes' ? grown(versions) : versions
}

function grown(versions: Version[]): Version[] {
  let all: { timestamp: string; note: string }[] = []
  const place = ({ timestamp, note }: { timestamp: string; note: string }) => `${timestamp} ${note}`
  return versions.map(version => {
    all = [...all, ...(version.wire as typeof all)].toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
    return { ...version, wire: all }
  })
}

/** The change with the two registers inside `fulfillment` as fields of their own; clearing it clears both. */
function flat(change: SentChange): Record<string, unknown> {
  const { fulfillment, ...fields } = change
  if (fulfillment === undefined) return fields
  const parts = (fulfillment ?? { shipments: null, proof_of_service: null }) as Record<string, unknown>
  for (const [name, value] of Object.entries(parts)) fields[`fulfillment.${name}`] = value
  return fields
}

function orderOf(field: string, value: unknown): number {
  if (value === null) return 0
  if (field === 'order_status') return 1 + STATUSES.indexOf(value as string)
  if (MONEY.has(field)) return 1 + Number(value)
  return FLAGS.has(field) ? 1 + Number(value) : 1
}

function wireOf(field: string, value: unknown): Wire {
  if (value === null) return null
  if (MONEY.has(field)) return amountOf(value as string)
  if (FLAGS.has(field)) return Number(value)
  if (TIMES.has(field)) return timeOf(value as string)
  if (field === 'products') return (value as Record<string, unknown>[]).map(product)
  if (field === 'notes')
    return (value as { timestamp: string; note: string }[]).map(({ timestamp, note }) => ({
      timestamp: timeOf(timestamp),
      note,
    }))
  return value
}

const product = (item: Record<string, unknown>) =>
  typeof item['price'] === 'string' ? { ...item, price: amountOf(item['price']) } : item

const amountOf = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
const instant = (text: string): number => Date.parse(text.includes('T') ? text : `${text.replace(' ', 'T')}Z`)
const timeOf = (text: string): string => `${new Date(instant(text)).toISOString().slice(0, 19)}Z`
