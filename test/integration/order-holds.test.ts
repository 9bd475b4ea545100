import { describe, expect, it } from 'vitest'
import { moneyOf } from '../../src/domain/read-money.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { replay } from '../../src/ops/replay.ts'
import { createHookSender } from '../support/hook-sender.ts'
import { eventually } from '../support/eventually.ts'
import { usePipelines } from './pipeline.ts'

const HOOK_SECRET = `whsec_${Buffer.from('thirty-two bytes of a hook secret').toString('base64')}`
const open = usePipelines()

/** The generic hook over HTTP, and what is known of orders behind it. */
async function openHook() {
  const pipeline = await open({ HOOK_SECRET, PORT: '0' })
  const ingress = await startIngress(pipeline.deps)
  const sender = createHookSender(ingress.url, HOOK_SECRET)
  const { orders, alarms, health, sourceStore } = pipeline.deps
  const at = Date.now() - 3_600_000
  /** Sends one change that was made `second` seconds after the first. */
  const send = (second: number, fields: Record<string, unknown>) =>
    sender.send({ order_id: '741258', occurred_at: new Date(at + second * 1_000).toISOString(), ...fields })
  const money = async (orderId = '741258') => moneyOf((await orders.read(orderId))!, null)
  const holds = async (orderId?: string) =>
    (await money(orderId)).holds.map(({ reason, detail }) => `${reason} ${detail}`)
  const rung = async () => (await alarms.list(await health.now())).map(({ name, why }) => ({ name, why }))
  const close = async () => {
    sender.close()
    await ingress.close(1_000)
  }
  return { ...pipeline, sender, send, money, holds, rung, sourceStore, orders, close }
}

type Hook = Awaited<ReturnType<typeof openHook>>
const withHook = (test: (hook: Hook) => Promise<void>) => async () => {
  const hook = await openHook()
  try {
    await test(hook)
  } finally {
    await hook.close()
  }
}

const SALE = {
  order_status: 'Complete',
  order_total: '50.00',
  currency: 'USD',
  payment_state: 'captured',
  transaction_id: 'tx-1',
}
/** A full refund, in a change whose reference is the card's own number. */
const LOST = {
  order_status: 'Refunded',
  is_refund: true,
  refunded_to_date: '50.00',
  cc_first_6: '401288',
  cc_last_4: '1881',
  rma_number: '4012888888881881',
}
const HELD = 'unreadable order_status,refunded_to_date@generic,is_refund@generic'

describe('a change that the generic hook rejects', () => {
  it('holds refunds and raises an alarm where it states a refund of a known order; the change without its fault ends that', withHook(async ({ send, holds, rung, money, deps }) => {
    await send(0, SALE)
    const answer = await send(1, LOST)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'rma_number' }] } })
    expect(await holds()).toEqual([HELD])
    const alarm = { name: 'order-unreadable', why: expect.stringMatching(/^order 741258: rma_number of a change of generic could not be taken; /) }
    expect(await rung()).toEqual([alarm])
    expect(JSON.stringify(await rung())).not.toMatch(/50\.00|4012888888/)

    await send(2, { order_status: 'Complete', email_address: 'a@example.com' })
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic,is_refund@generic'])
    await send(1, { ...LOST, rma_number: null })
    expect(await holds()).toEqual([])
    expect(await money()).toMatchObject({ reported: { amount: '50' } })
    expect((await deps.orders.timeline('741258')).map(({ what }) => what)).toContain('refunds-held')
  })) // prettier-ignore

  it('looks at the alerts of the order again', withHook(async ({ send, deps }) => {
    await send(0, SALE)
    await deps.redis.sadd(deps.keys.orderCases('741258'), 'midigator:1')
    await send(1, LOST)
    await eventually(async () => expect(await deps.queues.of('decide-case').getJobCountByTypes('waiting', 'prioritized')).toBe(1))
  })) // prettier-ignore

  it('holds nothing where it states no money, or nothing that is not known, or an order that is not known', withHook(async ({ send, sender, holds, rung, deps }) => {
    const bad = { cc_first_6: '401288', cc_last_4: '1881', rma_number: '4012888888881881' }
    await send(0, SALE)
    await send(1, { ...bad, email_address: 'a@example.com' })
    await send(2, { ...bad, ...SALE, is_refund: false, refunded_to_date: '0.00' })
    await send(3, { ...bad, order_status: null })
    expect(await sender.send({ order_id: 'unknown', occurred_at: new Date().toISOString(), ...LOST })).toMatchObject({ status: 422 })
    expect(await holds()).toEqual([])
    expect(await rung()).toEqual([])
    expect(await deps.orders.read('unknown')).toBeNull()
  })) // prettier-ignore

  it('holds refunds also where the money itself cannot be read, whatever its time', withHook(async ({ send, sender, holds }) => {
    await send(0, SALE)
    await send(1, { refunded_to_date: 'fifty' })
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic'])
    await sender.send({ order_id: '741258', occurred_at: 'yesterday', order_status: 'refunded' })
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic,order_status'])
    await send(2, { refunded_to_date: '0', order_status: 'Complete' })
    expect(await holds()).toEqual([])
  })) // prettier-ignore

  it('holds refunds where it is from the future, or has a card number for a reference', withHook(async ({ send, holds, rung }) => {
    await send(0, { ...SALE, cc_first_6: '401288', cc_last_4: '1881' })
    await send(2 * 3_600, { order_status: 'Refunded' })
    expect(await holds()).toEqual(['unreadable order_status'])
    await send(1, { order_status: 'Complete' })
    expect(await holds()).toEqual([])
    await send(3, { order_status: 'Refunded', rma_number: '4012888888881881' })
    expect(await holds()).toEqual(['unreadable order_status'])
    expect((await rung()).map(({ name }) => name)).toEqual(['order-unreadable', 'source-clock-ahead'])
  })) // prettier-ignore

  it('holds nothing of an order that was forgotten', withHook(async ({ send, rung, deps }) => {
    await send(0, SALE)
    await deps.orders.forget('741258')
    await send(1, LOST)
    await send(2, { order_status: 'Refunded' })
    expect(await rung()).toEqual([])
    expect(await deps.redis.exists(deps.keys.order('741258'), deps.keys.timeline('741258'))).toBe(0)
  })) // prettier-ignore

  it('stays held while a replay of it is rejected again, and is made good by one that is taken', withHook(async ({ send, holds, deps }) => {
    await send(0, SALE)
    await send(1, { ...LOST, rma_number: null, occurred_at: 'yesterday' })
    expect(await replay(deps, 'all')).toMatchObject([{ done: 'refused-again' }])
    expect(await holds()).toEqual([HELD])
    const [kept] = await deps.rejected.list(1)
    const body = JSON.stringify({ ...JSON.parse(kept!.body!), occurred_at: new Date(Date.now() - 60_000).toISOString() })
    await deps.rejected.add([{ ...kept!, at: kept!.at + 1, body, masked: false }])
    expect(await replay(deps, 'all')).toMatchObject([{ done: 'refused-again' }, { done: 'merged' }])
    expect(await holds()).toEqual([])
  })) // prettier-ignore
})

describe('a change that the generic hook takes without a field that cannot be read', () => {
  it('answers which, keeps the rest, and holds nothing where the field is no money', withHook(async ({ send, holds, rung, money, deps }) => {
    await send(0, SALE)
    const answer = await send(1, { order_status: 'Refunded', refunded_to_date: '50.00', order_date: '31/12/2025', cc_last_4: '188' })
    const faults = [{ field: 'order_date' }, { field: 'cc_last_4' }]
    expect(answer).toMatchObject({ status: 202, body: { results: [{ status: 'changed', faults }] } })
    expect(await money()).toMatchObject({ reported: { amount: '50' } })
    expect(await holds()).toEqual([])
    expect(await rung()).toEqual([])
    const unread = (await deps.orders.timeline('741258')).map(event => [event.what, event.unread])
    expect(unread).toEqual([['changed', ['order_date', 'cc_last_4']], ['changed', undefined]])
  })) // prettier-ignore

  it.each(['order_total', 'captured_amount', 'refunded_to_date', 'is_refund', 'is_chargeback', 'order_status', 'payment_state', 'currency'])('holds refunds where it is %s, and says so, until that is stated readably', field => withHook(async ({ send, holds, rung }) => {
    await send(0, SALE)
    expect(await send(1, { [field]: ['?'], avs: 'Y' })).toMatchObject({ status: 202, body: { results: [{ faults: [{ field }] }] } })
    expect(await holds()).toEqual([expect.stringMatching(new RegExp(`^unreadable ${field}(@generic)?$`))])
    expect(await rung()).toMatchObject([{ name: 'order-unreadable', why: expect.stringContaining(`: ${field} of a change of generic could not be taken; `) }])
    await send(2, { email_address: 'a@example.com' })
    expect(await holds()).toHaveLength(1)
    await send(3, { ...SALE, captured_amount: '50.00', refunded_to_date: '0', is_refund: false, is_chargeback: false })
    expect(await holds()).toEqual([])
  })()) // prettier-ignore

  it('and that is from the future holds refunds only until the field is stated readably now', withHook(async ({ send, holds }) => {
    await send(0, SALE)
    expect(await send(3 * 3_600, { order_total: 'fifty', avs: 'Y' })).toMatchObject({ status: 422 })
    expect(await holds()).toEqual(['unreadable order_total'])
    await send(1, { order_total: '50.00' })
    expect(await holds()).toEqual([])
  })) // prettier-ignore

  it('holds refunds of a new order that another change of the same hook tells of', withHook(async ({ sender, holds, rung }) => {
    const [first, second] = [0, 1].map(second => new Date(Date.now() - 60_000 + second * 1_000).toISOString())
    await sender.send([
      { order_id: '741258', occurred_at: first, ...SALE },
      { order_id: '741258', occurred_at: second, order_status: 'Complete', refunded_to_date: '20,00 EUR' },
    ])
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic'])
    expect(await rung()).toMatchObject([{ name: 'order-unreadable' }])
  })) // prettier-ignore

  it('holds refunds of an order that nothing else is known of yet', withHook(async ({ send, holds, rung }) => {
    expect(await send(1, { refunded_to_date: '20,00 EUR' })).toMatchObject({ status: 202, body: { results: [{ rev: 1 }] } })
    await send(0, SALE)
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic'])
    expect(await rung()).toMatchObject([{ name: 'order-unreadable' }])
  })) // prettier-ignore

  it('of one time with another holds refunds, which the older of them does not end', withHook(async ({ send, holds }) => {
    const none = { ...SALE, refunded_to_date: '0', sequence: 1 }
    await send(0, none)
    await send(0, { ...SALE, refunded_to_date: '20,00 EUR', sequence: 2 })
    expect(await holds()).toEqual(['unreadable refunded_to_date@generic'])
    await send(0, none)
    expect(await holds()).toHaveLength(1)
    await send(0, { ...SALE, refunded_to_date: '20', sequence: 3 })
    expect(await holds()).toEqual([])
  })) // prettier-ignore

  it('of a clock a little ahead holds refunds, which an older change that comes late does not end', withHook(async ({ send, holds }) => {
    await send(0, SALE)
    await send(3_600 + 2, { refunded_to_date: '20,00 EUR' })
    expect(await holds()).toHaveLength(1)
    await send(1, { refunded_to_date: '0' })
    expect(await holds()).toHaveLength(1)
    await send(3_600 + 3, { refunded_to_date: '20' })
    expect(await holds()).toEqual([])
  })) // prettier-ignore

  it('holds refunds of an order that it is the first to tell of', withHook(async ({ send, holds }) => {
    await send(0, { ...SALE, order_total: 'fifty' })
    expect(await holds()).toEqual(['unreadable order_total'])
    await send(1, { order_total: '50.00' })
    expect(await holds()).toEqual([])
  })) // prettier-ignore
})

describe('two shops that send one order id', () => {
  const shopA = { ...SALE, cc_first_6: '401288', cc_last_4: '1883', transaction_merchant_id: '189250002' }
  const shopB = {
    ...SALE,
    order_total: '80.00',
    cc_first_6: '555555',
    cc_last_4: '4444',
    transaction_merchant_id: '7',
    transaction_id: 'tx-B',
  }

  it('are noticed: refunds are held, and an alarm is raised', withHook(async hook => {
    const { send, holds, rung } = hook
    await hook.startWorker()
    await send(0, shopA)
    await eventually(() => expect(hook.received('741258')).toHaveLength(1))
    expect(await send(1, shopB)).toMatchObject({ status: 202, body: { results: [{ status: 'changed' }] } })
    expect(await holds()).toEqual(['swapped card,transaction_merchant_id,transaction_id'])
    expect(await rung()).toMatchObject([{ name: 'order-swapped', why: expect.stringContaining('order 741258') }])
    expect(JSON.stringify(await rung())).not.toMatch(/189250002|tx-B|4444/)
  })) // prettier-ignore
})

describe('since when a source is complete', () => {
  it('is its first accepted change, and a rejected one is none', withHook(async ({ send, sourceStore }) => {
    expect(await sourceStore.completeSince()).toBeNull()
    await send(0, LOST)
    expect(await sourceStore.completeSince()).toBeNull()
    const before = Date.now()
    await send(1, SALE)
    const [source] = await sourceStore.list()
    expect(source).toMatchObject({ name: 'generic', by: 'first-change' })
    expect(source!.completeSince).toBeGreaterThanOrEqual(before - 1_000)
    await send(2, { avs: 'Y' })
    expect(await sourceStore.list()).toEqual([source])
  })) // prettier-ignore
})

it('an order that a newer version wrote is left to that version: its changes are asked for again, and nothing of it is pushed', withHook(async hook => {
  const { send, sender, orders, deps, sandbox, logged } = hook
  await send(0, SALE)
  const key = deps.keys.order('741258')
  expect(await deps.redis.hget(key, 'v')).toBe('1')
  await deps.redis.hset(key, 'v', '2')
  const before = await deps.redis.hgetall(key)
  for (const change of [{ order_total: '60.00' }, LOST]) {
    const body = Buffer.from(JSON.stringify({ order_id: '741258', occurred_at: new Date().toISOString(), ...change }))
    expect(await sender.sendBytes(body)).toMatchObject({ status: 503, body: { code: 'newer-order' } })
  }
  await expect(orders.read('741258')).rejects.toMatchObject({ kind: 'transient', code: 'newer-order' })
  await hook.startWorker()
  await eventually(async () => expect(await deps.queues.of('sync-order').getJobCountByTypes('waiting', 'active')).toBe(0))
  expect(sandbox.inbox.order('741258')).toBeUndefined()
  expect(JSON.stringify(logged)).not.toContain('job threw')
  expect(await deps.redis.hgetall(key)).toEqual(before)

  await deps.redis.hset(key, 'v', '1')
  await send(3_000, { order_total: '60.00' })
  await eventually(() => expect(sandbox.inbox.record('741258')).toMatchObject({ order_total: '60.00' }))
})) // prettier-ignore
