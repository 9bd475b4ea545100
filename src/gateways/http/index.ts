import { formatAmount } from '../../domain/basics/money.ts'
import type { Call } from '../../http-wire.ts'
import { signBody } from '../../standard-webhooks.ts'
import type { RefundGateway, RefundRequest, RefundsQuery } from '../gateway.ts'
import { readRefundAnswer } from './read-answer.ts'
import { readRefundsReport } from './read-report.ts'

export interface HttpGatewayOptions {
  url: string
  /** `whsec_` + base64. */
  secret: string
  keepsKeysMs: number
  http: { call: Call }
  /** Milliseconds since 1970. */
  now: () => number
  /** The id of a look-up; a refund goes by its key. */
  newId: () => string
}

/** The generic refund gateway: `POST /refunds` and `GET /refunds?order_id=&transaction_id=`, signed after Standard Webhooks, for any back office. */
export function createHttpGateway({ url, secret, keepsKeysMs, http, now, newId }: HttpGatewayOptions): RefundGateway {
  const signed = (id: string, body: string) => signBody(secret, id, Math.floor(now() / 1_000), body)
  return {
    name: 'http',
    keepsKeysMs,
    async refund({ body, key }, limits) {
      const headers = { ...signed(key, body), 'idempotency-key': key }
      return readRefundAnswer(
        await http.call({ method: 'POST', url: `${url}/refunds`, headers, body, ...limits }),
        body,
      )
    },
    async findRefunds(about, limits) {
      const address = `${url}/refunds?${queryOf(about)}`
      return readRefundsReport(
        await http.call({ method: 'GET', url: address, headers: signed(newId(), ''), ...limits }),
      )
    },
    bodyOf,
  }
}

function queryOf({ orderId, transactionId }: RefundsQuery): string {
  const pairs = [['order_id', orderId], ...(transactionId === null ? [] : [['transaction_id', transactionId]])]
  return pairs.map(([name, value = '']) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')
}

function bodyOf({ orderId, transactionId, amount, currency, reason, reference }: RefundRequest): string {
  return JSON.stringify({
    order_id: orderId,
    transaction_id: transactionId,
    amount: formatAmount(amount, currency),
    currency,
    reason,
    reference,
  })
}
