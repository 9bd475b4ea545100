import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Constraints } from './chargebackhit-answer-body.ts'
import { signatureFault } from './chargebackhit-signature.ts'
import type { Keys } from './chargebackhit-signature.ts'
import type { Outcome } from './exchange.ts'
import type { CallName } from './faults.ts'
import { refuseStrays, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'

/** The vendor's error envelope; the names in it are hearsay, but `code` and `message`. */
const errorOf = (code: string, message: string, constraints: Constraints = {}) => ({
  error: { code, message, constraints },
})

/** A refusal in the vendor's envelope. */
export const refusal = (status: number, code: string, message: string, constraints?: Constraints): Outcome => ({
  status,
  body: errorOf(code, message, constraints),
})

/** What is not valid, by field. */
export const invalid = (constraints: Constraints): Outcome =>
  refusal(400, 'validation_error', 'the request is not valid', constraints)

/** An id that names nothing. The reference has no status for it. */
export const unknown = (what: string, id: string): Outcome => refusal(404, 'not_found', `${what} "${id}" was not found`)

/** What is answered with success, and what it changes. */
export const ok = (body: unknown, commit?: () => void): Outcome => ({ status: 200, body, ...(commit && { commit }) })

/** One call of the API; `serve` gets the body as JSON and as text, both undefined or empty where there is none. */
export interface SignedCall {
  name: CallName
  guid?: string
  orderIdOf?: (json: unknown) => string | undefined
  serve: (json: unknown, text: string) => Outcome
  /** Told when the call is refused before it is served. */
  onRefused?: () => void
}

const EMPTY = Buffer.alloc(0)
const MAX_WORDS = 2_000

/** The bytes of a request's body; none where it has none. */
export const rawOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : EMPTY)

const madeUp = (status: number, message: string) =>
  errorOf((STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/\W+/g, '_'), message)

/** Readies a plug-in for signed calls: raw bytes, and refusals of strays in the vendor's envelope. */
export function readySigned(app: FastifyInstance, desk: Desk): void {
  refuseStrays(app, desk.inbox, () => 'other', madeUp)
  app.removeAllContentTypeParsers()
  // The signature is over these very bytes.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, raw, parsed) => parsed(null, raw))
}

/** Takes a call if its signature is the account's. */
export function takeSigned(
  { desk, keys }: { desk: Desk; keys: Keys },
  request: FastifyRequest,
  reply: FastifyReply,
  { name, guid, orderIdOf, serve, onRefused }: SignedCall,
): void {
  const raw = rawOf(request)
  const text = raw.toString('utf8')
  const json = parsed(text)
  const guarded = (): Outcome => {
    const fault = signatureFault(request.headers, raw, keys)
    if (fault === undefined && json.isValid) return serve(json.value, text)
    onRefused?.()
    return fault === undefined ? invalid({ body: 'is not JSON' }) : refusal(401, 'unauthorized', fault)
  }
  const orderId = orderIdOf?.(json.value)
  takeCall(desk, request, reply, {
    name,
    guid,
    orderId,
    payload: json.value ?? null,
    words: text.slice(0, MAX_WORDS),
    bodyOf: madeUp,
    serve: guarded,
  })
}

function parsed(text: string): { isValid: boolean; value?: unknown } {
  if (text === '') return { isValid: true }
  try {
    return { isValid: true, value: JSON.parse(text) as unknown }
  } catch {
    return { isValid: false }
  }
}
