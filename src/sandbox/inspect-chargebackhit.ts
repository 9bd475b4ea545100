import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readAccount, readCaid, type ChargebackhitAccounts } from './chargebackhit-accounts.ts'
import type { ChargebackhitAlerts } from './chargebackhit-alerts.ts'
import type { ChargebackhitDeliveries } from './chargebackhit-deliveries.ts'
import type { ChargebackhitScenario } from './chargebackhit-scenarios.ts'
import { ALERT_TYPES, PRODUCTS } from './chargebackhit-wire.ts'
import { parsed, refuse } from './inspect-answers.ts'
import { scenarioOptions, wireAmount } from './scenario-options.ts'

const members = z.record(z.string(), z.unknown())

const alertBody = z.strictObject({
  type: z.enum(ALERT_TYPES),
  product: z.enum(PRODUCTS).optional(),
  id: z.string().min(1).max(255).optional(),
  date: z.iso.datetime({ offset: true }).optional(),
  amount: wireAmount.optional(),
  currency: z.string().length(3).optional(),
  alert: members.default({}),
  transaction: members.default({}),
  merchant: members.default({}),
  /** Whether it is sent at once. */
  send: z.boolean().default(false),
})

const webhookBody = z.strictObject({ url: z.url().nullable().optional(), paused: z.boolean().optional() })

/** What the routes show and drive. */
interface InspectedChargebackhit {
  readonly alerts: ChargebackhitAlerts
  readonly deliveries: ChargebackhitDeliveries
  readonly accounts: ChargebackhitAccounts
  readonly scenarios: ReadonlyMap<string, ChargebackhitScenario>
}

/** The routes under `/_sandbox/chargebackhit` that show and drive alerts, deliveries and accounts. */
export function inspectChargebackhit(
  app: FastifyInstance,
  { side }: { side: InspectedChargebackhit },
  done: () => void,
): void {
  const { alerts, deliveries, accounts, scenarios } = side
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, error.statusCode === 404 ? 'unknown' : 'invalid', error.message),
  )
  app.get('/alerts', () => ({ alerts: alerts.list() }))
  app.get<{ Params: { id: string } }>('/alerts/:id', (request, reply) => {
    const alert = alerts.get(request.params.id)
    if (alert) void reply.send(alert)
    else refuse(reply, 404, 'unknown', `no alert is ${request.params.id}`)
  })
  app.post('/alerts', (request, reply) => {
    const body = parsed(alertBody, request.body, reply)
    if (!body) return
    const { send, ...wish } = body
    const alert = alerts.add(wish)
    if (send) void deliveries.send(alert)
    void reply.send(alerts.get(alert.id))
  })
  app.get('/deliveries', () => ({ deliveries: deliveries.list() }))
  app.put('/webhook', (request, reply) => {
    const body = parsed(webhookBody, request.body, reply)
    if (!body) return
    if (body.url !== undefined) deliveries.notifyAt(body.url)
    if (body.paused === true) deliveries.pause()
    if (body.paused === false) deliveries.resume()
    void reply.send({ paused: deliveries.paused })
  })
  app.get('/accounts', () => ({
    merchants: accounts.merchants.map(readAccount),
    caids: accounts.caids.map(caid => readCaid(caid, true)),
    enrollments: accounts.enrollments.map(readAccount),
  }))
  app.get('/scenarios', () => ({ scenarios: [...scenarios].map(([name, { says }]) => ({ name, sentence: says })) }))
  app.post<{ Params: { name: string } }>('/scenarios/:name', (request, reply) => {
    const scenario = scenarios.get(request.params.name)
    if (!scenario) return refuse(reply, 404, 'unknown', `no scenario is ${request.params.name}`)
    const options = parsed(scenarioOptions, request.body ?? {}, reply)
    if (!options) return
    const { delivered: _later, ...scene } = scenario.run(options)
    void reply.send(scene)
  })
  done()
}
