import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { readAnswer } from './chargebackhit-answer-body.ts'
import type { AnswerBody } from './chargebackhit-answer-body.ts'
import type { AnswerAttempt } from './chargebackhit-answers.ts'
import { ALERT_RULES } from './chargebackhit-alert-rules.ts'
import { readRecord } from './chargebackhit-alerts.ts'
import type { ChargebackhitAlerts, PublishedAlert } from './chargebackhit-alerts.ts'
import { invalid, ok, rawOf, refusal, takeSigned, unknown } from './chargebackhit-call.ts'
import { listOf } from './chargebackhit-list.ts'
import type { Keys } from './chargebackhit-signature.ts'
import { ALERT_TYPES, PRODUCTS } from './chargebackhit-wire.ts'
import type { AlertType, WireAlert } from './chargebackhit-wire.ts'
import type { Outcome } from './exchange.ts'
import { membersOf } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'
import { readJson } from './wire-json.ts'

/** What the alerts' routes work with. */
export interface AlertRoutes {
  desk: Desk
  keys: Keys
  alerts: ChargebackhitAlerts
  /** Whether the same update once more is answered 200, or 400: the vendor does not say. */
  repeated: 'accept' | 'refuse'
  /** An alert as it goes over the wire. */
  onWire: (record: WireAlert) => unknown
  /** Sends a published alert to the account's address. */
  send: (alert: PublishedAlert) => void
}

type ById = { Params: { id: string } }

const isType = (given: unknown): given is AlertType => ALERT_TYPES.some(type => type === given)

/** The orders that an answer names, for fault rules. */
function orderIdOf(json: unknown): string | undefined {
  const given = membersOf(membersOf(json)['order'])['order_id']
  return typeof given === 'string' ? given : undefined
}

/** Generates an alert from what is posted, numbers as they were written, and sends it. */
function generate({ alerts, onWire, send }: AlertRoutes, text: string): Outcome {
  const body = membersOf(text === '' ? undefined : readJson(text))
  const parts = (['alert', 'transaction', 'merchant'] as const).map(name => [name, body[name]] as const)
  const missing = parts.filter(([, part]) => Object.keys(membersOf(part)).length === 0)
  if (missing.length > 0) return invalid(Object.fromEntries(missing.map(([name]) => [name, 'is required'])))
  const { type, product, id } = membersOf(body['alert'])
  if (!isType(type)) return invalid({ 'alert.type': `is none of ${ALERT_TYPES.join(', ')}` })
  if (product !== undefined && !PRODUCTS.some(known => known === product))
    return invalid({ 'alert.product': `is none of ${PRODUCTS.join(', ')}` })
  const record: WireAlert = {
    alert: { ...membersOf(body['alert']), id: typeof id === 'string' && id !== '' ? id : randomUUID() },
    transaction: membersOf(body['transaction']),
    merchant: membersOf(body['merchant']),
  }
  return ok({ data: [onWire(record)] }, () => send(alerts.publish(record, type)))
}

function validate(json: unknown): Outcome {
  const read = readAnswer(json)
  return 'constraints' in read ? invalid(read.constraints) : ok({})
}

function judge(
  { onWire, repeated }: AlertRoutes,
  alert: PublishedAlert,
  body: AnswerBody,
  attempt: AnswerAttempt,
): Outcome {
  const { answers } = alert
  const result = answers.judge(body, attempt)
  const refuse = (how: AnswerAttempt['result'], message: string): Outcome => {
    answers.end(attempt, how)
    return refusal(400, 'validation_error', message)
  }
  if (result === 'late') return refuse('late', 'the time to answer this alert is over')
  if (result === 'conflict') return refuse('conflict', 'the alert is answered already, with another outcome')
  if (result === 'repeated' && repeated === 'refuse') return refuse('refused', 'the alert is answered already')
  const record = readRecord(alert)
  const body200 = { data: [onWire({ ...record, alert: { ...record.alert, outcome: body.outcome } })] }
  return ok(body200, () => answers.take(body, attempt))
}

function update(routes: AlertRoutes, id: string, json: unknown, attempt: AnswerAttempt | undefined): Outcome {
  const alert = routes.alerts.find(id)
  if (!alert || !attempt) return unknown('alert', id)
  const read = readAnswer(json)
  if ('constraints' in read) {
    attempt.result = 'refused'
    return invalid(read.constraints)
  }
  attempt.result = 'lost'
  return judge(routes, alert, read, attempt)
}

function list({ alerts, onWire }: AlertRoutes, json: unknown): Outcome {
  const listing = listOf(alerts.all(), json, ALERT_RULES)
  if ('constraints' in listing) return invalid(listing.constraints)
  return ok({ data: listing.items.map(alert => onWire(readRecord(alert))), pagination: listing.pagination })
}

/** Generate, validate, update, get and list alerts, after the reference. */
export function chargebackhitAlertRoutes(app: FastifyInstance, routes: AlertRoutes): void {
  const { alerts, onWire } = routes
  app.post('/integration/alerts/generate', (request, reply) =>
    takeSigned(routes, request, reply, { name: 'generate-alert', serve: (_json, text) => generate(routes, text) }),
  )
  app.post('/integration/alerts/validate', (request, reply) =>
    takeSigned(routes, request, reply, { name: 'validate-outcome', orderIdOf, serve: validate }),
  )
  app.post<ById>('/alerts/:id/update-outcome', (request, reply) => {
    const { id } = request.params
    const attempt = alerts.find(id)?.answers.attempt('update', rawOf(request).toString('utf8'))
    const onRefused = (): void => {
      if (attempt) attempt.result = 'refused'
    }
    const serve = (json: unknown): Outcome => update(routes, id, json, attempt)
    takeSigned(routes, request, reply, { name: 'update-outcome', guid: id, orderIdOf, serve, onRefused })
  })
  app.get<ById>('/alerts/:id', (request, reply) => {
    const { id } = request.params
    const serve = (): Outcome => {
      const found = alerts.find(id)
      return found ? ok({ data: [onWire(readRecord(found))] }) : unknown('alert', id)
    }
    takeSigned(routes, request, reply, { name: 'read-alert', guid: id, serve })
  })
  app.post('/alerts/list', (request, reply) =>
    takeSigned(routes, request, reply, { name: 'list-alerts', serve: json => list(routes, json) }),
  )
}
