import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { apiOf, openReceiver, send, subscribeAll } from './sandbox-calls.ts'
import type { Received } from './sandbox-calls.ts'

let sandbox: Sandbox
let receiver: Awaited<ReturnType<typeof openReceiver>>
let answer: (received: Received) => number

const start = async (options: SandboxOptions = {}) =>
  void (sandbox = await takeSandbox({ pingDelayMs: 5, redeliverMs: 20, ...options }))

beforeEach(async () => {
  answer = () => 200
  receiver = await openReceiver(received => answer(received))
})
afterEach(async () => {
  await sandbox.close()
  await receiver.close()
})

const events = (json: unknown) => send('POST', `${sandbox.url}/_sandbox/events`, { json })
const alert = (amount = '10.40', more: object = {}) =>
  sandbox.alerts.add({ mid: 'm', card_last_4: '0614', amount, currency: 'USD', partner: 'ethoca', ...more })
const entries = () => sandbox.deliveries.list().filter(({ kind }) => kind !== 'ping')

describe('delivery', () => {
  it('sends an event to every active subscription of its type, numbers as they were written', async () => {
    await start()
    subscribeAll(sandbox, receiver.url)
    subscribeAll(sandbox, receiver.url)
    await events('{"event_type":"order.refund","order_id":"a","amount":190.470,"note":"1.50 \\"2\\""}')
    await eventually(() => expect(receiver.events).toHaveLength(2))
    for (const { method, text, body } of receiver.events) {
      expect(method).toBe('POST')
      expect(text).toContain('"amount":190.470,')
      expect(body).toMatchObject({ note: '1.50 "2"', event_timestamp: expect.stringMatching(/^\d{4}-.*\dZ$/) })
    }
  })

  it.runIf(isLong)('sends again on anything but 200, later and later, each time with the time of sending', async () => {
    await start({ redeliverMs: 300 })
    subscribeAll(sandbox, receiver.url)
    answer = () => [500, 202, 404][receiver.events.length - 1] ?? 200
    await events({ event_type: 'order.refund', order_id: 'a' })
    await eventually(() => expect(entries()).toMatchObject([{ state: 'delivered' }]))
    expect(entries()).toMatchObject([{ attempts: 4, statuses: [500, 202, 404, 200], deliveredAt: expect.any(Number) }])
    const [entry] = entries()
    // Pauses of 300, 600 and 1,200 ms: 2,100 in all.
    expect(entry!.deliveredAt! - entry!.createdAt).toBeGreaterThan(2_050)
    expect(new Set(receiver.events.map(({ body }) => body.event_timestamp)).size).toBeGreaterThan(1)
  })

  it('goes on while nobody listens, and ends with the subscription', async () => {
    await start()
    subscribeAll(sandbox, 'http://127.0.0.1:9/hooks')
    await events({ event_type: 'order.refund', order_id: 'a' })
    await eventually(() => expect(entries()[0]?.statuses.slice(0, 2)).toEqual(['lost', 'lost']))
    for (const { guid } of sandbox.subscriptions.list()) sandbox.subscriptions.remove(guid)
    await eventually(() => expect(entries()).toMatchObject([{ state: 'gone' }, { state: 'waiting' }]))
    subscribeAll(sandbox, receiver.url)
    await eventually(() => expect(receiver.types()).toEqual(['order.refund']))
  })

  it('keeps events until somebody is subscribed', async () => {
    await start()
    await events({ event_type: 'prevention.new', prevention_guid: 'pre_1' })
    await events({ event_type: 'order.refund', order_guid: 'ord_1' })
    expect(entries()).toMatchObject([{ state: 'waiting', guid: 'pre_1' }, { state: 'waiting' }])
    await (await apiOf(sandbox)).subscribe(receiver.url, 'prevention.new')
    await eventually(() => expect(receiver.types()).toEqual(['prevention.new']))
    await eventually(() => expect(entries()).toMatchObject([{ state: 'delivered' }, { state: 'waiting' }]))
  })

  it('skips a subscription that was made inactive, and goes on when it is active again', async () => {
    await start()
    subscribeAll(sandbox, receiver.url)
    const found = sandbox.subscriptions.ofType('order.refund')[0]!
    answer = () => 500
    await events({ event_type: 'order.refund', order_id: 'a' })
    await eventually(() => expect(receiver.events.length).toBeGreaterThan(0))
    sandbox.subscriptions.replace({ ...found, active: false }, true)
    const refunds = () => receiver.types().filter(type => type === 'order.refund').length
    await eventually(() => expect(entries()[0]?.attempts).toBe(refunds()))
    const before = refunds()
    await events({ event_type: 'order.refund', order_id: 'b' })
    expect(entries()[1]).toMatchObject({ state: 'waiting' })
    await events({ event_type: 'chargeback.new', chargeback_guid: 'cbc_1' })
    await eventually(() => expect(entries()[2]?.attempts).toBeGreaterThan(before + 3))
    expect(refunds()).toBe(before)
    answer = () => 200
    sandbox.subscriptions.replace({ ...found, active: true }, true)
    await eventually(() => expect(entries().map(({ state }) => state)).toEqual(Array(3).fill('delivered')))
  })

  it('can come twice, late and out of order', async () => {
    await start()
    subscribeAll(sandbox, receiver.url)
    const put = await send('PUT', `${sandbox.url}/_sandbox/delivery`, { json: { duplicate: 1, shuffleMs: 200 } })
    expect(put.body).toEqual({ duplicate: 1, shuffleMs: 200, delayMs: 0 })
    const sent = Array.from({ length: 12 }, (_, i) => `o-${i}`)
    for (const order_id of sent) await events({ event_type: 'order.refund', order_id })
    await eventually(() => expect(receiver.events).toHaveLength(24))
    const orders = receiver.events.map(({ body }) => body.order_id as string)
    for (const order_id of sent) expect(orders.filter(id => id === order_id)).toHaveLength(2)
    const first = [...new Set(orders)]
    expect(first).not.toEqual(sent)
  })

  it.each([
    ['v0.6', { partner: 'verifi', prevention_type: 'rdr' }, ['event_guid', 'currency']],
    ['later', { prevention_type: 'rdr', event_guid: expect.any(String), currency: 'EUR' }, ['partner']],
  ] as const)('writes payloads of generation %s', async (generation, members, absent) => {
    await start({ generation })
    subscribeAll(sandbox, receiver.url)
    sandbox.scenarios.trigger('rdr-notice', { order_id: 'a', amount: '10.40', currency: 'EUR', match: false })
    await eventually(() => expect(receiver.types()).toEqual(['prevention.new']))
    const { body, text } = receiver.events[0]!
    expect(text).toContain('"amount":10.40,')
    expect(body).toMatchObject(members)
    for (const name of absent) expect(body).not.toHaveProperty(name)
  })

  it('is forgotten by DELETE, with all that was to be sent', async () => {
    await start()
    answer = () => 500
    subscribeAll(sandbox, receiver.url)
    alert()
    await events({ event_type: 'order.refund', order_id: 'a' })
    await eventually(() => expect(receiver.events.length).toBeGreaterThan(1))
    await send('DELETE', `${sandbox.url}/_sandbox`)
    expect([sandbox.deliveries.list(), sandbox.alerts.list(), sandbox.subscriptions.list()]).toEqual([[], [], []])
    subscribeAll(sandbox, receiver.url)
    await events({ event_type: 'order.refund', order_id: 'after' })
    await eventually(() => expect(receiver.events.at(-1)?.body.order_id).toBe('after'))
    const before = receiver.events.filter(({ body }) => body.order_id === 'a').length
    await eventually(() => expect(entries()[0]?.attempts).toBeGreaterThan(4))
    expect(receiver.events.filter(({ body }) => body.order_id === 'a')).toHaveLength(before)
  })

  it('log keeps the newest 1,000', async () => {
    await start()
    for (let i = 0; i < 2_100; i++)
      sandbox.deliveries.send({ event_type: 'order.refund', guid: `ord_${i}`, members: {} })
    expect(sandbox.deliveries.list()).toHaveLength(1_000)
    expect(sandbox.deliveries.list().at(-1)?.guid).toBe('ord_2099')
  })
})
