import { maskCardNumbers } from '../domain/basics/card-data.ts'
import type { FieldError } from '../domain/change.ts'
import { shapeOf } from '../domain/field-values.ts'
import { parseInstant } from '../domain/basics/instant.ts'
import { canonicalAmount } from '../domain/basics/money.ts'
import type { RefundMode } from '../domain/account/account.ts'
import { ANSWER_TYPES } from '../domain/alert/resolution-types.ts'
import type { WantedDecision } from './permit-decision.ts'
import { REFUND_MODES } from './refund-mode.ts'
import { isAnswerType } from './resolution-texts.ts'

/** What was asked for, with the reason given for it; or every fault by its field, never with a value. */
export type Read<Value> = (Value & { reason: string | null }) | { errors: FieldError[] }

const [MAX_DESCRIPTION, MAX_REASON, MAX_ID] = [1_000, 500, 255]
type Body = Readonly<Record<string, unknown>>

/** What a decision is called in paths and commands. */
export const DECISION_NAMES = ['approve', 'refuse', 'resolve', 'match', 'close', 'refunded'] as const
export type DecisionName = (typeof DECISION_NAMES)[number]

/** Reads the body of a decision about a case: each decision takes its own fields. */
export function readDecision(name: DecisionName, input: unknown): Read<{ wanted: WantedDecision }> {
  switch (name) {
    case 'approve':
      return readBody(input, ['amount', 'refundable'], (body, errors) => {
        const [amount, refundable] = [readAmount(body, 'amount', errors), readAmount(body, 'refundable', errors)]
        return { wanted: { decision: 'approve', ...(amount !== undefined && { amount }), ...(refundable !== undefined && { refundable }) } } // prettier-ignore
      })
    case 'refuse':
      return readBody(input, [], () => ({ wanted: { decision: 'decline' } }))
    case 'resolve':
      return readBody(input, ['resolution_type', 'other_description'], (body, errors) => ({
        wanted: { decision: 'resolve', resolution: readResolution(body, errors) },
      }))
    case 'match':
      return readBody(input, ['order_id'], (body, errors) => {
        const given = body.order_id
        const orderId = typeof given === 'string' ? given.trim() : ''
        if (orderId === '' || orderId.length > MAX_ID) fault(errors, 'order_id', 'the id of a stored order', given)
        return { wanted: { decision: 'match', orderId } }
      })
    case 'close':
      return readBody(input, [], () => ({ wanted: { decision: 'close' } }))
    case 'refunded':
      return readBody(input, ['amount', 'refunded_at', 'reference'], (body, errors) => {
        const amount = readAmount(body, 'amount', errors)
        if (amount === undefined && !errors.some(({ field }) => field === 'amount')) fault(errors, 'amount', 'the amount that was refunded, such as "26.85"', body.amount) // prettier-ignore
        const refundedAt = typeof body.refunded_at === 'string' ? parseInstant(body.refunded_at) : null
        if (refundedAt === null) fault(errors, 'refunded_at', 'when it was refunded, in ISO 8601 with a zone', body.refunded_at) // prettier-ignore
        const reference = readText(body, 'reference', MAX_ID, errors)
        return { wanted: { decision: 'refunded', amount: amount ?? '0', refundedAt: refundedAt ?? 0, reference: reference === '' ? null : reference } } // prettier-ignore
      })
  }
}

/** Reads a body that gives a reason and nothing else. */
export const readReason = (input: unknown): Read<object> => readBody(input, [], () => ({}))

/** Reads the body that sets the refund mode. */
export const readMode = (input: unknown): Read<{ mode: RefundMode }> =>
  readBody(input, ['mode'], ({ mode }, errors) => {
    const known = REFUND_MODES.find(one => one === mode)
    if (known === undefined) fault(errors, 'mode', `one of ${REFUND_MODES.join(', ')}`, mode)
    return { mode: known ?? 'off' }
  })

/**
 * Reads the body that acknowledges an alarm; `until` in milliseconds, null: until another subject of it comes; `subject` null: all that are
 * raised.
 */
export const readAcknowledgement = (
  input: unknown,
  now: number,
): Read<{ until: number | null; subject: string | null }> =>
  readBody(input, ['until', 'subject'], (body, errors) => {
    const { until } = body
    const subject = body.subject == null ? null : readText(body, 'subject', MAX_SUBJECT, errors)
    if (subject === '') fault(errors, 'subject', 'what the alarm is raised for, or nothing for all of it', subject)
    if (until === undefined || until === null || until === '') return { until: null, subject }
    const at = typeof until === 'string' ? parseInstant(until) : null
    if (at !== null && at > now) return { until: at, subject }
    fault(errors, 'until', 'a time to come in ISO 8601, such as 2026-12-24T18:00:00Z, or nothing', until)
    return { until: null, subject }
  })
/** Subjects are ids of orders and of cases. */
const MAX_SUBJECT = 600

function readBody<Value>(
  input: unknown,
  names: readonly string[],
  read: (body: Body, errors: FieldError[]) => Value,
): Read<Value> {
  const errors: FieldError[] = []
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    fault(errors, 'body', `an object${names.length > 0 ? ` with ${names.join(', ')}` : ''}`, input)
    return { errors }
  }
  const body = input as Body
  const known = [...names, 'reason']
  for (const name of Object.keys(body).filter(one => !known.includes(one)))
    errors.push({ field: name.slice(0, 100), message: `expected ${known.join(', ')} and nothing else; leave it out` })
  const value = read(body, errors)
  const reason = readText(body, 'reason', MAX_REASON, errors)
  return errors.length > 0 ? { errors } : { ...value, reason: reason === '' ? null : reason }
}

function readResolution({ resolution_type: type, ...body }: Body, errors: FieldError[]) {
  const description = readText(body, 'other_description', MAX_DESCRIPTION, errors)
  if (!isAnswerType(type)) fault(errors, 'resolution_type', `one of ${ANSWER_TYPES.join(', ')}`, type)
  else if (type === 'other' && description === '' && !errors.some(({ field }) => field === 'other_description'))
    errors.push({
      field: 'other_description',
      message: 'expected words of your own: `other` states nothing',
    })
  return { type: isAnswerType(type) ? type : 'other', description } as const
}

/** Text without card numbers; empty where it is left out. */
function readText(body: Body, field: string, atMost: number, errors: FieldError[]): string {
  const value = body[field]
  if (value === undefined || value === null) return ''
  if (typeof value === 'string' && value.trim().length <= atMost && value.isWellFormed())
    return maskCardNumbers(value.trim())
  fault(errors, field, `text of at most ${atMost.toLocaleString('en')} characters`, value)
  return ''
}

function readAmount(body: Body, field: string, errors: FieldError[]): string | undefined {
  const value = body[field]
  if (value === undefined || value === null || value === '') return undefined
  const amount = typeof value === 'string' ? canonicalAmount(value.trim()) : null
  return amount ?? fault(errors, field, 'an amount such as "26.85", or nothing', value)
}

function fault(errors: FieldError[], field: string, expected: string, value: unknown): undefined {
  errors.push({ field, message: `expected ${expected}, got ${shapeOf(value)}` })
}
