import { maskCardNumbers } from '../domain/basics/card-data.ts'
import type { FieldError } from '../domain/change.ts'
import { shapeOf } from '../domain/field-values.ts'
import { canonicalAmount } from '../domain/basics/money.ts'
import type { RefundMode } from '../domain/refund/plan.ts'
import { ANSWER_TYPES } from '../domain/alert/resolution-types.ts'
import type { Wish } from './permit-word.ts'
import { REFUND_MODES } from './refund-switch.ts'
import { isAnswerType } from './resolution-words.ts'

/** What was asked for, with the reason given for it; or every fault by its field, never with a value. */
export type Read<Value> = (Value & { reason: string | null }) | { errors: FieldError[] }

const [MAX_DESCRIPTION, MAX_REASON] = [1_000, 500]
type Body = Readonly<Record<string, unknown>>

/** Reads the body of a decision about a case: what it takes depends on the word. */
export function readWish(word: Wish['word'], input: unknown): Read<{ wish: Wish }> {
  switch (word) {
    case 'approve':
      return readBody(input, ['amount'], (body, errors) => {
        const amount = readSeenAmount(body.amount, errors)
        return { wish: { word, ...(amount !== undefined && { amount }) } }
      })
    case 'refuse':
      return readBody(input, [], () => ({ wish: { word } }))
    case 'resolve':
      return readBody(input, ['resolution_type', 'other_description'], (body, errors) => ({
        wish: { word, wording: readWording(body, errors) },
      }))
  }
}

/** Reads the body that turns the switch for refunds. */
export const readMode = (input: unknown): Read<{ mode: RefundMode }> =>
  readBody(input, ['mode'], ({ mode }, errors) => {
    const known = REFUND_MODES.find(one => one === mode)
    if (known === undefined) fault(errors, 'mode', `one of ${REFUND_MODES.join(', ')}`, mode)
    return { mode: known ?? 'off' }
  })

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

function readWording({ resolution_type: type, ...body }: Body, errors: FieldError[]) {
  const description = readText(body, 'other_description', MAX_DESCRIPTION, errors)
  if (!isAnswerType(type)) fault(errors, 'resolution_type', `one of ${ANSWER_TYPES.join(', ')}`, type)
  else if (type === 'other' && description === '' && !errors.some(({ field }) => field === 'other_description'))
    errors.push({
      field: 'other_description',
      message: 'expected words of your own, for `other` says nothing by itself',
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

function readSeenAmount(value: unknown, errors: FieldError[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const amount = typeof value === 'string' ? canonicalAmount(value.trim()) : null
  return amount ?? fault(errors, 'amount', 'the amount you saw, such as "26.85", or nothing', value)
}

function fault(errors: FieldError[], field: string, expected: string, value: unknown): undefined {
  errors.push({ field, message: `expected ${expected}, got ${shapeOf(value)}` })
}
