import { z } from 'zod'
import { isThisCard } from './card-data.ts'
import { noteField, optionalField, requiredField, shapeOf } from './field-values.ts'
import { FIELDS, FIELD_NAMES, isFieldName, type FieldKind, type FieldName } from './order-fields.ts'
import { parseInstant } from './instant.ts'

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

/** What is wrong with one field of a change: where, and what was expected; never the value. */
export interface FieldError {
  field: string
  message: string
}

export type ParsedChange = { change: Change; ignored: string[] } | { errors: FieldError[]; orderId: string | null }

const MAX_ENTRIES = 200
const MAX_IGNORED = 50

const entry = (fields: Record<string, Exclude<FieldKind, 'list'>>) =>
  z.object(Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, optionalField(kind)])))

const SHIPMENT = entry({
  shipping_method: 'prose',
  shipping_date: 'time',
  tracking_number: 'id',
  shipping_first_name: 'prose',
  shipping_last_name: 'prose',
  shipping_street_address: 'prose',
  shipping_street_address_2: 'prose',
  shipping_city: 'prose',
  shipping_state: 'prose',
  shipping_postcode: 'prose',
  shipping_country: 'prose',
})
const PROOF = entry({ type: 'prose', value: 'prose' })
const PRODUCT = entry({ name: 'prose', price: 'money', product_id: 'id', product_qty: 'code', sku: 'id' })
const NOTE = z.object({ timestamp: requiredField('time'), note: noteField() })

const list = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item, { error: issue => `expected an array of ${what}, got ${shapeOf(issue.input)}` }).max(MAX_ENTRIES, {
    error: `expected at most ${MAX_ENTRIES} ${what}; send fewer`,
  })

const scalars = FIELD_NAMES.filter(name => FIELDS[name].kind !== 'list').map(
  name => [name, optionalField(FIELDS[name].kind as Exclude<FieldKind, 'list'>)] as const,
)

const CHANGE = z.object({
  order_id: requiredField('id'),
  ...Object.fromEntries(scalars),
  fulfillment: z
    .object(
      {
        shipments: list(SHIPMENT, 'shipments').nullish(),
        proof_of_service: list(PROOF, 'type and value pairs').nullish(),
      },
      { error: issue => `expected an object with shipments and proof_of_service, got ${shapeOf(issue.input)}` },
    )
    .nullish(),
  products: list(PRODUCT, 'products').nullish(),
  notes: list(NOTE, 'notes').optional(),
})

/** Reads one change of the generic shape (DESIGN §2): canonical values, or every fault in it at once. */
export function parseChange(input: unknown): ParsedChange {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return {
      errors: [{ field: '', message: `expected an object with order_id and occurred_at, got ${shapeOf(input)}` }],
      orderId: null,
    }
  }
  const body = input as Record<string, unknown>
  const parsed = CHANGE.safeParse(body)
  const errors = parsed.success ? [] : parsed.error.issues.map(toFieldError)
  const occurredAt = typeof body.occurred_at === 'string' ? parseInstant(body.occurred_at) : null
  if (occurredAt === null) {
    const message = `expected the time of the change, such as "2026-01-31T09:20:11.250Z", got ${shapeOf(body.occurred_at)}`
    errors.push({ field: 'occurred_at', message })
  }
  errors.push(...orderIdFaults(body.order_id))
  if (!parsed.success || occurredAt === null || errors.length > 0) return { errors, orderId: orderIdIn(body) }
  const { change, faults } = assemble(parsed.data as ParsedBody, occurredAt)
  return faults.length > 0 ? { errors: faults, orderId: change.orderId } : { change, ignored: unknownFields(body) }
}

interface ParsedBody extends Partial<Record<string, unknown>> {
  order_id: string
  fulfillment?: { shipments?: List | null; proof_of_service?: List | null } | null
  products?: List | null
  notes?: Note[]
}

function assemble(body: ParsedBody, occurredAt: number): { change: Change; faults: FieldError[] } {
  const values: Partial<Record<FieldName, FieldValue>> = {}
  for (const [name] of scalars) if (body[name] !== undefined) values[name] = body[name] as Scalar
  const parts = body.fulfillment === null ? { shipments: null, proof_of_service: null } : body.fulfillment
  if (parts?.shipments !== undefined) values.shipments = parts.shipments
  if (parts?.proof_of_service !== undefined) values.proof_of_service = parts.proof_of_service
  if (body.products !== undefined) values.products = body.products
  const change: Change = { orderId: body.order_id, occurredAt, values, notes: body.notes ?? [] }
  return { change, faults: cardFaults(change) }
}

/** References that are this very card are refused: by length, Luhn and the digits the change itself tells. */
function cardFaults(change: Change): FieldError[] {
  const { cc_first_6: first6, cc_last_4: last4 } = change.values
  if (typeof first6 !== 'string' || typeof last4 !== 'string') return []
  return referencesOf(change)
    .filter(([, reference]) => isThisCard(reference, first6, last4))
    .map(([field]) => ({
      field,
      message: "expected a reference, got the order's own card number; send another reference",
    }))
}

/** Every reference in a change with the name of its place: ids, telephone, codes, and the ids inside lists. */
export function referencesOf(change: Change): [field: string, reference: string][] {
  const found: [string, string][] = [['order_id', change.orderId]]
  for (const [name, value] of Object.entries(change.values)) {
    if (typeof value === 'string' && REFERENCE_KINDS.has(FIELDS[name as FieldName].kind)) found.push([name, value])
    if (!Array.isArray(value)) continue
    const place = name === 'products' ? name : `fulfillment.${name}`
    for (const [i, item] of (value as List).entries()) {
      for (const [key, inner] of Object.entries(item))
        if (typeof inner === 'string') found.push([`${place}[${i}].${key}`, inner])
    }
  }
  return found
}

const REFERENCE_KINDS = new Set<FieldKind>(['id', 'phone', 'code'])

function orderIdFaults(orderId: unknown): FieldError[] {
  if (typeof orderId !== 'string') return []
  if (orderId.trim() === '' || orderId !== orderId.trim()) {
    return [{ field: 'order_id', message: `expected the order's id without spaces around it, got ${shapeOf(orderId)}` }]
  }
  return []
}

const orderIdIn = (body: Record<string, unknown>): string | null => {
  const read = requiredField('id').safeParse(body.order_id)
  return read.success ? (read.data as string) : null
}

function unknownFields(body: Record<string, unknown>): string[] {
  const names: string[] = []
  for (const name of Object.keys(body)) {
    if (KNOWN.has(name) || names.length >= MAX_IGNORED) continue
    names.push(name.slice(0, 100).toWellFormed())
  }
  return names
}
const KNOWN = new Set(['order_id', 'occurred_at', 'fulfillment', 'notes', ...FIELD_NAMES.filter(isTopLevel)])
function isTopLevel(name: FieldName): boolean {
  return isFieldName(name) && name !== 'shipments' && name !== 'proof_of_service'
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  let field = ''
  for (const part of issue.path)
    field += typeof part === 'number' ? `[${part}]` : field === '' ? String(part) : `.${String(part)}`
  return { field, message: issue.message }
}
