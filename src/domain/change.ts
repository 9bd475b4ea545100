import { isThisCard } from './basics/card-data.ts'
import type { FieldError } from './basics/field-error.ts'
import { checkNote, checkRequired, checkValue, shapeOf, type Check, type ScalarKind } from './field-values.ts'
import { FIELDS, FIELD_NAMES, type FieldKind, type FieldName } from './order-fields.ts'
import { parseInstant } from './basics/instant.ts'

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
  values: Partial<Record<FieldName, FieldValue>>
  notes: readonly Note[]
}

export type ParsedChange = { change: Change; ignored: string[] } | { errors: FieldError[]; orderId: string | null }

type Members = Readonly<Record<string, (value: unknown) => Check>>

const MAX_ENTRIES = 200
const MAX_IGNORED = 50

const scalar = (kind: ScalarKind) => (value: unknown) => checkValue(kind, value)
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
const NOTE: Members = { timestamp: value => checkRequired('time', value), note: checkNote }

const SCALARS = FIELD_NAMES.flatMap(name => (FIELDS[name].kind === 'list' ? [] : [[name, FIELDS[name].kind] as const]))

/** Reads one change of the generic shape (DESIGN §2): canonical values, or every fault in it at once. */
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
  const values = readValues(body, errors)
  const notes = body.notes === undefined ? [] : readList(NOTE, body.notes, 'notes', 'notes', errors, true)
  if (orderId !== null && errors.length === 0) {
    const change: Change = { orderId, occurredAt, values, notes: notes as unknown as Note[] }
    errors.push(...cardFaults(change))
    if (errors.length === 0) return { change, ignored: unknownFields(body) }
  }
  return { errors, orderId }
}

function readOrderId(value: unknown, errors: FieldError[]): string | null {
  const checked = checkRequired('id', value)
  if (!('ok' in checked)) return fault(errors, 'order_id', checked.expected, value)
  const orderId = checked.ok as string
  return orderId === '' || orderId !== orderId.trim()
    ? fault(errors, 'order_id', "the order's id without spaces around it", value)
    : orderId
}

function readOccurredAt(value: unknown, errors: FieldError[]): number {
  const ms = typeof value === 'string' ? parseInstant(value) : null
  if (ms === null) fault(errors, 'occurred_at', 'the time of the change, such as "2026-01-31T09:20:11.250Z"', value)
  return ms ?? 0
}

function readValues(body: Record<string, unknown>, errors: FieldError[]): Change['values'] {
  const values: Change['values'] = {}
  for (const [name, kind] of SCALARS) {
    const value = body[name]
    if (value === undefined) continue
    const checked = checkValue(kind, value)
    if ('ok' in checked) values[name] = checked.ok
    else fault(errors, name, checked.expected, value)
  }
  const { fulfillment, products } = body
  if (products !== undefined)
    values.products = products === null ? null : readList(PRODUCT, products, 'products', 'products', errors)
  if (fulfillment === null) values.shipments = values.proof_of_service = null
  else if (typeof fulfillment === 'object' && !Array.isArray(fulfillment))
    readFulfillment(fulfillment as Record<string, unknown>, values, errors)
  else if (fulfillment !== undefined)
    fault(errors, 'fulfillment', 'an object with shipments and proof_of_service', fulfillment)
  return values
}

function readFulfillment(parts: Record<string, unknown>, values: Change['values'], errors: FieldError[]): void {
  const { shipments, proof_of_service: proof } = parts
  if (shipments !== undefined) {
    values.shipments =
      shipments === null ? null : readList(SHIPMENT, shipments, 'fulfillment.shipments', 'shipments', errors)
  }
  if (proof !== undefined) {
    values.proof_of_service =
      proof === null ? null : readList(PROOF, proof, 'fulfillment.proof_of_service', 'type and value pairs', errors)
  }
}

/** Entries in canonical form, their members in the order of the Data API; `whole`: every member must be there. */
function readList(
  members: Members,
  value: unknown,
  place: string,
  what: string,
  errors: FieldError[],
  whole = false,
): List {
  if (!Array.isArray(value)) return fault(errors, place, `an array of ${what}`, value) ?? []
  if (value.length > MAX_ENTRIES) return fault(errors, place, `at most ${MAX_ENTRIES} ${what}`, value) ?? []
  return value.map((entry: unknown, i) => {
    const kept: Record<string, Scalar> = {}
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      fault(errors, `${place}[${i}]`, 'an object', entry)
      return kept
    }
    for (const [name, check] of Object.entries(members)) {
      const member = (entry as Record<string, unknown>)[name]
      if (member === undefined && !whole) continue
      const checked = check(member)
      if ('ok' in checked) kept[name] = checked.ok
      else fault(errors, `${place}[${i}].${name}`, checked.expected, member)
    }
    return kept
  })
}

function fault(errors: FieldError[], field: string, expected: string, value: unknown): null {
  errors.push({ field, message: `expected ${expected}, got ${shapeOf(value)}` })
  return null
}

/** References that are this very card are refused: by length, Luhn and the digits the change itself tells. */
function cardFaults(change: Change): FieldError[] {
  const { cc_first_6: first6, cc_last_4: last4 } = change.values
  if (typeof first6 !== 'string' || typeof last4 !== 'string') return []
  return longReferences(change)
    .filter(([, reference]) => isThisCard(reference, first6, last4))
    .map(([field]) => ({
      field,
      message: "expected a reference, got the order's own card number; send another reference",
    }))
}

/** The references of a change that are long enough for a card's number (19 digits, a gap after each, at most), each with the name of its place. */
export function longReferences(change: Change): [field: string, reference: string][] {
  const found: [string, string][] = []
  const look = (field: string, value: unknown) => {
    if (typeof value === 'string' && value.length >= 13 && value.length <= 37) found.push([field, value])
  }
  look('order_id', change.orderId)
  for (const name of REFERENCES) look(name, change.values[name])
  for (const [name, place] of LISTS) {
    const list = change.values[name]
    if (!Array.isArray(list)) continue
    for (let i = 0; i < list.length; i++)
      for (const key in list[i]) look(`${place}[${i}].${key}`, (list[i] as Record<string, Scalar>)[key])
  }
  return found
}

const REFERENCE_KINDS = new Set<FieldKind>(['id', 'phone', 'code'])
const REFERENCES = FIELD_NAMES.filter(name => REFERENCE_KINDS.has(FIELDS[name].kind))
const LISTS = [
  ['products', 'products'],
  ['shipments', 'fulfillment.shipments'],
  ['proof_of_service', 'fulfillment.proof_of_service'],
] as const

/** Names that mean nothing to us, also those inside lists; the first fifty of them. */
function unknownFields(body: Record<string, unknown>): string[] {
  const names: string[] = []
  nameUnknown(body, KNOWN, '', names)
  if (body.notes !== undefined) nameUnknownIn(body.notes, NOTE_NAMES, 'notes', names)
  if (body.products != null) nameUnknownIn(body.products, PRODUCT_NAMES, 'products', names)
  if (body.fulfillment == null) return names
  const parts = body.fulfillment as Record<string, unknown>
  nameUnknown(parts, PARTS, 'fulfillment.', names)
  if (parts.shipments != null) nameUnknownIn(parts.shipments, SHIPMENT_NAMES, 'fulfillment.shipments', names)
  if (parts.proof_of_service != null)
    nameUnknownIn(parts.proof_of_service, PROOF_NAMES, 'fulfillment.proof_of_service', names)
  return names
}

function nameUnknownIn(list: unknown, known: ReadonlySet<string>, place: string, names: string[]): void {
  for (const [i, entry] of (list as object[]).entries()) nameUnknown(entry, known, `${place}[${i}].`, names)
}

function nameUnknown(item: object, known: ReadonlySet<string>, place: string, names: string[]): void {
  for (const name in item) {
    if (!known.has(name) && names.length < MAX_IGNORED) names.push(`${place}${name.slice(0, 100).toWellFormed()}`)
  }
}

const TOP_LEVEL = FIELD_NAMES.filter(name => name !== 'shipments' && name !== 'proof_of_service')
const KNOWN = new Set<string>(['order_id', 'occurred_at', 'fulfillment', 'notes', ...TOP_LEVEL])
const PARTS = new Set(['shipments', 'proof_of_service'])
const SHIPMENT_NAMES = new Set(Object.keys(SHIPMENT))
const PROOF_NAMES = new Set(Object.keys(PROOF))
const PRODUCT_NAMES = new Set(Object.keys(PRODUCT))
const NOTE_NAMES = new Set(Object.keys(NOTE))
