import { SENT_FIELDS, VITAL_FIELDS, type SentField } from './order-fields.ts'
import type { OrderRecord, PushState } from './order.ts'
import { isSettled } from './settled.ts'
import { shownTexts } from './shown-order.ts'

/** Turns a canonical text into what is compared and kept of it; equal texts and only they have equal digests. */
export type Digest = (text: string) => string

/** What to push of an order now. `digests` has one entry for each field that goes on the wire. */
export type PushPlan =
  | { do: 'nothing' }
  | { do: 'held' }
  | {
      do: 'push'
      fields: SentField[]
      digests: Partial<Record<SentField, string>>
      texts: ReadonlyMap<SentField, string>
    }

/**
 * The fields whose value differs from what was last acknowledged, or is in doubt (rule 4); the first push carries all. An
 * order that was never sent waits until it is settled; afterwards only an unsettled status is withheld (rule 5).
 */
export function planPush(order: OrderRecord, digest: Digest): PushPlan {
  const settled = isSettled(order.registers)
  if (!order.push.sent && !settled) return { do: 'held' }
  const digests: Partial<Record<SentField, string>> = {}
  const differing = new Set<SentField>()
  const texts = textsOf(order)
  for (const [field, text] of texts) {
    if (!sentFields.has(field) || (field === 'order_status' && !settled)) continue
    const value = digest(text)
    digests[field] = value
    if (differs(order.push, field, text, value)) differing.add(field)
  }
  addOtherHalf(differing, digests)
  const fields = SENT_FIELDS.filter(field => differing.has(field))
  return fields.length === 0 ? { do: 'nothing' } : { do: 'push', fields, digests: pick(digests, fields), texts }
}

/** The same push cut down to the fields that a refusal of another field must not hide; null when none of them differs. */
export const vitalPart = (plan: Pushed): Pushed | null => realPart(plan, field => VITAL_FIELDS.includes(field))

/** The same push without some fields; null where that leaves all of it or nothing. */
export const partWithout = (plan: Pushed, fields: readonly SentField[]): Pushed | null =>
  realPart(plan, field => !fields.includes(field))

type Pushed = Extract<PushPlan, { do: 'push' }>
function realPart(plan: Pushed, isKept: (field: SentField) => boolean): Pushed | null {
  const fields = plan.fields.filter(isKept)
  return fields.length === 0 || fields.length === plan.fields.length ? null : partOf(plan, fields)
}

/** The same push with these of its fields alone. */
export const partOf = (plan: Pushed, fields: SentField[]): Pushed => ({
  ...plan,
  fields,
  digests: pick(plan.digests, fields),
})

/** Fields that a platform's words name, each as a word of its own. */
export const fieldsNamedIn = (words: string, fields: readonly SentField[]): SentField[] =>
  fields.filter(field => new RegExp(`(?<![A-Za-z0-9_])${field}(?![A-Za-z0-9_])`).test(words))

const sentFields = new Set<string>(SENT_FIELDS)

/** The canonical text of every field of an order as it would be shown or pushed, its notes as one list. */
export function textsOf(order: Pick<OrderRecord, 'registers' | 'notes'>): Map<SentField, string> {
  const texts = new Map<SentField, string>(shownTexts(order.registers))
  if (order.notes.length > 0) texts.set('notes', `[${order.notes.map(note => note.text).join(',')}]`)
  return texts
}

function differs(push: PushState, field: SentField, text: string, digest: string): boolean {
  if (push.doubts[field] !== undefined || push.attempt?.fields.includes(field) === true) return true
  const acknowledged = push.acknowledged[field]
  return acknowledged === undefined ? text !== 'null' : acknowledged !== digest
}

/** `fulfillment` goes out whole: whether a platform merges its two parts or replaces the object is not stated. */
function addOtherHalf(differing: Set<SentField>, digests: Partial<Record<SentField, string>>): void {
  const [one, other] = ['shipments', 'proof_of_service'] as const
  if (differing.has(one) && digests[other] !== undefined) differing.add(other)
  if (differing.has(other) && digests[one] !== undefined) differing.add(one)
}

const pick = <Value>(
  all: Partial<Record<SentField, Value>>,
  fields: readonly SentField[],
): Partial<Record<SentField, Value>> =>
  Object.fromEntries(fields.map(field => [field, all[field]])) as Partial<Record<SentField, Value>>
