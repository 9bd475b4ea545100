import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Outcome } from './exchange.ts'
import { signatureFault } from './hook-signature.ts'
import type { RefundDesk } from './refund-desk.ts'
import type { Refund, Refunds } from './refunds.ts'
import { membersOf, refuseStrays, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'

interface RefundGatewayOptions {
  desk: Desk
  refundDesk: RefundDesk
  refunds: Refunds
  /** `whsec_` and base64. */
  secret: string
}

const EMPTY = Buffer.alloc(0)

const refusal = (status: number, code: string, message: string): Outcome => ({ status, body: { code, message } })

function listed({ refund_id, status, amount, currency, reference, created_at, arn }: Refund): Record<string, unknown> {
  return { refund_id, status, amount, currency, reference, created_at, ...(arn !== null && { arn }) }
}

function parsed(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return undefined
  }
}

const wordsOf = (body: unknown): string =>
  ['order_id', 'transaction_id', 'amount', 'reference']
    .flatMap(name => (name in membersOf(body) ? [`${name} ${JSON.stringify(membersOf(body)[name])}`] : []))
    .join(', ')

/** The generic refund gateway: signed refunds under an idempotency key, and what became of them. */
export function refundGateway(app: FastifyInstance, options: RefundGatewayOptions, done: () => void): void {
  const { desk, refundDesk, refunds, secret } = options
  refuseStrays(app, desk.inbox, path => (path.endsWith('/refunds') ? 'refund' : 'other'))
  app.removeAllContentTypeParsers()
  // The signature is over these very bytes.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, raw, parsed) => parsed(null, raw))

  function signed(request: FastifyRequest, raw: Buffer, serve: () => Outcome): Outcome {
    const fault = signatureFault(request.headers, raw, secret)
    return fault === undefined ? serve() : refusal(401, 'unverified', fault)
  }

  function refund(request: FastifyRequest, raw: Buffer, json: unknown): Outcome {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string' || key === '') return refusal(400, 'invalid', 'the header Idempotency-Key is missing')
    if (json === undefined) return refusal(400, 'invalid', 'the body is not JSON')
    return refundDesk.serve(key, raw.toString('utf8'), json)
  }

  function list(orderId: string | undefined): Outcome {
    if (orderId === undefined) return refusal(400, 'invalid', 'order_id is missing')
    const left = refunds.refundable(orderId)
    const body = { refunds: refunds.list(orderId).map(listed), ...(left !== undefined && { refundable_amount: left }) }
    return { status: 200, body }
  }

  app.post('/refunds', (request, reply) => {
    const raw = Buffer.isBuffer(request.body) ? request.body : EMPTY
    const json = parsed(raw)
    const given = membersOf(json)['order_id']
    takeCall(desk, request, reply, {
      name: 'refund',
      orderId: typeof given === 'string' ? given : undefined,
      payload: json ?? null,
      words: wordsOf(json),
      serve: () => signed(request, raw, () => refund(request, raw, json)),
    })
  })
  app.get('/refunds', (request, reply) => {
    const given = membersOf(request.query)['order_id']
    const orderId = typeof given === 'string' && given !== '' ? given : undefined
    takeCall(desk, request, reply, {
      name: 'refund-list',
      orderId,
      payload: { order_id: orderId ?? null },
      words: wordsOf(request.query),
      serve: () => signed(request, EMPTY, () => list(orderId)),
    })
  })
  done()
}
