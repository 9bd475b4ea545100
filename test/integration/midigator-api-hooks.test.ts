import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../src/domain/alert/event.ts'
import { parseJson } from '../../src/parse-json.ts'
import { createMidigatorWebhook } from '../../src/platforms/midigator/webhook.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { accessOf, LIMITS, useMidigatorApi } from './midigator-api.ts'

const newApi = useMidigatorApi()
const webhook = createMidigatorWebhook({ usernames: ['midigator'], passwords: ['pass:word'] })

type Heard = { verified: string; said: ReturnType<typeof webhook.normalise> }
let heard: Heard[]
let server: Server
beforeEach(async () => {
  heard = []
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const parsed = raw.length === 0 ? { value: undefined } : parseJson(raw, 'all')
      heard.push({
        verified: webhook.verify(request.headers),
        said: webhook.normalise('value' in parsed ? parsed.value : null),
      })
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function subscribeAll({ subscriptions }: Sandbox): void {
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks/alerts/midigator`
  const auth = { username: 'midigator', password: 'pass:word' }
  for (const event_type of EVENT_TYPES)
    subscriptions.add({
      ...subscriptions.draft({ email: 'ops@example.com', url, event_type, auth }),
      active: true,
    })
}

const eventsHeard = () => heard.flatMap(({ said }) => ('kind' in said && said.kind === 'event' ? [said.event] : []))

describe('what the platform delivers', () => {
  it.each(['v0.6', 'later'] as const)('is let in and read exactly, in its generation %s', async generation => {
    const { sandbox } = await newApi({ generation })
    subscribeAll(sandbox)
    sandbox.payments.set('order-1', { captured: '190.47', currency: 'USD' })
    const card = { card_first_6: '401288', card_last_4: '0083' }
    const played = sandbox.scenarios.trigger('ethoca-full-refund', {
      order_id: 'order-1', amount: '190.40', currency: 'USD', ...card,
    }) // prettier-ignore
    await eventually(() => expect(eventsHeard()).toHaveLength(played.events.length))
    expect(heard.map(({ verified }) => verified)).toEqual(heard.map(() => 'ok'))
    const facts = { partner: 'ethoca', amount: '190.4', cardFirst6: '401288', cardLast4: '0083' }
    expect(eventsHeard().find(({ type }) => type === 'alert')).toMatchObject({
      guid: played.prevention_guid,
      sentAt: expect.any(Number),
      facts: generation === 'later' ? { ...facts, currency: 'USD' } : facts,
    })
    expect(eventsHeard().find(({ type }) => type === 'alert-match')).toMatchObject({
      guid: played.prevention_guid,
      facts: { orderId: 'order-1' },
    })
    expect(eventsHeard().find(({ type }) => type === 'refund')).toMatchObject({ facts: { orderId: 'order-1' } })
  })

  it('shows both words of an RDR notice', async () => {
    const { sandbox } = await newApi()
    subscribeAll(sandbox)
    sandbox.payments.set('order-1', { captured: '25', currency: 'USD' })
    sandbox.scenarios.trigger('rdr-notice', { order_id: 'order-1', amount: '25', currency: 'USD', card_first_6: '401288', card_last_4: '0083' }) // prettier-ignore
    await eventually(() => expect(eventsHeard().find(({ type }) => type === 'alert')?.facts.partner).toBe('verifi rdr'))
  })

  it('for a test is a ping, in each of its forms', async () => {
    const api = await newApi({ pingDelayMs: 1 })
    const one = api.newProcess()
    const access = await accessOf(one)
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks/alerts/midigator`
    const wanted = { email: 'ops@example.com', url, username: 'midigator', password: 'pass:word' }
    for (const eventType of [...EVENT_TYPES, ...EVENT_TYPES])
      await one.events.addSubscription(access, { ...wanted, eventType }, LIMITS)
    await eventually(() => expect(heard).toHaveLength(10))
    expect(heard).toEqual(heard.map(() => ({ verified: 'ok', said: { kind: 'ping' } })))
    await eventually(() => expect(api.sandbox.subscriptions.all().filter(({ active }) => active)).toHaveLength(10))
  })
})
