import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Answer } from '../domain/judge-answer.ts'
import { AppError } from '../errors.ts'
import type { HttpClient } from '../http-client.ts'
import type { ChangeResult } from '../sources/accept-changes.ts'
import { signBody } from '../standard-webhooks.ts'

const TIMEOUT_MS = 30_000
const TRIES = 5
const WAIT_MS = 1_000
const WAIT_MAX_MS = 30_000

export interface SendTo {
  /** The hook's whole address. */
  url: string
  /** A `whsec_` secret. */
  secret: string
  http: Pick<HttpClient, 'post'>
}

/**
 * Sends one hook of 1 to 1,000 changes, signed; one result a change, in the order given. Waits as told where the door asks for
 * patience, five tries in all. Throws AppErrors: `hook_unreachable`, `hook_refused`.
 */
export async function sendChanges(changes: readonly unknown[], to: SendTo): Promise<ChangeResult[]> {
  const body = JSON.stringify(changes)
  const id = `msg_${randomUUID()}`
  for (let attempt = 1; ; attempt++) {
    const headers = signBody(to.secret, id, Math.floor(Date.now() / 1_000), body)
    const { answer, text } = await to.http.post(to.url, { body, headers, timeoutMs: TIMEOUT_MS })
    const results = resultsIn(answer, text, changes)
    if (results !== null) return results
    if (attempt === TRIES || !isPassing(answer)) throw refusal(to.url, answer, text)
    const told = 'failure' in answer ? null : answer.retryAfterMs
    await pause(Math.min(told ?? WAIT_MS * attempt, WAIT_MAX_MS))
  }
}

/** Whether sending the same again may help, and does no harm: it is merged once however often it comes. */
const isPassing = (answer: Answer) =>
  'failure' in answer ? answer.failure !== 'unsent' : answer.status === 429 || answer.status === 503

const FIELD_ERROR = z.object({ field: z.string(), message: z.string() })
const REFUSAL = z.object({ code: z.string(), message: z.string(), errors: z.array(FIELD_ERROR).default([]) })
const TAKEN = z.object({
  results: z.array(
    z.object({
      order_id: z.string().nullable(),
      status: z.enum(['changed', 'unchanged', 'stale', 'held', 'rejected']),
      rev: z.number().nullable(),
      ignored: z.array(z.string()).optional(),
      faults: z.array(FIELD_ERROR).optional(),
      errors: z.array(FIELD_ERROR).optional(),
    }),
  ),
})

/** The results an answer holds, null when it holds none. A hook of nothing but bad changes is refused as a whole. */
function resultsIn(answer: Answer, text: string, changes: readonly unknown[]): ChangeResult[] | null {
  if ('failure' in answer) return null
  if (answer.status === 202) {
    const taken = read(TAKEN, text)
    return taken === null ? null : (taken.results as ChangeResult[])
  }
  const refused = answer.status === 422 ? read(REFUSAL, text) : null
  if (refused?.code !== 'invalid') return null
  return changes.map((change, i) => ({
    order_id: orderIdOf(change),
    status: 'rejected',
    rev: null,
    errors: refused.errors.filter(error => error.field.startsWith(`[${i}]`)),
  }))
}

function read<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function orderIdOf(change: unknown): string | null {
  const id = typeof change === 'object' && change !== null && 'order_id' in change ? change.order_id : null
  return typeof id === 'string' ? id : null
}

function refusal(url: string, answer: Answer, text: string): AppError {
  if ('failure' in answer) {
    const why = answer.failure === 'unsent' ? 'there is no answer' : 'the connection was lost or took too long'
    const message = `${why} at ${url}; start it with \`order-sync start\`, or name another address with --url`
    return new AppError('hook-unreachable', message)
  }
  const words = read(REFUSAL, text)?.message ?? 'no word of why; is this the address of an order-sync ingress?'
  return new AppError('hook-refused', `${url} answered ${answer.status}: ${words}`)
}
