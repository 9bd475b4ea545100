import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { apiOf, HOOK_AUTH, openReceiver, send, sendOrder, tokenOf } from './sandbox-calls.ts'

let sandbox: Sandbox
let api: Awaited<ReturnType<typeof apiOf>>
let receiver: Awaited<ReturnType<typeof openReceiver>>

beforeEach(async () => {
  sandbox = await takeSandbox({ pingDelayMs: 5 })
  api = await apiOf(sandbox)
  receiver = await openReceiver()
})
afterEach(async () => {
  await sandbox.close()
  await receiver.close()
})

const wish = (fields: object = {}) => ({
  email: 'ops@shop.example',
  url: receiver.url,
  event_type: 'prevention.new',
  auth: HOOK_AUTH,
  ...fields,
})

describe('the newer authentication', () => {
  const auth = (authorization?: string, more: object = {}) =>
    send('POST', `${sandbox.authUrl}/auth`, { headers: { ...(authorization && { authorization }) }, ...more })

  it('gives a JWT that says when it ends, in seconds', async () => {
    const { status, body } = await auth(`Bearer ${sandbox.apiSecret}`)
    expect([status, Object.keys(body)]).toEqual([200, ['token']])
    const [header, payload, signature] = body.token.split('.') as string[]
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toMatchObject({ typ: 'JWT' })
    const { exp } = JSON.parse(Buffer.from(payload!, 'base64url').toString())
    expect(exp - Date.now() / 1_000).toBeGreaterThan(3_590)
    expect(exp - Date.now() / 1_000).toBeLessThan(3_602)
    expect(signature).toMatch(/^[\w-]{40,}$/)
  })

  it('takes any body and none, and no other secret', async () => {
    const given = `Bearer ${sandbox.apiSecret}`
    expect((await auth(given, { json: {} })).status).toBe(200)
    expect((await auth(given, { headers: { authorization: given, 'content-type': 'application/json' } })).status).toBe(
      200,
    )
    expect((await auth()).status).toBe(401)
    expect((await auth('Bearer other')).status).toBe(401)
    expect(JSON.stringify(sandbox.inbox.requests())).not.toContain(sandbox.apiSecret)
  })

  it('lets no token in that has expired, was revoked or is of the Data API', async () => {
    const list = (token: string) =>
      send('GET', `${sandbox.eventsUrl}/subscribe`, { headers: { authorization: `Bearer ${token}` } })
    const token = await tokenOf(sandbox)
    expect((await list(token)).status).toBe(200)
    await send('POST', `${sandbox.url}/_sandbox/revoke-tokens`)
    expect((await list(token)).status).toBe(401)
    const brief = await takeSandbox({ tokenLifeMs: 0 })
    try {
      const short = await apiOf(brief)
      await eventually(async () => expect((await short.events('GET', '/subscribe')).status).toBe(401))
    } finally {
      await brief.close()
    }
  })
})

describe('a subscription', () => {
  it('is answered inactive and becomes active once its ping was answered', async () => {
    const { status, body } = await api.subscribe(receiver.url, 'prevention.new')
    expect(status).toBe(200)
    expect(body).toEqual({
      ...wish(),
      guid: expect.stringMatching(/^evr_[0-9a-f]{32}$/),
      active: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: body.created_at,
    })
    await eventually(async () =>
      expect((await api.events('GET', `/subscribe/${body.guid}`)).body).toMatchObject({
        active: true,
        auth: HOOK_AUTH,
      }),
    )
    expect((await api.events('GET', '/subscribe')).body).toMatchObject([{ guid: body.guid, auth: HOOK_AUTH }])
    expect(receiver.pings).toHaveLength(1)
  })

  it('stays inactive while its ping is refused, until a later one is answered', async () => {
    const { body } = await api.events('POST', '/subscribe', wish({ auth: { username: 'x', password: 'y' } }))
    await eventually(() => expect(sandbox.deliveries.list()).toMatchObject([{ kind: 'ping', statuses: [401] }]))
    expect(sandbox.subscriptions.list()).toMatchObject([{ active: false }])
    await api.events('PUT', `/subscribe/${body.guid}`, { auth: HOOK_AUTH })
    expect((await api.events('GET', '/ping/prevention.new')).body).toEqual({ urls: [receiver.url] })
    await eventually(() => expect(sandbox.subscriptions.list()).toMatchObject([{ active: true }]))
  })

  it('that was made inactive stays so when a ping is answered', async () => {
    const { guid } = (await api.subscribe(receiver.url, 'prevention.new')).body
    await eventually(() => expect(sandbox.subscriptions.list()).toMatchObject([{ active: true }]))
    await api.events('PUT', `/subscribe/${guid}`, { active: false })
    await api.events('GET', '/ping/prevention.new')
    await eventually(() =>
      expect(sandbox.deliveries.list().map(({ state }) => state)).toEqual(['delivered', 'delivered']),
    )
    expect(sandbox.subscriptions.list()).toMatchObject([{ active: false }])
  })

  it('is pinged by GET, by an empty POST, and by a POST that names no event', async () => {
    await api.subscribe(receiver.url, 'prevention.new')
    await eventually(async () => {
      await api.events('GET', '/ping/prevention.new')
      const forms = new Set(receiver.pings.map(({ method, text }) => `${method} ${text}`))
      expect(forms).toEqual(new Set(['GET ', 'POST ', 'POST {}', 'POST {"message":"ping"}']))
    })
  })

  it.each([
    ['no email', { email: undefined }],
    ['no address', { url: 'not-a-url' }],
    ['an unknown type', { event_type: 'prevention.gone' }],
    ['no auth', { auth: undefined }],
    ['auth without a password', { auth: { username: 'u' } }],
    ['auth under another name', { auth: undefined, basic_auth: HOOK_AUTH }],
  ])('with %s is refused with 400', async (_what, fields) => {
    expect((await api.events('POST', '/subscribe', wish(fields))).status).toBe(400)
    expect(sandbox.subscriptions.list()).toEqual([])
  })

  it('can be updated, but for its event type: 418', async () => {
    const { guid } = (await api.subscribe(receiver.url, 'prevention.new')).body
    const put = (json: object) => api.events('PUT', `/subscribe/${guid}`, json)
    expect((await put({ event_type: 'chargeback.new', active: true })).status).toBe(418)
    expect((await put({ event_type: 'prevention.new', email: 'new@shop.example' })).body).toMatchObject({
      email: 'new@shop.example',
      event_type: 'prevention.new',
    })
    expect((await put({ active: false })).body).toMatchObject({ active: false })
    expect((await put({ active: true })).body).toMatchObject({ active: true })
    expect((await put({ url: 'ftp://x' })).status).toBe(400)
    expect((await api.events('DELETE', `/subscribe/${guid}`)).status).toBe(200)
    expect((await put({ active: true })).status).toBe(400)
    expect((await api.events('DELETE', `/subscribe/${guid}`)).status).toBe(400)
  })

  it('wants a token everywhere, and shows its password nowhere but to the subscriber', async () => {
    await api.subscribe(receiver.url, 'prevention.new')
    for (const path of ['/subscribe', '/subscribe/evr_1', '/ping/order.refund', '/prevention/pre_1'])
      expect((await send('GET', sandbox.eventsUrl + path)).status).toBe(401)
    for (const path of ['requests', 'subscriptions', 'deliveries'])
      expect((await send('GET', `${sandbox.url}/_sandbox/${path}`)).text).not.toContain(HOOK_AUTH.password)
    expect((await api.events('GET', '/ping/unknown.type')).status).toBe(400)
  })
})

describe('what stands behind an event', () => {
  it('is read by its GUID, amounts written as they are', async () => {
    await sendOrder(sandbox, { order_id: 'o-1', order_total: '190.40', billing_first_name: 'Jane' })
    const made = await send('POST', `${sandbox.url}/_sandbox/alerts`, {
      json: { amount: '10.40', matched_order_id: 'o-1', prevention_timestamp: '2026-11-20T10:00:00Z' },
    })
    const read = await api.events('GET', `/prevention/${made.body.prevention_guid}`)
    expect(read.text).toContain('"amount":10.40,')
    expect(read.body).toMatchObject({
      partner: 'ethoca',
      currency: 'USD',
      prevention_timestamp: '2026-11-20T10:00:00Z',
      matched_order_id: 'o-1',
    })
    const order = await api.events('GET', `/order/${read.body.matched_order_guid}`)
    expect(order.text).toContain('"amount":190.40,')
    expect(order.body).toMatchObject({
      crm_order_id: 'o-1',
      mid: 'mid-7',
      card_last_4: '0614',
      card_brand: 'visa',
      billing_first_name: 'Jane',
      order_date: '2026-11-01T10:00:00Z',
    })
  })

  it('is 404 when there is none, 400 when it is no GUID', async () => {
    for (const [kind, prefix] of Object.entries({ chargeback: 'cbc', prevention: 'pre', order: 'ord' })) {
      expect((await api.events('GET', `/${kind}/${prefix}_00`)).status).toBe(404)
      expect((await api.events('GET', `/${kind}/what`)).status).toBe(400)
    }
  })
})

describe('a fault of the newer APIs', () => {
  const calls = {
    'api-auth': () =>
      send('POST', `${sandbox.authUrl}/auth`, { headers: { authorization: `Bearer ${sandbox.apiSecret}` } }),
    subscribe: () => api.subscribe(receiver.url, 'order.refund'),
    ping: () => api.events('GET', '/ping/order.refund'),
    'read-event': () => api.events('GET', '/prevention/pre_1'),
  }

  it.each(Object.entries(calls))('is drawn for %s and for no other call', async (on, call) => {
    sandbox.faults.set([{ on: on as keyof typeof calls, times: 1, fault: { kind: 'status', status: 503 } }])
    for (const other of Object.keys(calls).filter(name => name !== on))
      expect((await calls[other as keyof typeof calls]()).status).not.toBe(503)
    expect((await call()).status).toBe(503)
    expect((await call()).status).not.toBe(503)
    expect(sandbox.inbox.requests().filter(({ fault }) => fault === 'status')).toMatchObject([{ call: on }])
  })

  it('can make a subscription and never say so', async () => {
    sandbox.faults.set([{ on: 'subscribe', times: 1, fault: { kind: 'commit-then-reset' } }])
    await expect(api.subscribe(receiver.url, 'order.refund')).rejects.toThrow('fetch failed')
    await eventually(() => expect(sandbox.subscriptions.list()).toMatchObject([{ active: true }]))
  })

  it('can be limited to what one GUID names', async () => {
    const [one, other] = [1, 2].map(
      () =>
        sandbox.alerts.add({ mid: 'm', card_last_4: '1', amount: '5', currency: 'USD', partner: 'vmpi' })
          .prevention_guid,
    )
    sandbox.faults.set([{ on: 'read-event', guid: one!, fault: { kind: 'status', status: 500 } }])
    expect((await api.events('GET', `/prevention/${one}`)).status).toBe(500)
    expect((await api.events('GET', `/prevention/${other}`)).status).toBe(200)
  })

  it('repeats what was sent, as platforms do', async () => {
    sandbox.faults.set([{ on: 'subscribe', times: 1, fault: { kind: 'status', status: 500 } }])
    expect((await api.subscribe(receiver.url, 'order.refund')).text).toContain(HOOK_AUTH.password)
  })
})
