import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Outcome } from './exchange.ts'
import type { GatewayTraits } from './gateway-traits.ts'
import { signatureFault } from './hook-signature.ts'
import type { Payments } from './payments.ts'
import type { RefundDesk } from './refund-desk.ts'
import type { Refund, Refunds } from './refunds.ts'
import { membersOf, refuseStrays, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'

interface RefundGatewayOptions {
  desk: Desk
  refundDesk: RefundDesk
  refunds: Refunds
  payments: Payments
  traits: GatewayTraits
  /** `whsec_` and base64. */
  secret: string
}

const EMPTY = Buffer.alloc(0)

const refusal = (status: number, code: string, message: string): Outcome => ({ status, body: { code, message } })

/** One refund as the list shows it. */
function listed(refund: Refund, traits: GatewayTraits): Record<string, unknown> {
  const { order_id, refund_id, status, amount, currency, created_at, arn } = refund
  const dates = traits.of(order_id, 'dates') ?? 'time'
  return {
    refund_id,
    status,
    amount,
    currency,
    reference: traits.of(order_id, 'references') === false ? null : refund.reference,
    ...(dates !== 'none' && { created_at: dates === 'day' ? created_at.slice(0, 10) : created_at }),
    ...(arn !== null && { arn }),
  }
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
  const { desk, refundDesk, refunds, payments, traits, secret } = options
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

  /** What is stated beside the list: nothing of a transaction that is not known. */
  function accountOf(orderId: string, transactionId: string | null): Record<string, unknown> {
    const payment = payments.by(orderId, transactionId)
    if (!payment) return {}
    const [settled, currency] = [traits.isSettled(orderId), traits.of(orderId, 'currency') ?? payment.currency]
    const left = refunds.refundable(orderId, traits.of(orderId, 'amount_lag_ms') ?? 0)
    return {
      ...(traits.of(orderId, 'refundable_amount') !== false && {
        refundable_amount: left,
        ...(currency !== false && { currency }),
      }),
      ...(settled !== null && { settled }),
    }
  }

  function list(orderId: string | undefined, transactionId: string | null): Outcome {
    if (orderId === undefined) return refusal(400, 'invalid', 'order_id is missing')
    const shown = refunds.listed(orderId, traits.of(orderId, 'lag_ms') ?? 0).map(one => listed(one, traits))
    return { status: 200, body: { refunds: shown, ...accountOf(orderId, transactionId) } }
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
    const given = membersOf(request.query)
    const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
    const orderId = textOf(given['order_id'])
    const transactionId = textOf(given['transaction_id']) ?? null
    takeCall(desk, request, reply, {
      name: 'refund-list',
      orderId,
      payload: { order_id: orderId ?? null, transaction_id: transactionId },
      words: wordsOf(request.query),
      serve: () => signed(request, EMPTY, () => list(orderId, transactionId)),
    })
  })
  done()
}
