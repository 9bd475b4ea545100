import { beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../../src/platforms/platform.ts'
import { eventually } from '../support/eventually.ts'
import { accessOf, addAlert, LIMITS, useMidigatorApi, type Api } from './midigator-api.ts'

const newApi = useMidigatorApi()
let api: Api
let one: ReturnType<Api['newProcess']>
let access: Access
beforeEach(async () => {
  api = await newApi()
  one = api.newProcess()
  access = await accessOf(one)
})

const hookUrl = () => `${api.sandbox.url}/healthz/hooks/alerts/midigator`
const wanted = () => ({
  email: 'ops@example.com', url: hookUrl(), eventType: 'prevention.new', username: 'us', password: 'hunter2-secret',
}) // prettier-ignore
const ok = { status: 200, words: '', retryAfterMs: null }
const valueOf = <Value>({ value }: { value?: Value }): Value => {
  if (value === undefined) throw new Error('no value')
  return value
}

describe('subscriptions', () => {
  it('are added, listed, read, updated, pinged and deleted', async () => {
    const { events } = one
    const added = await events.addSubscription(access, wanted(), LIMITS)
    expect(added).toMatchObject({ answer: ok, value: { url: hookUrl(), eventType: 'prevention.new', active: false } })
    const { guid } = valueOf(added)
    expect(valueOf(await events.listSubscriptions(access, LIMITS)).map(({ guid }) => guid)).toEqual([guid])
    expect(valueOf(await events.getSubscription(access, guid, LIMITS))).toMatchObject({
      guid,
      email: 'ops@example.com',
    })
    const update = { ...wanted(), email: 'new@example.com', active: true }
    expect(await events.updateSubscription(access, guid, update, LIMITS)).toMatchObject({
      answer: ok,
      value: { email: 'new@example.com', active: true },
    })
    expect(await events.ping(access, 'prevention.new', LIMITS)).toEqual({ answer: ok, value: [hookUrl()] })
    expect(await events.deleteSubscription(access, guid, LIMITS)).toEqual({ answer: ok })
    expect(api.sandbox.subscriptions.all()).toEqual([])
  })

  it('compare credentials and never show them', async () => {
    const added = await one.events.addSubscription(access, wanted(), LIMITS)
    const [listed] = valueOf(await one.events.listSubscriptions(access, LIMITS))
    for (const subscription of [valueOf(added), listed!]) {
      expect(subscription.matchesAuth('us', 'hunter2-secret')).toBe(true)
      expect(subscription.matchesAuth('us', 'hunter2')).toBe(false)
      expect(subscription.matchesAuth('we', 'hunter2-secret')).toBe(false)
    }
    expect(JSON.stringify([added, listed])).not.toContain('hunter2')
  })

  it('refused with words that repeat the password and the token are told without them', async () => {
    api.sandbox.faults.set([{ on: 'subscribe', times: 1, fault: { kind: 'status', status: 400 } }])
    const refused = await one.events.addSubscription(access, wanted(), LIMITS)
    expect(refused).toMatchObject({ answer: { status: 400 } })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
    const unknown = await one.events.listSubscriptions({ token: 'some-secret-token', generation: 1 }, LIMITS)
    expect(unknown).toMatchObject({ answer: { status: 401 } })
    expect(JSON.stringify(unknown)).not.toContain('some-secret-token')
  })

  it('name 418 where the event type is another', async () => {
    api.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'status', status: 418 } }])
    const said = await one.events.updateSubscription(access, 'evr_1', { ...wanted(), active: true }, LIMITS)
    expect(said.answer).toMatchObject({ status: 418 })
  })

  it('that cannot all be read are not read at all', async () => {
    const body = [{ guid: 'evr_1', url: 'https://a.example.com', event_type: 'prevention.new' }]
    api.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'status', status: 200, body } }])
    expect(await one.events.listSubscriptions(access, LIMITS)).toEqual({ answer: ok })
  })
})

describe('what is behind an event', () => {
  it.each([
    ['190.47', '190.47'],
    ['0.1', '0.1'],
    ['10.40', '10.4'],
    ['123456789012345.67', '123456789012345.67'],
    ['49.99999999999999', '50'],
  ])('an alert of %s is read as exactly %s', async (amount, canonical) => {
    const { prevention_guid: guid } = addAlert(api.sandbox, { amount, matched_order_id: 'order-1' })
    expect(await one.events.prevention(access, guid, LIMITS)).toMatchObject({
      answer: ok,
      value: { guid, facts: { amount: canonical, partner: 'ethoca', cardLast4: '0083', currency: 'USD', orderId: 'order-1' } },
    }) // prettier-ignore
  })

  it('a chargeback and an order are read too', async () => {
    const { chargeback_guid: guid } = api.sandbox.alerts.addChargeback({
      mid: '1', card_last_4: '1883', amount: '10.40', currency: 'EUR',
    }) // prettier-ignore
    expect(await one.events.chargeback(access, guid, LIMITS)).toMatchObject({
      value: { guid, facts: { amount: '10.4', currency: 'EUR' } },
    })
    const token = await fetch(`${api.sandbox.dataUrl}/auth`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' }),
    }).then(answer => answer.json() as Promise<{ authorization_key: string }>)
    await fetch(`${api.sandbox.dataUrl}/order`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.authorization_key}` },
      body: JSON.stringify({ order_id: 'order-1', order_total: '26.85', currency: 'USD', order_status: 'Complete' }),
    })
    const orderGuid = api.sandbox.alerts.nameOrder('order-1')
    expect(await one.events.order(access, orderGuid, LIMITS)).toMatchObject({
      answer: ok,
      value: { guid: orderGuid, facts: { orderId: 'order-1', amount: '26.85', currency: 'USD' } },
    })
  })

  it('that is unknown, no object or of another guid has no value', async () => {
    expect((await one.events.prevention(access, 'pre_unknown', LIMITS)).answer).toMatchObject({ status: 404 })
    expect((await one.events.prevention(access, 'a/../b?c', LIMITS)).answer).toMatchObject({ status: 400 })
    expect((await one.events.prevention(access, '..', LIMITS)).answer).toMatchObject({ status: 400 })
    const bodies = [{ prevention_guid: 'pre_2', amount: 5 }, { amount: 5 }, 'no object']
    for (const body of bodies) {
      api.sandbox.faults.set([{ on: 'read-event', fault: { kind: 'status', status: 200, body } }])
      expect(await one.events.prevention(access, 'pre_1', LIMITS)).toEqual({ answer: ok })
    }
  })

  it('of which one field cannot be read states all others, and names it', async () => {
    const body = { prevention_guid: 'pre_1', amount: -5, currency: 'EUR', matched_order_id: 'A-1' }
    api.sandbox.faults.set([{ on: 'read-event', fault: { kind: 'status', status: 200, body } }])
    expect(await one.events.prevention(access, 'pre_1', LIMITS)).toMatchObject({
      answer: ok,
      value: { guid: 'pre_1', facts: { currency: 'EUR', orderId: 'A-1' }, faults: [{ field: 'amount' }] },
    })
  })

  it.each([
    [{ kind: 'hang' }, { failure: 'timeout' }],
    [{ kind: 'reset' }, { failure: 'lost' }],
    [
      { kind: 'status', status: 503, retryAfterS: 2 },
      { status: 503, retryAfterMs: 2_000 },
    ],
    [{ kind: 'redirect' }, { status: 302 }],
  ] as const)('that is answered with %j is told as it is, without a second call', async (fault, answer) => {
    api.sandbox.faults.set([{ on: 'read-event', fault: { ...fault } }])
    expect((await one.events.prevention(access, 'pre_1', { timeoutMs: 200 })).answer).toMatchObject(answer)
    expect(api.callsOf('read-event')).toHaveLength(1)
  })

  it('is given up when we hang up', async () => {
    api.sandbox.faults.set([{ on: 'read-event', fault: { kind: 'hang' } }])
    const stop = new AbortController()
    const said = one.events.prevention(access, 'pre_1', { timeoutMs: 10_000, signal: stop.signal })
    await eventually(() => expect(api.callsOf('read-event')).toHaveLength(1))
    stop.abort()
    expect(await said).toEqual({ answer: { failure: 'aborted' } })
  })
})

describe('a resolution', () => {
  it('goes out byte for byte', async () => {
    const { prevention_guid: guid } = addAlert(api.sandbox)
    const body = '{ "resolution_type":"other",  "other_description":"Duplicate alert — ü" }'
    expect(await one.prevention.resolve(access, guid, body, LIMITS)).toEqual({ answer: ok })
    expect(api.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({
      resolution_type: 'other',
      other_description: 'Duplicate alert — ü',
    })
  })

  it('refused is told with the words, but not those we wrote', async () => {
    const { prevention_guid: guid } = addAlert(api.sandbox)
    const first = '{"resolution_type":"issued_full_refund"}'
    await one.prevention.resolve(access, guid, first, LIMITS)
    const other = '{"resolution_type":"nonsense","other_description":"Jane Doe called"}'
    const said = await one.prevention.resolve(access, guid, other, LIMITS)
    expect(said).toMatchObject({ answer: { status: 400 } })
    expect(JSON.stringify(said)).toContain('nonsense')
    expect(JSON.stringify(said)).not.toContain('Jane')
  })

  it('that took effect unseen is told as unanswered', async () => {
    const { prevention_guid: guid } = addAlert(api.sandbox)
    api.sandbox.faults.set([{ on: 'resolution', fault: { kind: 'commit-then-hang' } }])
    const said = await one.prevention.resolve(access, guid, '{"resolution_type":"could_not_find_order"}', {
      timeoutMs: 200,
    })
    expect(said).toEqual({ answer: { failure: 'timeout' } })
    expect(api.sandbox.alerts.get(guid)?.resolutions.acceptedTimes).toBe(1)
  })
})
