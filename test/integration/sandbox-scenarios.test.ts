import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { apiOf, gatewayOf, openReceiver, send, sendOrder, subscribeAll } from './sandbox-calls.ts'

let sandbox: Sandbox
let receiver: Awaited<ReturnType<typeof openReceiver>>

beforeEach(async () => {
  sandbox = await takeSandbox()
  receiver = await openReceiver()
  subscribeAll(sandbox, receiver.url)
})
afterEach(async () => {
  await sandbox.close()
  await receiver.close()
})

const trigger = (name: string, json: object = {}) => send('POST', `${sandbox.url}/_sandbox/scenarios/${name}`, { json })
const order = (order_id: string, fields: object = {}) =>
  sendOrder(sandbox, { order_id, order_total: '50.40', ...fields })
const arrived = (types: string[]) => eventually(() => expect(receiver.types().toSorted()).toEqual(types.toSorted()))

const NEW = 'prevention.new'
const MATCH = 'prevention.match'
const REFUND = 'order.refund'
const PARTLY = { is_refund: 1, refunded_to_date: '5.40' }
const REFUNDED = { is_refund: 1, refunded_to_date: '50.40', order_status: 'Refunded' }

/** Each with the order it needs, what arrives, and what the gateway holds for it. */
const ORDINARY: [name: string, fields: object, types: string[], partner: object, rest: string][] = [
  ['ethoca-full-refund', {}, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '50.40'],
  ['verifi-full-refund', {}, [NEW, MATCH, REFUND], { partner: 'verifi' }, '50.40'],
  ['ethoca-remaining-refund', PARTLY, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '45.00'],
  ['ethoca-refunded-before', REFUNDED, [NEW, MATCH], { partner: 'ethoca' }, '0.00'],
  ['ethoca-declined', { order_status: 'Cancelled' }, [NEW, MATCH], { partner: 'ethoca' }, '0.00'],
  ['ethoca-3ds', { eci: '05' }, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '50.40'],
  ['rdr-notice', {}, [NEW, MATCH], { partner: 'verifi', prevention_type: 'rdr' }, '50.40'],
  ['tc40-notice', {}, [NEW, MATCH], { partner: 'tc40' }, '50.40'],
  ['vmpi-notice', {}, [NEW, MATCH], { partner: 'vmpi' }, '50.40'],
  ['above-limit', {}, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '50.40'],
  ['cdrn', {}, [NEW, MATCH, REFUND], { partner: 'verifi', prevention_type: 'verifi_cdrn' }, '50.40'],
  ['merchant-account-closed', {}, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '50.40'],
  ['refund-refused', {}, [NEW, MATCH, REFUND], { partner: 'ethoca' }, '50.40'],
]

describe('a scenario', () => {
  it.each(ORDINARY)('%s plays on an order that fits', async (name, fields, types, partner, rest) => {
    await order('unfit-1', name === 'ethoca-declined' ? {} : { order_status: 'Cancelled' })
    expect((await trigger(name)).status).toBe(404)
    await order('fit', fields)
    await order('unfit-2', name === 'ethoca-declined' ? {} : { order_status: 'Cancelled' })
    const { status, body } = await trigger(name)
    expect(status).toBe(200)
    expect(body).toMatchObject({ scenario: name, order_id: 'fit', order_guid: expect.stringMatching(/^ord_/) })
    await arrived(types)
    expect(sandbox.alerts.get(body.prevention_guid)).toMatchObject({
      ...partner,
      mid: 'mid-7',
      card_first_6: '411111',
      card_last_4: '0614',
      card_brand: 'visa',
      amount: '50.40',
      currency: 'EUR',
      matched_order_id: 'fit',
      matched_order_guid: body.order_guid,
    })
    expect((await gatewayOf(sandbox).list('fit')).body.refundable_amount).toBe(rest)
    expect(await trigger(name)).toMatchObject({ status: 404, body: { code: 'unknown' } })
  })

  it('ethoca-remaining-refund counts a refund the gateway knows of already', async () => {
    await order('a', PARTLY)
    sandbox.refunds.addByHand('a', '2.40')
    await trigger('ethoca-remaining-refund')
    expect(sandbox.refunds.list('a')).toMatchObject([{ amount: '2.40' }, { amount: '3.00', reference: null }])
  })

  it.each([
    ['merchant-account-closed', 'merchant_account_closed'],
    ['refund-refused', 'refund_period_over'],
  ])('%s has the gateway refuse that order and no other', async (name, code) => {
    await order('other')
    await order('fit')
    await trigger(name)
    const gateway = gatewayOf(sandbox)
    const refund = (order_id: string) => gateway.refund(order_id, { order_id, currency: 'EUR' })
    expect((await refund('fit')).body.code).toBe(code)
    expect((await refund('other')).status).toBe(201)
  })

  it('ethoca-unmatched is on a card nobody has, issued so long ago that its time is nearly up', async () => {
    await order('a', { cc_last_4: '9999' })
    const { body } = await trigger('ethoca-unmatched')
    expect(body).toMatchObject({ order_id: null, order_guid: null, events: [{ event_type: NEW }] })
    await arrived([NEW])
    const read = (await (await apiOf(sandbox)).events('GET', `/prevention/${body.prevention_guid}`)).body
    expect(read).not.toHaveProperty('matched_order_id')
    expect(read.card_last_4).not.toBe('9999')
    expect((Date.now() - Date.parse(read.prevention_timestamp)) / 3_600_000).toBeCloseTo(21, 1)
  })

  it('chargeback-first sends the alert only after the chargeback was taken', async () => {
    await order('a')
    const { body } = await trigger('chargeback-first')
    await arrived(['chargeback.new', 'chargeback.match', NEW, MATCH, REFUND])
    expect(receiver.types().slice(0, 2).toSorted()).toEqual(['chargeback.match', 'chargeback.new'])
    const api = await apiOf(sandbox)
    expect((await api.events('GET', `/chargeback/${body.chargeback_guid}`)).body).toMatchObject({
      amount: 50.4,
      currency: 'EUR',
      matched_order_id: 'a',
      chargeback_date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    })
  })

  it('chargeback-after-refund sends the chargeback once the gateway has refunded', async () => {
    await order('a')
    await trigger('chargeback-after-refund')
    await arrived([NEW, MATCH, REFUND])
    const gateway = gatewayOf(sandbox)
    const refund = (key: string) => gateway.refund(key, { amount: '50.40', currency: 'EUR' })
    sandbox.gateway.setRules([{ times: 1, behave: pending(30, 'failed') }, { behave: pending(30, 'succeeded') }])
    await refund('k1')
    await eventually(() => expect(sandbox.refunds.list()).toMatchObject([{ status: 'failed' }]))
    sandbox.deliveries.send({ event_type: NEW, guid: null, members: { event_type: NEW } })
    await arrived([NEW, MATCH, REFUND, NEW])
    await refund('k2')
    await arrived([NEW, MATCH, REFUND, NEW, 'chargeback.new', 'chargeback.match'])
  })

  it('two-alerts has two partners and one amount on one order', async () => {
    await order('a')
    const { body } = await trigger('two-alerts')
    await arrived([NEW, MATCH, NEW, MATCH, REFUND])
    expect(body.prevention_guids).toEqual(sandbox.alerts.list().map(({ prevention_guid }) => prevention_guid))
    expect(sandbox.alerts.list()).toMatchObject([
      { partner: 'ethoca', amount: '50.40', matched_order_id: 'a' },
      { partner: 'verifi', amount: '50.40', matched_order_id: 'a' },
    ])
  })

  it('refund-only sends the order’s total and makes no alert', async () => {
    await order('a')
    expect((await trigger('refund-only')).body).toMatchObject({ prevention_guid: null, order_id: 'a' })
    await arrived([REFUND])
    expect(receiver.events[0]?.text).toContain('"amount":50.40,')
    expect(sandbox.alerts.list()).toEqual([])
  })

  it('above-limit takes the biggest order, others the newest', async () => {
    await order('small', { order_total: '9.99' })
    await order('big', { order_total: '1000.00' })
    await order('newest', { order_total: '99.00' })
    expect((await trigger('above-limit')).body.order_id).toBe('big')
    expect((await trigger('ethoca-full-refund')).body.order_id).toBe('newest')
    expect((await trigger('verifi-full-refund')).body.order_id).toBe('small')
  })

  it('leaves an authenticated order to the scenario that needs one, while there are others', async () => {
    await order('plain')
    await order('3ds', { eci: '02' })
    expect((await trigger('ethoca-full-refund')).body.order_id).toBe('plain')
    expect((await trigger('verifi-full-refund')).body.order_id).toBe('3ds')
  })

  it('takes what it is told instead, and sends over a time', async () => {
    const given = {
      order_id: 'x',
      amount: 12.5,
      currency: 'GBP',
      arn: '7',
      card_first_6: '555555',
      card_last_4: '0001',
    }
    const at = '2026-11-20T08:00:00Z'
    const { body } = await trigger('cdrn', { ...given, prevention_timestamp: at, spread_ms: 300 })
    expect(sandbox.alerts.get(body.prevention_guid)).toMatchObject({
      amount: '12.5',
      currency: 'GBP',
      arn: '7',
      card_first_6: '555555',
      card_last_4: '0001',
      prevention_timestamp: at,
      matched_order_id: null,
    })
    expect(receiver.types()).not.toContain(REFUND)
    await arrived([NEW, MATCH, REFUND])
    expect(receiver.types()).toEqual([NEW, MATCH, REFUND])
    const [first, , last] = sandbox.deliveries.list()
    expect(last!.createdAt - first!.createdAt).toBeGreaterThan(280)
    expect(sandbox.alerts.get(body.prevention_guid)).toMatchObject({ matched_order_id: 'x' })
  })

  it('can leave out the match and the refund, and add a refund', async () => {
    await order('a')
    await order('b', REFUNDED)
    await trigger('ethoca-full-refund', { match: false, refund: false })
    await arrived([NEW])
    expect(sandbox.alerts.list()).toMatchObject([{ matched_order_id: null }])
    await trigger('ethoca-refunded-before', { refund: true })
    await arrived([NEW, NEW, MATCH, REFUND])
  })

  it('is refused with what to do: unknown name, too little known, no such option', async () => {
    expect((await trigger('ethoca')).body).toMatchObject({ code: 'unknown', message: expect.stringContaining('lists') })
    expect((await trigger('cdrn', { order_id: 'x' })).body.message).toContain('send amount')
    expect((await trigger('cdrn', { amout: '1' })).status).toBe(422)
    expect(() => sandbox.scenarios.trigger('cdrn')).toThrow('found no unused one')
  })

  it('is listed by name with a sentence, and every one of them can be played', async () => {
    const { scenarios } = (await send('GET', `${sandbox.url}/_sandbox/scenarios`)).body
    expect(scenarios).toHaveLength(18)
    for (const { name, sentence } of scenarios) {
      expect(sentence).toMatch(/\.$/)
      expect((await trigger(name, { order_id: `o-${name}`, amount: '5.00' })).status).toBe(200)
    }
  })
})
