import { cardFaults } from './change-references.ts'
import type { FieldError } from './basics/field-error.ts'
import { checkNote, checkRequired, checkValue, shapeOf, type Check, type ScalarKind } from './field-values.ts'
import { FIELDS, FIELD_NAMES, type FieldName } from './order-fields.ts'
import { parseInstant } from './basics/instant.ts'
import { isGiven } from './basics/nothing-stated.ts'

export type { FieldError } from './basics/field-error.ts'

/** A customer service note; the set of them only grows (rule 1). `timestamp` is `YYYY-MM-DDTHH:MM:SSZ`. */
export interface Note {
  timestamp: string
  note: string
}

export type Scalar = string | boolean | null
/** Entries of `shipments`, `proof_of_service` or `products`, in canonical form. */
export type List = readonly Record<string, Scalar>[]
export type FieldValue = Scalar | List

/** A patch from one hook: a field present is set, null is cleared, absent is untouched. */
export interface Change {
  orderId: string
  /** When it happened in the CRM, in integer milliseconds. */
  occurredAt: number
  /** The sender's count of changes: decides between those of one `occurredAt`. */
  sequence?: number | undefined
  values: Partial<Record<FieldName, FieldValue>>
  notes: readonly Note[]
}

/**
 * A change, with the fields that could not be read (left out of it, or cut, as `faults` says) and the names that mean nothing
 * here; or why nothing of it can be taken.
 */
export type ParsedChange =
  { change: Change; ignored: string[]; faults: FieldError[] } | { errors: FieldError[]; orderId: string | null }

type Members = Readonly<Record<string, (value: unknown, currency: string | null) => Check>>

const MAX_ENTRIES = 200
const MAX_FAULTS = 50
const MAX_IGNORED = 50

const scalar = (kind: ScalarKind) => (value: unknown, currency: string | null) => checkValue(kind, value, currency)
const prose = scalar('prose')

/** Data API, "Shipping". */
const SHIPMENT: Members = {
  shipping_method: prose,
  shipping_date: scalar('time'),
  tracking_number: scalar('id'),
  shipping_first_name: prose,
  shipping_last_name: prose,
  shipping_street_address: prose,
  shipping_street_address_2: prose,
  shipping_city: prose,
  shipping_state: prose,
  shipping_postcode: prose,
  shipping_country: prose,
}
/** Data API, "Proof of Service". */
const PROOF: Members = { type: prose, value: prose }
/** Data API, "Products". */
const PRODUCT: Members = {
  name: prose,
  price: scalar('money'),
  product_id: scalar('id'),
  product_qty: scalar('code'),
  sku: scalar('id'),
}
/** Data API, "Product Notes"; both members must be there. */
const NOTE: Members = { timestamp: noteTime, note: checkNote }

function noteTime(value: unknown): Check {
  const checked = checkRequired('time', value)
  return checked !== null && 'ok' in checked && checked.ok === null ? { expected: 'the time of the note' } : checked
}

const SCALARS = FIELD_NAMES.flatMap(name => (FIELDS[name].kind === 'list' ? [] : [[name, FIELDS[name].kind] as const]))

/**
 * Reads one change of the generic shape (DESIGN §2), field by field: a field that cannot be read is named in `faults` and costs
 * nothing else. Rejected is only what names no order or no time, and a whole card number in place of a reference.
 */
export function parseChange(input: unknown): ParsedChange {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return {
      errors: [{ field: '', message: `expected an object with order_id and occurred_at, got ${shapeOf(input)}` }],
      orderId: null,
    }
  }
  const body = input as Record<string, unknown>
  const errors: FieldError[] = []
  const orderId = readOrderId(body.order_id, errors)
  const occurredAt = readOccurredAt(body.occurred_at, errors)
  if (orderId === null || errors.length > 0) return { errors, orderId }
  const faults: FieldError[] = []
  const values = readValues(body, faults)
  const notes = readList({ members: NOTE, place: 'notes', what: 'notes', whole: true }, body.notes ?? [], faults) ?? []
  const sequence = readSequence(body.sequence, faults)
  const change: Change = { orderId, occurredAt, ...(sequence !== null && { sequence }), values, notes: notes as unknown as Note[] } // prettier-ignore
  const cards = cardFaults(change, body)
  return cards.length > 0 ? { errors: cards, orderId } : { change, ignored: unknownFields(body), faults }
}

function readOrderId(value: unknown, errors: FieldError[]): string | null {
  const checked = checkRequired('id', value)
  const orderId = checked !== null && 'ok' in checked ? (checked.ok as string) : ''
  if (orderId !== '' && orderId === asWritten(value) && !HIDDEN.test(orderId)) return orderId
  return fault(errors, 'order_id', "the order's id as text without spaces around it and without control, bidirectional or invisible characters", value)
} // prettier-ignore

/** What no person sees: two ids would look the same, or one like another. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** An id is part of keys and never altered, not even at its ends. */
const asWritten = (value: unknown): string => (typeof value === 'number' ? String(value) : (value as string))

function readOccurredAt(value: unknown, errors: FieldError[]): number {
  const ms = typeof value === 'string' ? parseInstant(value.trim()) : null
  if (ms === null) fault(errors, 'occurred_at', 'the time of the change, such as "2026-01-31T09:20:11.250Z"', value)
  return ms ?? 0
}

/** A whole number, also as text, that a float holds exactly. */
function readSequence(value: unknown, faults: FieldError[]): number | null {
  if (!isGiven(value)) return null
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value.trim()) ? Number(value) : value
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number
  return fault(faults, 'sequence', 'a whole number that grows with every change', value)
}

/** What one field states; undefined where it states nothing or cannot be read, which is named. */
function valueOf(checked: Check, field: string, value: unknown, faults: FieldError[]): Scalar | undefined {
  if (checked === null) return undefined
  if ('expected' in checked) {
    fault(faults, field, checked.expected, value)
    return undefined
  }
  if (checked.cut !== undefined) fault(faults, field, `${checked.cut}, of which the beginning is kept`, value)
  return checked.ok
}

/** The currency that a body states, by which its amounts are read. */
export function currencyIn(body: Readonly<Record<string, unknown>>): string | null {
  const checked = checkValue('currency', body.currency ?? null)
  return checked !== null && 'ok' in checked ? (checked.ok as string | null) : null
}

function readValues(body: Record<string, unknown>, faults: FieldError[]): Change['values'] {
  const values: Change['values'] = {}
  const currency = currencyIn(body)
  for (const [name, kind] of SCALARS) {
    const given = body[name]
    if (given === undefined) continue
    const value = valueOf(checkValue(kind, given, currency), name, given, faults)
    if (value !== undefined) values[name] = value
  }
  const { fulfillment, products } = body
  if (products !== undefined)
    put(values, 'products', products, { members: PRODUCT, place: 'products', what: 'products', currency }, faults)
  if (fulfillment === null) values.shipments = values.proof_of_service = null
  else if (typeof fulfillment === 'object' && !Array.isArray(fulfillment))
    readFulfillment(fulfillment as Record<string, unknown>, values, faults)
  // Some languages write an empty object as an empty array.
  else if (fulfillment !== undefined && !(Array.isArray(fulfillment) && fulfillment.length === 0))
    fault(faults, 'fulfillment', 'an object with shipments and proof_of_service', fulfillment)
  return values
}

function readFulfillment(parts: Record<string, unknown>, values: Change['values'], faults: FieldError[]): void {
  const { shipments, proof_of_service: proof } = parts
  if (shipments !== undefined)
    put(
      values,
      'shipments',
      shipments,
      { members: SHIPMENT, place: 'fulfillment.shipments', what: 'shipments' },
      faults,
    )
  if (proof !== undefined)
    put(values, 'proof_of_service', proof, { members: PROOF, place: 'fulfillment.proof_of_service', what: 'type and value pairs' }, faults) // prettier-ignore
}

/** How a list is read: its members in the order of the Data API; `whole`: an entry without one of them is left out. */
interface ListShape {
  members: Members
  place: string
  what: string
  currency?: string | null
  whole?: boolean
}

function put(values: Change['values'], name: FieldName, value: unknown, shape: ListShape, faults: FieldError[]): void {
  const list = value === null ? null : readList(shape, value, faults)
  if (list !== undefined) values[name] = list
}

/**
 * Entries in canonical form. A single object stands for a list of one, an empty one for none; the first 200 entries are kept.
 * Undefined: it is no list.
 */
function readList({ members, place, what, currency = null, whole = false }: ListShape, value: unknown, faults: FieldError[]): List | undefined {
  const entries = listOf(value, members)
  if (entries === null) {
    fault(faults, place, `an array of ${what}`, value)
    return undefined
  }
  if (entries.length > MAX_ENTRIES) fault(faults, place, `at most ${MAX_ENTRIES} ${what}, of which the first are kept`, value)
  return entries.slice(0, MAX_ENTRIES).flatMap((entry: unknown, i) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      fault(faults, `${place}[${i}]`, 'an object', entry)
      return []
    }
    const kept: Record<string, Scalar> = {}
    let isWhole = true
    for (const [name, check] of Object.entries(members)) {
      const member = (entry as Record<string, unknown>)[name]
      if (member === undefined && !whole) continue
      const read = valueOf(check(member, currency), `${place}[${i}].${name}`, member, faults)
      if (read === undefined) isWhole = false
      else kept[name] = read
    }
    return isWhole || !whole ? [kept] : []
  })
} // prettier-ignore

/** Null: no list. An object whose keys are numbers is a list as some languages write it; one with a known member is an entry. */
function listOf(value: unknown, members: Members): unknown[] | null {
  if (Array.isArray(value)) return value as unknown[]
  if (typeof value !== 'object' || value === null) return isGiven(value) ? null : []
  const keys = Object.keys(value)
  if (keys.every(key => /^\d{1,4}$/.test(key))) return Object.values(value) as unknown[]
  return keys.some(key => Object.hasOwn(members, key)) ? [value] : null
}

function fault(faults: FieldError[], field: string, expected: string, value: unknown): null {
  if (faults.length < MAX_FAULTS) faults.push({ field, message: `expected ${expected}, got ${shapeOf(value)}` })
  return null
}

/** Names that mean nothing to us, also those inside lists; the first fifty of them. */
function unknownFields(body: Record<string, unknown>): string[] {
  const names: string[] = []
  nameUnknown(body, KNOWN, '', names)
  nameUnknownIn(body.notes, NOTE, 'notes', names)
  nameUnknownIn(body.products, PRODUCT, 'products', names)
  const { fulfillment } = body
  if (typeof fulfillment !== 'object' || fulfillment === null || Array.isArray(fulfillment)) return names
  const parts = fulfillment as Record<string, unknown>
  nameUnknown(parts, PARTS, 'fulfillment.', names)
  nameUnknownIn(parts.shipments, SHIPMENT, 'fulfillment.shipments', names)
  nameUnknownIn(parts.proof_of_service, PROOF, 'fulfillment.proof_of_service', names)
  return names
}

function nameUnknownIn(list: unknown, members: Members, place: string, names: string[]): void {
  const known = new Set(Object.keys(members))
  for (const [i, entry] of (listOf(list, members) ?? []).slice(0, MAX_ENTRIES).entries())
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) nameUnknown(entry, known, `${place}[${i}].`, names)
} // prettier-ignore

function nameUnknown(item: object, known: ReadonlySet<string>, place: string, names: string[]): void {
  for (const name in item) {
    if (!known.has(name) && names.length < MAX_IGNORED) names.push(`${place}${name.slice(0, 100).toWellFormed()}`)
  }
}

const TOP_LEVEL = FIELD_NAMES.filter(name => name !== 'shipments' && name !== 'proof_of_service')
const KNOWN = new Set<string>(['order_id', 'occurred_at', 'sequence', 'fulfillment', 'notes', ...TOP_LEVEL])
const PARTS = new Set(['shipments', 'proof_of_service'])
