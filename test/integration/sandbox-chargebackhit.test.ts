import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { OUTCOMES } from '../../src/domain/alert/outcomes.ts'
import { ALERT_TYPES } from '../../src/platforms/chargebackhit/wire.ts'
import { isSignatureOf, signatureOf } from '../../src/platforms/chargebackhit/signature.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { patience } from '../support/patience.ts'
import { LIMITS, useChargebackhit } from './chargebackhit-line.ts'
import { send, sendOrder } from './sandbox-calls.ts'

const open = useChargebackhit()
type Line = Awaited<ReturnType<typeof open>>

const FINAL = OUTCOMES.filter(outcome => outcome !== 'pending')
const INQUIRY = { outcome: 'acknowledged', customer: {}, products: [] }
const update = ({ api }: Line, id: string, outcome: string, order_id?: string) =>
  api.updateOutcome(id, JSON.stringify({ outcome, ...(order_id !== undefined && { order: { order_id } }) }), LIMITS)
const answersOf = ({ side }: Line, id: string) => side.alerts.get(id)!.answers

describe('the webhook', () => {
  it.each(ALERT_TYPES)('gets %s signed over its very bytes, with alert, transaction and merchant', async type => {
    const line = await open()
    const heard = await line.openWebhook(() => ({ json: INQUIRY }))
    const alert = line.side.add({ type })
    expect(await line.side.send(alert)).toMatchObject({
      alert_id: alert.id, type, status: 200, result: 'accepted', outcome: 'acknowledged', tookMs: expect.any(Number),
    }) // prettier-ignore
    const [{ headers, raw, body }] = heard as [(typeof heard)[number]]
    expect(headers['public_key']).toBe(line.keys.publicKey)
    expect(isSignatureOf(line.keys, raw, String(headers['signature']))).toBe(true)
    expect(body).toMatchObject({
      alert: { id: alert.id, type, outcome: '' },
      transaction: { amount: '49.99', last_four: '0083' },
      merchant: { internal_id: 'mid_QWE12345' },
    })
    expect(answersOf(line, alert.id)).toMatchObject({ final: { outcome: 'acknowledged', by: 'webhook' } })
  })

  it.each(FINAL)('may answer %s, and that is final', async outcome => {
    const line = await open()
    await line.openWebhook(() => ({ json: { outcome, order: { order_id: 'o-1' } } }))
    const alert = line.side.add({ type: 'init-refund' })
    await line.side.send(alert)
    expect(answersOf(line, alert.id)).toMatchObject({
      final: { outcome, order_id: 'o-1', by: 'webhook' },
      pendingAt: null,
    })
    const later = FINAL.find(other => other !== outcome)!
    for (const more of [later, outcome, 'pending'])
      expect((await update(line, alert.id, more)).answer).toMatchObject({ status: 400 })
    expect(answersOf(line, alert.id)).toMatchObject({
      final: { outcome },
      acceptedTimes: 1,
      attempted: 4,
      conflicted: 3,
    })
  })

  it.each([
    { status: 202, json: { outcome: 'reversed' } },
    { status: 500, json: { outcome: 'reversed' } },
    { text: 'ok' },
    { text: '' },
    { json: {} },
    { json: { outcome: 'duplicate' } },
    { json: { outcome: 'reversed', note: 'refunded' } },
    { json: { outcome: 'reversed', order: { refund: { amount: 1.5, currency: 'EUR' } } } },
  ])('that answers %j has answered nothing', async reply => {
    const line = await open()
    await line.openWebhook(() => reply)
    const alert = line.side.add({ type: 'init-refund' })
    expect(await line.side.send(alert)).toMatchObject({ result: 'refused', status: reply.status ?? 200 })
    expect(answersOf(line, alert.id)).toMatchObject({ final: null, outcome: '', attempts: [{ result: 'refused' }] })
    expect((await update(line, alert.id, 'reversed')).answer).toMatchObject({ status: 200 })
  })

  it('that cannot be reached has answered nothing, and is called once', async () => {
    const line = await open()
    line.side.notifyAt('http://127.0.0.1:9/hooks')
    const alert = line.side.add({ type: 'init-refund' })
    expect(await line.side.send(alert)).toMatchObject({ status: 'lost', result: 'unanswered' })
    expect(answersOf(line, alert.id)).toMatchObject({ final: null, attempted: 0, missed: false })
    expect(line.side.deliveries.list()).toHaveLength(1)
  })

  it('gets an alert again where the sandbox is told so, until one answer is taken', async () => {
    const line = await open({ chargebackhitRedeliverMs: 5 })
    let calls = 0
    const heard = await line.openWebhook(() => (++calls < 3 ? { status: 503 } : { json: { outcome: 'pending' } }))
    const alert = line.side.add({ type: 'init-refund' })
    await line.side.send(alert)
    await eventually(() => expect(answersOf(line, alert.id).pendingAt).not.toBeNull())
    expect(heard.map(({ body }) => body.alert.id)).toEqual([alert.id, alert.id, alert.id])
    expect(line.side.deliveries.list().map(({ result }) => result)).toEqual(['refused', 'refused', 'accepted'])
  })

  it('that answers two deliveries differently is held to the first', async () => {
    const line = await open()
    const outcomes = ['reversed', 'reversed', 'decline']
    await line.openWebhook(() => ({ json: { outcome: outcomes.shift() } }))
    const alert = line.side.add({ type: 'init-refund' })
    for (const result of ['accepted', 'repeated', 'conflict'])
      expect(await line.side.send(alert)).toMatchObject({ result })
    expect(answersOf(line, alert.id)).toMatchObject({ final: { outcome: 'reversed' }, acceptedTimes: 2, conflicted: 1 })
  })
})

describe('an inquiry', () => {
  it('wants a customer and products, if empty ones', async () => {
    const line = await open()
    const replies: object[] = [{ outcome: 'acknowledged' }, { outcome: 'acknowledged', customer: {} }, INQUIRY]
    await line.openWebhook(() => ({ json: replies.shift() }))
    const alert = line.side.add({ type: 'inquiry' })
    for (const result of ['refused', 'refused', 'accepted'])
      expect(await line.side.send(alert)).toMatchObject({ result })
  })

  it('not answered in time is missed, and cannot be made good by an update', async () => {
    const line = await open({ chargebackhitInquiryMs: 60 })
    await line.openWebhook(() => ({ hang: true }))
    const alert = line.side.add({ type: 'inquiry' })
    const entry = await line.side.send(alert)
    expect(entry).toMatchObject({ status: 'timeout', result: 'unanswered' })
    expect(entry.tookMs).toBeGreaterThanOrEqual(59)
    expect(answersOf(line, alert.id)).toMatchObject({ missed: true, final: null })
    const late = await line.api.updateOutcome(alert.id, JSON.stringify(INQUIRY), LIMITS)
    expect(late.answer).toMatchObject({ status: 400 })
    expect(answersOf(line, alert.id).attempts).toMatchObject([{ result: 'late' }])
  })

  it('published long before it is sent has its time from then', async () => {
    const line = await open()
    await line.openWebhook(() => ({ json: INQUIRY }))
    const alert = line.side.add({ type: 'inquiry', date: '2026-01-02T03:04:05Z' })
    expect(await line.side.send(alert)).toMatchObject({ result: 'accepted' })
    expect(answersOf(line, alert.id).missed).toBe(false)
  })
})

describe('pending', () => {
  const pend = async (line: Line, wish: Partial<Parameters<Line['side']['add']>[0]> = {}) => {
    await line.openWebhook(() => ({ json: { outcome: 'pending' } }))
    const alert = line.side.add({ type: 'init-refund', ...wish })
    await line.side.send(alert)
    expect(answersOf(line, alert.id)).toMatchObject({ final: null, outcome: 'pending' })
    return alert.id
  }

  it.each(FINAL)('may be followed by %s, by exactly one update', async outcome => {
    const line = await open()
    const id = await pend(line)
    expect((await update(line, id, outcome, 'o-1')).answer).toMatchObject({ status: 200 })
    expect((await update(line, id, outcome, 'o-2')).answer).toMatchObject({ status: 400 })
    expect((await update(line, id, outcome, 'o-1')).answer).toMatchObject({ status: 200 })
    expect(answersOf(line, id)).toMatchObject({
      final: { outcome, order_id: 'o-1', by: 'update' },
      acceptedTimes: 2,
      conflicted: 1,
      attempts: [
        { by: 'webhook', result: 'accepted' },
        { by: 'update', result: 'accepted' },
        { by: 'update', result: 'conflict' },
        { by: 'update', result: 'repeated' },
      ],
    })
  })

  it('is not followed by pending, nor by what is no outcome, and the update is still to come', async () => {
    const line = await open()
    const id = await pend(line)
    for (const outcome of ['pending', 'duplicate', ''])
      expect((await update(line, id, outcome)).answer).toMatchObject({ status: 400 })
    expect((await update(line, id, 'reverse-error')).answer).toMatchObject({ status: 200 })
  })

  it('whose update is sent once more is refused where the sandbox is told so', async () => {
    const line = await open({ chargebackhitRepeatedUpdate: 'refuse' })
    const id = await pend(line)
    expect((await update(line, id, 'reversed')).answer).toMatchObject({ status: 200 })
    expect((await update(line, id, 'reversed')).answer).toMatchObject({ status: 400 })
    expect(answersOf(line, id)).toMatchObject({ acceptedTimes: 1, conflicted: 0 })
  })

  it.each([
    ['ethoca', 25, 400],
    ['ethoca', 23, 200],
    ['cdrn', 71, 200],
    ['cdrn', 73, 400],
  ] as const)('for %s, %d hours after the alert, is updated with %d', async (product, hours, status) => {
    const line = await open()
    const date = new Date(Date.now() - hours * 3_600_000).toISOString()
    const { id } = line.side.add({ type: 'init-refund', product, date })
    expect((await update(line, id, 'reversed')).answer).toMatchObject({ status })
    expect(answersOf(line, id).attempts).toMatchObject([{ result: status === 200 ? 'accepted' : 'late' }])
  })

  it('runs out after a time that can be set', async () => {
    const line = await open({ chargebackhitDeadlineMs: 40 })
    const id = await pend(line)
    await eventually(() => expect(Date.now()).toBeGreaterThan(answersOf(line, id).deadlineAt!))
    expect((await update(line, id, 'reversed')).answer).toMatchObject({ status: 400 })
    expect(answersOf(line, id)).toMatchObject({ final: null, outcome: 'pending' })
  })

  it('whose update meets a fault is answered by the next one, or was answered unseen', async () => {
    const line = await open()
    const id = await pend(line)
    line.sandbox.faults.set([
      { on: 'update-outcome', guid: id, times: 1, fault: { kind: 'status', status: 500 } },
      { on: 'update-outcome', orderId: 'o-1', times: 1, fault: { kind: 'commit-then-fail' } },
      { on: 'update-outcome', guid: 'another', fault: { kind: 'status', status: 503 } },
    ])
    expect((await update(line, id, 'reversed', 'o-1')).answer).toMatchObject({ status: 500 })
    expect(answersOf(line, id)).toMatchObject({ final: null, attempts: [{ by: 'webhook' }, { result: 'lost' }] })
    expect((await update(line, id, 'reversed', 'o-1')).answer).toMatchObject({ status: 500 })
    expect(answersOf(line, id).final).toMatchObject({ outcome: 'reversed' })
    expect((await update(line, id, 'reversed', 'o-1')).answer).toMatchObject({ status: 200 })
    expect(answersOf(line, id)).toMatchObject({ acceptedTimes: 2, conflicted: 0 })
  })

  it('whose update commits late stands only if nothing else does by then', async () => {
    const line = await open()
    const id = await pend(line)
    line.sandbox.faults.set([{ on: 'update-outcome', times: 1, fault: { kind: 'late-commit', ms: 80 } }])
    expect((await update(line, id, 'decline')).answer).toMatchObject({ status: 504 })
    expect((await update(line, id, 'reversed')).answer).toMatchObject({ status: 200 })
    await eventually(() => expect(answersOf(line, id).conflicted).toBe(1))
    expect(answersOf(line, id).final).toMatchObject({ outcome: 'reversed' })
  })
})

describe('while the webhook is down', () => {
  it('alerts are published and listed, and never delivered later', async () => {
    const line = await open()
    const heard = await line.openWebhook(() => ({ json: { outcome: 'pending' } }))
    line.side.pauseDelivery()
    const missed = line.side.add({ type: 'init-refund' })
    expect(await line.side.send(missed)).toMatchObject({ result: 'undelivered', status: null })
    line.side.resumeDelivery()
    await line.side.send(line.side.add({ type: 'init-refund', id: 'after' }))
    expect(heard.map(({ body }) => body.alert.id)).toEqual(['after'])
    const { value } = await line.api.listAlerts({ filter: { ids: [missed.id] } }, LIMITS)
    expect(value?.items).toMatchObject([{ alert: { id: missed.id, outcome: '' } }])
    expect((await update(line, missed.id, 'reversed')).answer).toMatchObject({ status: 200 })
  })
})

describe('a scenario', () => {
  it.each([
    ['cbh-inquiry', 'inquiry', 'oi'],
    ['cbh-prevented', 'prevented', 'oi'],
    ['cbh-init-refund-ethoca', 'init-refund', 'ethoca'],
    ['cbh-init-refund-cdrn', 'init-refund', 'cdrn'],
    ['cbh-rdr-resolved', 'resolved', 'rdr'],
    ['cbh-fraud-notification', 'fraud-notification', 'visa-fraud'],
    ['cbh-dispute-notification', 'dispute-notification', 'visa-dispute'],
  ])('%s sends %s (%s) about the order it is told, as the sandbox knows it', async (name, type, product) => {
    const line = await open()
    const heard = await line.openWebhook(() => ({ json: INQUIRY }))
    await sendOrder(line.sandbox, { order_id: 'o-1', order_total: '120.50', transaction_id: 't-1', auth_id: '778899' })
    await sendOrder(line.sandbox, { order_id: 'o-2', order_total: '1.00' })
    const { run, says } = line.side.scenarios.get(name)!
    expect(says).toMatch(/^[A-Z].*\.$/)
    const scene = run({ order_id: 'o-1' })
    expect(scene).toMatchObject({ scenario: name, order_id: 'o-1', alert_id: expect.any(String) })
    expect(await scene.delivered).toMatchObject({ result: 'accepted' })
    expect(heard[0]?.body).toMatchObject({
      alert: { id: scene.alert_id, type, product, amount: '120.50', currency: 'EUR' },
      transaction: {
        transaction_merchant_id: 't-1', auth_code: '778899', bin: '411111', last_four: '0614', amount: '120.50',
      },
      merchant: { internal_id: 'mid-7' },
    }) // prettier-ignore
    expect((await run({ order_id: 'o-2', amount: '0.40' }).delivered).result).toBe('accepted')
    expect(heard[1]?.body).toMatchObject({ alert: { amount: '0.40' }, transaction: { amount: '0.40' } })
  })

  it('takes an order that fits where none is told, and prepares the gateway for it', async () => {
    const line = await open()
    await sendOrder(line.sandbox, { order_id: 'back', order_total: '9.00', order_status: 'Refunded' })
    await sendOrder(line.sandbox, { order_id: 'void', order_total: '8.00', order_status: 'Cancelled' })
    await sendOrder(line.sandbox, { order_id: 'paid', order_total: '7.00' })
    const play = (name: string) => line.side.scenarios.get(name)!.run()
    expect(play('cbh-refunded-before')).toMatchObject({ order_id: 'back' })
    expect(line.sandbox.refunds.totals('back').refunded).toBe('9.00')
    expect(play('cbh-declined')).toMatchObject({ order_id: 'void' })
    expect(play('cbh-refund-refused')).toMatchObject({ order_id: 'paid' })
    expect(line.sandbox.gateway.snapshot().rules).toMatchObject([{ order_id: 'paid', behave: { kind: 'refuse' } }])
    expect(play('cbh-unmatched')).toMatchObject({ order_id: null })
    expect(() => play('cbh-inquiry')).toThrow('found no unused one')
  })
})

describe('its own routes', () => {
  it('show alerts, deliveries and accounts, and drive them', async () => {
    const line = await open()
    const heard = await line.openWebhook(() => ({ json: { outcome: 'pending' } }))
    await sendOrder(line.sandbox, { order_id: 'o-1', order_total: '5.00' })
    const at = `${line.sandbox.url}/_sandbox/chargebackhit`
    const played = await send('POST', `${at}/scenarios/cbh-init-refund-ethoca`, { json: { order_id: 'o-1' } })
    expect(played.body).toEqual({
      scenario: 'cbh-init-refund-ethoca', order_id: 'o-1', alert_id: expect.any(String),
    }) // prettier-ignore
    await eventually(() => expect(answersOf(line, played.body.alert_id).outcome).toBe('pending'))
    const one = await send('GET', `${at}/alerts/${played.body.alert_id}`)
    expect(one.body).toMatchObject({ alert: { amount: '5.00', outcome: 'pending' }, answers: { attempted: 1 } })
    expect((await send('GET', `${at}/alerts`)).body).toEqual({ alerts: [one.body] })
    expect((await send('GET', `${at}/alerts/none`)).status).toBe(404)
    expect((await send('GET', `${at}/deliveries`)).body.deliveries).toMatchObject([{ status: 200, result: 'accepted' }])
    expect((await send('GET', `${at}/accounts`)).body).toMatchObject({ merchants: { length: 3 }, caids: { length: 5 } })
    expect((await send('PUT', `${at}/webhook`, { json: { paused: true } })).body).toEqual({ paused: true })
    const made = await send('POST', `${at}/alerts`, { json: { type: 'resolved', amount: '1.10', send: true } })
    expect(made.body).toMatchObject({ type: 'resolved', alert: { product: 'rdr', amount: '1.10' } })
    expect((await send('POST', `${at}/alerts`, { json: { type: 'refund' } })).status).toBe(422)
    expect((await send('POST', `${at}/scenarios/none`)).status).toBe(404)
    expect((await send('GET', `${at}/scenarios`)).body.scenarios).toHaveLength(line.side.scenarios.size)
    expect(heard).toHaveLength(1)
    await send('DELETE', `${line.sandbox.url}/_sandbox`)
    expect((await send('GET', `${at}/alerts`)).body).toEqual({ alerts: [] })
  })

  it('are no way around the signature, nor is a wrong path, method or type', async () => {
    const line = await open()
    const at = `${line.url}/api/v2`
    const headers = (body: string) => ({
      signature: signatureOf(line.keys, body),
      public_key: line.keys.publicKey,
    })
    expect((await send('GET', `${at}/alerts/1`)).body).toMatchObject({ error: { code: 'unauthorized' } })
    expect((await send('GET', `${at}/nothing`, { headers: headers('') })).body).toMatchObject({
      error: { code: 'not_found', constraints: {} },
    })
    expect((await send('POST', `${at}/alerts/list`, { json: '{"a"', headers: headers('{"a"') })).status).toBe(400)
    expect((await send('POST', `${at}/alerts/list`, { json: '{}', headers: headers('{ }') })).status).toBe(401)
    const form = { ...headers('{}'), 'content-type': 'text/plain' }
    expect((await send('POST', `${at}/alerts/list`, { json: '{}', headers: form })).status).toBe(400)
  })
})

it('closing the sandbox ends what is under way', async () => {
  const [again, under] = await Promise.all([startSandbox({ chargebackhitRedeliverMs: 1 }), startSandbox()])
  let heard = 0
  const server = createServer(() => void (heard += 1)).listen(0, '127.0.0.1') // It never answers.
  await once(server, 'listening')
  again.chargebackhit.notifyAt('http://127.0.0.1:9/hooks')
  await again.chargebackhit.send(again.chargebackhit.add({ type: 'resolved' }))
  under.chargebackhit.notifyAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`)
  const sent = under.chargebackhit.send(under.chargebackhit.add({ type: 'resolved' }))
  await eventually(() => expect(heard).toBe(1))
  const startedAt = performance.now()
  await Promise.all([again.close(), under.close()])
  expect(await sent).toMatchObject({ result: null })
  expect(performance.now() - startedAt, 'a call lasts 10 s').toBeLessThan(5_000 * patience())
  server.closeAllConnections()
  server.close()
  expect(await again.chargebackhit.send(again.chargebackhit.add({ type: 'resolved' }))).toMatchObject({
    result: 'unanswered',
  })
})
