import { z } from 'zod'
import type { Answer } from '../../domain/judge-answer.ts'
import { maskWords } from '../../domain/mask-words.ts'
import { parseJson } from '../../parse-json.ts'
import type { RefundAnswer, RefusalKind } from '../gateway.ts'
import { statedAmount } from './stated-amount.ts'

const MAX_WORDS = 300

const ASKED = z.object({ amount: z.string(), currency: z.string().nullish().catch(null) })
/** One refund as the gateway writes it; numbers have become the text they were written with. */
export const REFUND = z.object({
  refund_id: z.string().min(1).max(255),
  status: z.enum(['succeeded', 'pending', 'failed']),
  amount: z.string(),
  arn: z.string().min(1).max(255).nullish().catch(null),
})
const REFUSAL = z.object({
  code: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
}) // prettier-ignore

/** A call's answer, and its text. */
export interface Answered {
  answer: Answer
  text: string
}

/** What an answer to `POST /refunds` means for the refund that `body` asked for. */
export function readRefundAnswer({ answer, text }: Answered, body: string): RefundAnswer {
  if ('failure' in answer) {
    const unsent = answer.failure === 'unsent' || answer.failure === 'withheld'
    return unsent ? notTaken(answer.failure) : { said: 'nothing', why: answer.failure }
  }
  const { status: code, words, retryAfterMs } = answer
  if (code >= 200 && code < 300) return readRefund(text, body)
  if (code >= 300 && code < 400) return notTaken('redirected')
  if (code === 401 || code === 403) return notTaken(`http-${code}`)
  if (code === 429) return notTaken('throttled', retryAfterMs)
  // A 408 may come from a proxy although the request arrived.
  if (code < 400 || code >= 500 || code === 408) return { said: 'nothing', why: `http-${code}` }
  return readRefusal(code, words, text, body)
}

const notTaken = (why: string, retryAfterMs: number | null = null): RefundAnswer => ({
  said: 'not-taken',
  why,
  retryAfterMs,
})

function readRefund(answered: string, body: string): RefundAnswer {
  const parsed = REFUND.safeParse(jsonIn(answered))
  const asked = ASKED.safeParse(jsonIn(body)).data
  const currency = asked?.currency ?? null
  const amount = parsed.success ? statedAmount(parsed.data.amount, currency) : null
  if (!parsed.success || amount === null) return { said: 'nothing', why: 'unreadable' }
  const { refund_id: refundId, status, arn } = parsed.data
  const refund = { refundId, status, amount, arn: arn ?? null }
  return statedAmount(asked?.amount ?? '', currency) === amount
    ? { said: 'refund', refund }
    : { said: 'nothing', why: 'another-amount' }
}

const NOTHING_LEFT = 'already_refunded'
/** The codes that are not final, by what they are worth. */
const KINDS: ReadonlyMap<string, RefusalKind> = new Map([
  ['transaction_not_settled', 'passing'],
  ['try_later', 'passing'],
  ['amount_too_large', 'look-again'],
  [NOTHING_LEFT, 'look-again'],
])

/** What a refusal's code is worth (docs of the generic gateway): whatever is not known is final. */
export const refusalKindOf = (code: string): RefusalKind => KINDS.get(code) ?? 'final'

/** Only a 422 or a 409 is known to be about the refund; any other refusal has its status as its code. */
function readRefusal(status: number, words: string, answered: string, body: string): RefundAnswer {
  const isAboutRefund = status === 422 || status === 409
  const parsed = isAboutRefund ? REFUSAL.safeParse(jsonIn(answered)).data : undefined
  const code = parsed?.code ?? (status === 409 ? NOTHING_LEFT : `http-${status}`)
  const masked = maskWords(parsed?.message ?? words, jsonIn(body))
  return {
    said: 'refused',
    kind: status === 409 ? 'look-again' : isAboutRefund ? refusalKindOf(code) : 'final',
    code,
    words: masked.slice(0, MAX_WORDS),
  }
}

/** JSON with its numbers kept as text, undefined when it is none. */
export function jsonIn(text: string): unknown {
  const parsed = parseJson(Buffer.from(text), 'all')
  return 'value' in parsed ? parsed.value : undefined
}
