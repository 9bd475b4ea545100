import type { Agenda } from './agenda.ts'
import { alertRecord, noticeRecord as chargebackhitNotice } from './chargebackhit.ts'
import type { Merchant } from './draw-merchant.ts'
import type { Gateway, WireAnswer } from './gateway.ts'
import { missing, noticeRecord, ok, orderRecord, preventionRecord, wireJson, type Body } from './midigator.ts'
import type { WireRequest } from './program.ts'
import type { Alert, Sale, TakenBack } from './truth.ts'

export interface ServerParts {
  agenda: Agenda
  merchant: Merchant
  gateway: Gateway
  alerts: ReadonlyMap<string, Alert>
  notices: ReadonlyMap<string, { sale: Sale; taken: TakenBack }>
  /** By the platform's guid of an order. */
  orders: ReadonlyMap<string, Sale>
  /** An alert's answer, taken once; `false`: not taken. */
  onAnswer: (alert: Alert, answer: { type: string; description: string; orderId: string | null }) => boolean
}

/** The platforms and the gateway as servers. */
export function createServers(parts: ServerParts): (request: WireRequest) => WireAnswer {
  return request => {
    const { url } = request
    switch (url.hostname) {
      case 'gateway':
        return request.method === 'POST'
          ? parts.gateway.refund(request.headers['idempotency-key'] ?? '', request.body)
          : parts.gateway.list(url.searchParams)
      case 'events':
        return readEvent(parts, url)
      case 'prevention':
        return resolve(parts, url, request.body)
      default:
        return chargebackhit(parts, request)
    }
  }
}

const json = (body: Body): WireAnswer => ok(wireJson(body))
const lastOf = ({ pathname }: URL, back = 1): string => decodeURIComponent(pathname.split('/').at(-back) ?? '')

function readEvent({ agenda, merchant, alerts, notices, orders }: ServerParts, url: URL): WireAnswer {
  const guid = lastOf(url)
  const [alert, notice, sale] = [alerts.get(guid), notices.get(guid), orders.get(guid)]
  if (alert) return json(preventionRecord(alert, merchant, agenda.now))
  if (notice) return json(noticeRecord(notice.sale, notice.taken, agenda.now))
  return sale ? json(orderRecord(sale)) : missing
}

/** Midigator takes one resolution of an alert. */
function resolve({ alerts, onAnswer }: ServerParts, url: URL, text: string): WireAnswer {
  const alert = alerts.get(lastOf(url, 2))
  if (alert === undefined) return missing
  const body = JSON.parse(text) as { resolution_type: string; other_description: string }
  const isTaken = onAnswer(alert, { type: body.resolution_type, description: body.other_description, orderId: null })
  return isTaken ? ok({}) : { status: 400, body: { error: 'resolved already' } }
}

function chargebackhit({ alerts, notices, onAnswer }: ServerParts, { method, url, body: text }: WireRequest): WireAnswer {
  if (method === 'GET') {
    const [alert, notice] = [alerts.get(lastOf(url)), notices.get(lastOf(url))]
    if (alert) return json({ data: [alertRecord(alert, alert.answer?.type ?? '')] })
    return notice ? json({ data: [chargebackhitNotice(notice.sale, notice.taken)] }) : missing
  }
  const alert = alerts.get(lastOf(url, 2))
  if (alert === undefined) return missing
  const body = JSON.parse(text) as { outcome: string; order?: { order_id?: string } }
  if (body.outcome === 'pending') return ok({})
  const isTaken = onAnswer(alert, { type: body.outcome, description: '', orderId: body.order?.order_id ?? null })
  return isTaken ? ok({}) : { status: 400, body: { error: { message: 'outcome is final' } } }
} // prettier-ignore
