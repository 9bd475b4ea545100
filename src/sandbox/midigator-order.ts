import { holdsCardNumber, isThisCard } from './card-number.ts'
import { LISTS, ORDER } from './midigator-fields.ts'
import type { Field, List } from './midigator-fields.ts'

/** An order, or a part of one, in the wire form of the vendor's Data API. */
export type WireOrder = Record<string, unknown>

/** Why a payload is refused: the status, and one sentence a fault that repeats the offending value. */
export interface Refusal {
  status: 400 | 422
  message: string
}

/** The card an order is paid with, as far as the payload or the record before it tells. */
interface Card {
  first6: unknown
  last4: unknown
}

interface Findings {
  unknown: string[]
  invalid: string[]
  card: Card
}

const isObject = (value: unknown): value is WireOrder =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : JSON.stringify(value))

function readField(found: Findings, name: string, field: Field | undefined, value: unknown): void {
  if (!field) return void found.unknown.push(`${name} ${shown(value)} is not a known field`)
  if (!field.valid(value)) return void found.invalid.push(`${name} ${shown(value)} is not valid`)
  if (field.cards === undefined) return
  const written = value as string
  const isCard =
    field.cards === 'any' ? holdsCardNumber(written) : isThisCard(written, found.card.first6, found.card.last4)
  if (isCard) found.invalid.push(`${name} ${shown(value)} holds a card number`)
}

function readList(found: Findings, name: string, list: List, value: unknown): void {
  if (!Array.isArray(value)) return void found.invalid.push(`${name} ${shown(value)} is not valid`)
  for (const [i, item] of value.entries()) {
    const at = `${name}[${i}]`
    if (!isObject(item)) {
      found.invalid.push(`${at} ${shown(item)} is not valid`)
      continue
    }
    for (const member of list.required) if (item[member] == null) found.invalid.push(`${at}.${member} is required`)
    for (const [member, inner] of Object.entries(item)) {
      const field = ownOf(list.fields, member)
      if (inner !== null || !field) readField(found, `${at}.${member}`, field, inner)
    }
  }
}

const ownOf = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** Reads one member of the order or of `fulfillment`; null clears whatever is known, so it is valid for both. */
function readMember(found: Findings, name: string, value: unknown): void {
  const list = ownOf(LISTS, name)
  const field = ownOf(ORDER, name)
  if (value === null && (list || field)) return
  if (list) readList(found, name, list, value)
  else readField(found, name, field, value)
}

function readFulfillment(found: Findings, value: unknown): void {
  if (value === null) return
  if (!isObject(value)) return void found.invalid.push(`fulfillment ${shown(value)} is not valid`)
  for (const [member, inner] of Object.entries(value)) readMember(found, `fulfillment.${member}`, inner)
}

/**
 * Reads the body of `POST /order` strictly: every field in its wire form, nothing unknown, no whole card number.
 * `before` is the record so far. Undefined when it is accepted; 400 for what is unknown, 422 for what is not valid.
 */
export function refusalOf(body: unknown, before: WireOrder | undefined): Refusal | undefined {
  if (!isObject(body)) return { status: 400, message: `${shown(body)} is not a JSON object` }
  if (body['order_id'] == null) return { status: 422, message: 'order_id is required' }
  const card = {
    first6: body['cc_first_6'] ?? before?.['cc_first_6'],
    last4: body['cc_last_4'] ?? before?.['cc_last_4'],
  }
  const found: Findings = { unknown: [], invalid: [], card }
  for (const [name, value] of Object.entries(body)) {
    if (name === 'fulfillment') readFulfillment(found, value)
    // A dotted name is a nested field of ours, never one of the vendor's.
    else if (name.includes('.')) found.unknown.push(`${name} ${shown(value)} is not a known field`)
    else readMember(found, name, value)
  }
  if (found.unknown.length + found.invalid.length === 0) return undefined
  return { status: found.unknown.length > 0 ? 400 : 422, message: [...found.unknown, ...found.invalid].join('; ') }
}

function patched(before: WireOrder, patch: WireOrder): WireOrder {
  const after = { ...before }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name]
    else after[name] = value
  }
  return after
}

/**
 * The record after an accepted payload: what is present is set, null clears (the key is gone), arrays are replaced
 * whole, the two members of `fulfillment` each for itself. Neither argument is changed.
 */
export function upserted(before: WireOrder | undefined, payload: WireOrder): WireOrder {
  const after = patched(before ?? {}, payload)
  if (!isObject(payload['fulfillment'])) return after
  const kept = isObject(before?.['fulfillment']) ? before['fulfillment'] : {}
  const fulfillment = patched(kept, payload['fulfillment'])
  if (Object.keys(fulfillment).length > 0) after['fulfillment'] = fulfillment
  else delete after['fulfillment']
  return after
}
