import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Alerts } from './alerts.ts'
import { DECIMAL } from './decimal.ts'
import type { Deliveries } from './deliveries.ts'
import { gatewayRules, type GatewayRules } from './gateway-rules.ts'
import { parsed, refuse } from './inspect-answers.ts'
import type { Payments } from './payments.ts'
import type { Refunds } from './refunds.ts'
import { scenarioOptions, wireAmount, wireInstant } from './scenario-options.ts'
import type { Scenarios } from './scenarios.ts'
import type { Subscriptions } from './subscriptions.ts'
import { membersOf } from './vendor-call.ts'
import { readJson } from './wire-json.ts'

const text = z.string().min(1).max(255)

const alertBody = z.strictObject({
  prevention_guid: z
    .string()
    .regex(/^pre_[0-9A-Za-z]+$/)
    .optional(),
  prevention_case_number: text.optional(),
  partner: text.default('ethoca'),
  prevention_type: text.optional(),
  mid: text.default('189250002'),
  arn: text.optional(),
  card_first_6: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  card_last_4: z
    .string()
    .regex(/^\d{4}$/)
    .default('1883'),
  card_brand: text.optional(),
  amount: wireAmount,
  currency: z.string().length(3).default('USD'),
  merchant_descriptor: text.optional(),
  transaction_timestamp: wireInstant.optional(),
  reason_code: text.optional(),
  prevention_timestamp: wireInstant.optional(),
  matched_order_id: text.optional(),
})

/** The body of `PUT /_sandbox/delivery`; what is left out is none. */
const mischiefBody = z.strictObject({
  duplicate: z.number().min(0).max(1).default(0),
  shuffleMs: z.int().min(0).max(3_600_000).default(0),
  delayMs: z.int().min(0).max(3_600_000).default(0),
})

const paymentBody = z.strictObject({
  captured: z.string().regex(DECIMAL),
  currency: z.string().length(3),
  transaction_id: text.optional(),
})
const handBody = z.strictObject({ amount: z.string().regex(DECIMAL) })
const refundsQuery = z.object({ order_id: z.string().min(1).optional() })

/** What the routes show and drive. */
interface InspectedAlerts {
  readonly alerts: Alerts
  readonly scenarios: Scenarios
  readonly subscriptions: Subscriptions
  readonly deliveries: Deliveries
  readonly refunds: Refunds
  readonly payments: Payments
  readonly gateway: GatewayRules
}

type ByOrder = { Params: { order_id: string } }

function alertRoutes(app: FastifyInstance, { alerts, scenarios, subscriptions, deliveries }: InspectedAlerts): void {
  app.get('/alerts', () => ({ alerts: alerts.list() }))
  app.get<{ Params: { guid: string } }>('/alerts/:guid', (request, reply) => {
    const alert = alerts.get(request.params.guid)
    if (alert) void reply.send(alert)
    else refuse(reply, 404, 'unknown', `no alert is ${request.params.guid}`)
  })
  app.post('/alerts', (request, reply) => {
    const body = parsed(alertBody, request.body, reply)
    if (body) void reply.send(alerts.get(alerts.add(body).prevention_guid))
  })
  app.get('/scenarios', () => ({ scenarios: scenarios.list() }))
  app.post<{ Params: { name: string } }>('/scenarios/:name', (request, reply) => {
    const options = parsed(scenarioOptions, request.body ?? {}, reply)
    if (options) void reply.send(scenarios.trigger(request.params.name, options))
  })
  app.get('/subscriptions', () => ({ subscriptions: subscriptions.list() }))
  app.get('/deliveries', () => ({ deliveries: deliveries.list() }))
  app.get('/delivery', () => deliveries.mischief)
  app.put('/delivery', (request, reply) => {
    const body = parsed(mischiefBody, request.body, reply)
    if (!body) return
    deliveries.mischief = body
    void reply.send(body)
  })
}

function refundRoutes(app: FastifyInstance, { refunds, payments, gateway }: InspectedAlerts): void {
  app.get('/refunds', (request, reply) => {
    const query = parsed(refundsQuery, request.query, reply)
    if (!query) return
    const { order_id } = query
    const totals = order_id === undefined ? refunds.allTotals() : [refunds.totals(order_id)]
    void reply.send({ refunds: refunds.list(order_id), totals })
  })
  app.get('/gateway', () => gateway.snapshot())
  app.put('/gateway', (request, reply) => {
    const body = parsed(gatewayRules, request.body, reply)
    if (!body) return
    if (body.rules) gateway.setRules(body.rules)
    if (body.traits) gateway.traits.set(body.traits)
    void reply.send(gateway.snapshot())
  })
  app.put<ByOrder>('/payments/:order_id', (request, reply) => {
    const body = parsed(paymentBody, request.body, reply)
    if (!body) return
    payments.set(request.params.order_id, body)
    void reply.send(refunds.totals(request.params.order_id))
  })
  app.post<ByOrder>('/payments/:order_id/refund', (request, reply) => {
    const body = parsed(handBody, request.body, reply)
    if (body) void reply.send(refunds.addByHand(request.params.order_id, body.amount))
  })
}

/** Sends what it is given, numbers as they were written. */
function eventRoute(app: FastifyInstance, { deliveries }: InspectedAlerts, done: () => void): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, readJson(String(body)))
    } catch (error) {
      parsed(Object.assign(error as Error, { statusCode: 400 }))
    }
  })
  app.post('/events', (request, reply) => {
    const { event_timestamp: _now, ...members } = membersOf(request.body)
    const { event_type, prevention_guid, chargeback_guid, order_guid } = members
    if (typeof event_type !== 'string' || event_type === '')
      return refuse(reply, 422, 'invalid', 'expected event_type to be text; name the type that is subscribed to')
    const guid = [prevention_guid, chargeback_guid, order_guid].find(given => typeof given === 'string')
    const { event_id } = deliveries.send({ event_type, guid: typeof guid === 'string' ? guid : null, members })
    void reply.send({ event_id })
  })
  done()
}

/** The routes under `/_sandbox` that show and drive alerts, subscriptions, deliveries and refunds. */
export function inspectAlerts(app: FastifyInstance, { side }: { side: InspectedAlerts }, done: () => void): void {
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, error.statusCode === 404 ? 'unknown' : 'invalid', error.message),
  )
  alertRoutes(app, side)
  refundRoutes(app, side)
  app.register((inner: FastifyInstance, _options: object, ready: () => void) => eventRoute(inner, side, ready))
  done()
}
