import { z } from 'zod'
import type { Answer } from '../../domain/judge-answer.ts'
import { parseInstant } from '../../domain/basics/instant.ts'
import { maskWords } from '../../domain/mask-words.ts'
import { canonicalAmount } from '../../domain/basics/money.ts'
import { parseJson } from '../../parse-json.ts'
import type { RefundAnswer, RefundsReport } from '../gateway.ts'

const MAX_WORDS = 300

/** Decimal text, or a number that was kept as it was written; canonical then. */
const amount = z.string().transform((text, context) => {
  const canonical = canonicalAmount(text)
  if (canonical === null) context.addIssue('no amount')
  return canonical ?? ''
})
const text = z.string().min(1).max(255)
const status = z.enum(['succeeded', 'pending', 'failed'])
const ASKED = z.object({ amount })
const REFUND = z.object({ refund_id: text, status, amount, arn: text.nullish().catch(null) })
const LISTED = REFUND.extend({
  reference: z.string().max(1_000).nullish(),
  created_at: z.string().nullish().catch(null),
})
const REFUNDS = z.object({ refunds: z.array(LISTED), refundable_amount: amount.nullish() })
const REFUSAL = z.object({
  code: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
}) // prettier-ignore

interface Said {
  answer: Answer
  text: string
}

/** What an answer to `POST /refunds` means for the refund that `body` asked for. */
export function readRefundAnswer({ answer, text }: Said, body: string): RefundAnswer {
  if ('failure' in answer) {
    const unsent = answer.failure === 'unsent' || answer.failure === 'withheld'
    return unsent ? notTaken(answer.failure) : { said: 'nothing', why: answer.failure }
  }
  const { status: code, words, retryAfterMs } = answer
  if (code >= 200 && code < 300) return readRefund(text, body)
  if (code >= 300 && code < 400) return notTaken('redirected')
  if (code === 401 || code === 403) return notTaken(`http-${code}`)
  if (code === 429) return notTaken('throttled', retryAfterMs)
  if (code === 409) return { said: 'already-refunded' }
  // A 408 may be a proxy's word on a request that arrived.
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
  if (!parsed.success) return { said: 'nothing', why: 'unreadable' }
  const { refund_id: refundId, status, amount, arn } = parsed.data
  const asked = ASKED.safeParse(jsonIn(body))
  const refund = { refundId, status, amount, arn: arn ?? null }
  return asked.data?.amount === amount ? { said: 'refund', refund } : { said: 'nothing', why: 'another-amount' }
}

/** Only a 422 is known to speak of the refund; what else is refused bears its status as its code. */
function readRefusal(code: number, words: string, answered: string, body: string): RefundAnswer {
  const parsed = code === 422 ? REFUSAL.safeParse(jsonIn(answered)) : null
  const masked = maskWords(parsed?.data?.message ?? words, jsonIn(body))
  return { said: 'refused', code: parsed?.data?.code ?? `http-${code}`, words: masked.slice(0, MAX_WORDS) }
}

/** What an answer to `GET /refunds` tells. */
export function readRefundsReport({ answer, text }: Said): RefundsReport {
  if ('failure' in answer) return { read: false, why: answer.failure }
  if (answer.status !== 200) return { read: false, why: `http-${answer.status}` }
  const parsed = REFUNDS.safeParse(jsonIn(text))
  if (!parsed.success) return { read: false, why: 'unreadable' }
  const { refunds, refundable_amount: refundableAmount } = parsed.data
  return {
    read: true,
    refunds: refunds.map(({ refund_id: refundId, status, amount, arn, reference, created_at: createdAt }) => ({
      refundId,
      status,
      amount,
      arn: arn ?? null,
      reference: reference ?? null,
      createdAt: parseInstant(createdAt ?? ''),
    })),
    refundableAmount: refundableAmount ?? null,
  }
}

/** JSON with its numbers kept as text, undefined when it is none. */
function jsonIn(text: string): unknown {
  const parsed = parseJson(Buffer.from(text), 'all')
  return 'value' in parsed ? parsed.value : undefined
}
