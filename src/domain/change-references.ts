import { cardDigits, isThisCard, looksLikeCard } from './basics/card-data.ts'
import type { FieldError } from './basics/field-error.ts'
import { isGiven } from './basics/nothing-stated.ts'
import { FIELD_NAMES, FIELDS, type FieldKind, type FieldName } from './order-fields.ts'

/** As much of a change as is looked at. */
interface Stated {
  orderId: string
  values: Readonly<Partial<Record<FieldName, unknown>>>
}

/** References that are this very card are refused: by length, Luhn and the digits the change itself tells. */
export function cardFaults(change: Stated, body: Readonly<Record<string, unknown>>): FieldError[] {
  const isOwn = ownCardTest(change, body)
  if (isOwn === null) return []
  return longReferences(change)
    .filter(([, reference]) => isOwn(reference))
    .map(([field]) => ({
      field,
      message: "expected a reference, got the order's own card number; send another reference",
    }))
}

/** Tells whether a reference is the change's own card; null where it states no card. A part that cannot be read may be the whole number. */
function ownCardTest({ values }: Stated, body: Readonly<Record<string, unknown>>): ((reference: string) => boolean) | null {
  const { cc_first_6: first6, cc_last_4: last4 } = values
  if (typeof first6 === 'string' && typeof last4 === 'string') return reference => isThisCard(reference, first6, last4)
  const written = [body.cc_first_6, body.cc_last_4].filter(isGiven)
  const wholes = written.flatMap(part => cardDigits(String(part).trim()) ?? [])
  if (written.length === 0) return null
  return reference => {
    const digits = cardDigits(reference)
    if (digits === null) return false
    const fits = (typeof first6 !== 'string' || digits.startsWith(first6)) && (typeof last4 !== 'string' || digits.endsWith(last4))
    return wholes.includes(digits) || (fits && written.length === 2 && looksLikeCard(digits))
  }
} // prettier-ignore

/** The references of a change that are long enough for a card's number (19 digits, a gap after each, at most), each with the name of its place. */
export function longReferences(change: Stated): [field: string, reference: string][] {
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
      for (const key in list[i]) look(`${place}[${i}].${key}`, (list[i] as Record<string, unknown>)[key])
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
