import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { signatureOf } from '../../src/platforms/chargebackhit/signature.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import { eventually } from '../support/eventually.ts'
import { few, isLong } from '../support/long.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const resolved = (record: CaseRecord) => record.state === 'resolved'

/** Plays a scenario on an order that the platform has; answers the alert, its case, and how its first delivery ended. */
async function play(line: AlertLine, name: string, orderId?: string, options: object = {}) {
  const wish = { ...(orderId !== undefined && { order_id: orderId }), ...options }
  const { alert_id: alertId, delivered } = line.sandbox.chargebackhit.scenarios.get(name)!.run(wish)
  const { status, body } = await delivered
  return { alertId, id: `chargebackhit:${alertId}`, status, said: JSON.parse(body) as Record<string, unknown> }
}

/** All that was answered to an alert. */
const answersTo = ({ sandbox }: AlertLine, alertId: string) => sandbox.chargebackhit.alerts.get(alertId)!.answers

describe('an init-refund of Chargebackhit', () => {
  it.each(few(['cbh-init-refund-ethoca', 'cbh-init-refund-cdrn']))(
    '(%s) is answered pending, refunded once, and updated to reversed; its order tells of the refund',
    async name => {
      const line = await open()
      const orderId = await line.sold('cbh-1')
      const { id, alertId, status, said } = await play(line, name, orderId)
      expect({ status, said }).toEqual({ status: 200, said: { outcome: 'pending', order: { order_id: orderId } } })
      await line.caseOf(id, resolved)
      expect(line.sandbox.refunds.list(orderId)).toMatchObject([{ amount: '30.00', effective: true }])
      expect(answersTo(line, alertId)).toMatchObject({
        final: { outcome: 'reversed', order_id: orderId, by: 'update' }, acceptedTimes: 1, conflicted: 0,
      }) // prettier-ignore
      await eventually(() =>
        expect(line.sandbox.inbox.record(orderId)).toMatchObject({ is_refund: 1, order_status: 'Refunded' }),
      )
    },
  )

  it('of an order refunded before is updated to previously-reversed, and no money moves', async () => {
    const line = await open()
    const orderId = await line.sold('cbh-2', { order_status: 'Refunded', is_refund: true, refunded_to_date: '30.00' })
    const { id, alertId } = await play(line, 'cbh-refunded-before', orderId)
    await line.caseOf(id, resolved)
    expect(answersTo(line, alertId).final).toMatchObject({ outcome: 'previously-reversed' })
    expect(line.refundCalls(orderId)).toEqual([])
  })

  it('of an order that never was paid is updated to decline', async () => {
    const line = await open()
    const orderId = await line.sold('cbh-3', { order_status: 'Cancelled', payment_state: 'voided' })
    const { id, alertId } = await play(line, 'cbh-declined', orderId, { amount: '30.00', currency: 'USD' })
    await line.caseOf(id, resolved)
    expect(answersTo(line, alertId).final).toMatchObject({ outcome: 'decline' })
  })

  it('whose refund the gateway refuses is updated to reverse-error at its hard stop', async () => {
    const line = await open({ CASE_STOP_MINUTES: '1439' })
    const orderId = await line.sold('cbh-4')
    const twoMinutesAgo = `${new Date(Date.now() - 120_000).toISOString().slice(0, 19)}Z`
    const { id, alertId } = await play(line, 'cbh-refund-refused', orderId, { prevention_timestamp: twoMinutesAgo })
    await line.caseOf(id, resolved)
    expect(answersTo(line, alertId).final).toMatchObject({ outcome: 'reverse-error' })
    expect(line.sandbox.refunds.list(orderId).filter(({ effective }) => effective)).toEqual([])
  })

  it('that fits no order is updated to not-found at its hard stop, and names none', async () => {
    const line = await open({ CASE_STOP_MINUTES: '1439' })
    await line.sold('cbh-5')
    const twoMinutesAgo = `${new Date(Date.now() - 120_000).toISOString().slice(0, 19)}Z`
    const { id, alertId, said } = await play(line, 'cbh-unmatched', undefined, { prevention_timestamp: twoMinutesAgo })
    expect(said).toEqual({ outcome: 'pending' })
    await line.caseOf(id, resolved)
    expect(answersTo(line, alertId).final).toMatchObject({ outcome: 'not-found', order_id: null })
  })

  it('is answered shipped where a person says so, and no money moves after', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const orderId = await line.sold('cbh-6')
    const { id, alertId } = await play(line, 'cbh-init-refund-ethoca', orderId)
    await line.caseOf(id, record => record.state === 'awaiting-approval')
    await line.decide(id, { decision: 'resolve', resolution: { type: 'shipped', description: '' } })
    await line.caseOf(id, resolved)
    expect(answersTo(line, alertId)).toMatchObject({ final: { outcome: 'shipped' }, conflicted: 0 })
    expect(line.refundCalls(orderId)).toEqual([])
  })

  it('that somebody has answered at the platform itself is a person’s matter, and no money moves', async () => {
    const line = await open({}, { without: ['alerts'] })
    const orderId = await line.sold('cbh-7')
    const { id, alertId } = await play(line, 'cbh-init-refund-ethoca', orderId)
    const { url, keys } = { url: line.sandbox.chargebackhitUrl, keys: line.sandbox.chargebackhit.keys }
    const body = JSON.stringify({ outcome: 'shipped' })
    const headers = {
      'content-type': 'application/json',
      public_key: keys.publicKey,
      signature: signatureOf(keys, body),
    }
    const answered = await fetch(`${url}/api/v2/alerts/${alertId}/update-outcome`, { method: 'POST', headers, body })
    expect(answered.status).toBe(200)
    await line.start('alerts')
    expect(await line.caseOf(id, record => record.state === 'parked')).toMatchObject({ reason: 'answered-elsewhere' })
    expect(line.refundCalls(orderId)).toEqual([])
  })

  it.runIf(isLong)(
    'has exactly one final outcome, also where every other update fails after it took effect',
    async () => {
      const line = await open()
      line.sandbox.faults.set([
        { on: 'update-outcome', probability: 0.5, fault: { kind: 'commit-then-fail' } },
        { on: 'update-outcome', probability: 0.5, fault: { kind: 'commit-then-reset' } },
      ])
      const ids = await Promise.all(['f-1', 'f-2', 'f-3', 'f-4', 'f-5', 'f-6'].map(id => line.sold(id)))
      const alerts = await Promise.all(ids.map(orderId => play(line, 'cbh-init-refund-ethoca', orderId)))
      for (const { id, alertId } of alerts) {
        await line.caseOf(id, resolved)
        expect(answersTo(line, alertId)).toMatchObject({ final: { outcome: 'reversed' }, conflicted: 0 })
      }
    },
  )
})

describe('what only informs', () => {
  it.each([
    ['cbh-prevented', 'alert'],
    ['cbh-rdr-resolved', 'alert'],
  ])('(%s) is acknowledged with its order, noted, never refunded and never answered again', async (name, kind) => {
    const line = await open()
    const orderId = await line.sold('n-1')
    const { id, alertId, said } = await play(line, name, orderId)
    expect(said).toEqual({ outcome: 'acknowledged', order: { order_id: orderId } })
    expect(await line.caseOf(id, record => record.orderId === orderId)).toMatchObject({ state: 'noted', kind })
    expect(line.refundCalls(orderId)).toEqual([])
    expect(answersTo(line, alertId)).toMatchObject({ final: { outcome: 'acknowledged', by: 'webhook' }, attempted: 1 })
  })

  it('of fraud marks the order as fraud, and of a dispute as charged back', async () => {
    const line = await open()
    const [fraud, dispute] = [await line.sold('n-2'), await line.sold('n-3')]
    expect((await play(line, 'cbh-fraud-notification', fraud)).said).toMatchObject({ outcome: 'acknowledged' })
    expect((await play(line, 'cbh-dispute-notification', dispute)).said).toMatchObject({ outcome: 'acknowledged' })
    await eventually(() => {
      expect(line.sandbox.inbox.record(fraud)).toMatchObject({ is_fraud: 1 })
      expect(line.sandbox.inbox.record(dispute)).toMatchObject({ is_chargeback: 1 })
    })
  })

  it('of an unknown type is kept and acknowledged, also where it is packed', async () => {
    const line = await open()
    const { keys } = line.sandbox.chargebackhit
    const body = JSON.stringify({ alert: { id: 'x', type: 'pre-arbitration' }, transaction: {}, merchant: {} })
    const send = (sent: Uint8Array | string, more = {}) =>
      fetch(line.hookUrl.replace('midigator', 'chargebackhit'), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          public_key: keys.publicKey,
          signature: signatureOf(keys, body),
          ...more,
        },
        body: sent,
      })
    const packed = new Uint8Array(gzipSync(body))
    expect((await send(packed)).status).toBe(401)
    expect((await send(new Uint8Array(gzipSync(body + ' ')), { 'content-encoding': 'gzip' })).status).toBe(401)
    expect((await send(packed, { 'content-encoding': 'gzip' })).status).toBe(200)
    const answer = await send(body)
    expect({ status: answer.status, said: await answer.json() }).toEqual({
      status: 200,
      said: { outcome: 'acknowledged' },
    })
    expect(await line.deps.events.figures()).toMatchObject({ unknown: 2 })
  })
})

describe('an inquiry', () => {
  it('is answered at once with what is known of its order', async () => {
    const line = await open()
    const orderId = await line.sold('i-1', {
      customer_id: 'c-1',
      email_address: 'jane@example.com',
      ip_address: '203.0.113.7',
    })
    const { said, id } = await play(line, 'cbh-inquiry', orderId)
    expect(said).toMatchObject({
      outcome: 'acknowledged',
      order: { order_id: orderId, amount: '30.00', currency: 'USD' },
      customer: { customer_id: 'c-1', email: 'jane@example.com' },
      transactions: [{ amount: '30.00', bin: '401288', last_four: '1881' }],
      products: [],
    })
    expect(await line.caseOf(id, record => record.orderId === orderId)).toMatchObject({ state: 'noted' })
  })

  it('on a fraud dispute tells of two earlier orders that are compelling evidence, and of none where they are not', async () => {
    const line = await open()
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString()
    const buyer = { customer_id: 'c-9', ip_address: '203.0.113.9', device_id: 'd-9', cc_last_4: '9009' }
    await line.sold('old-1', { ...buyer, order_date: day(200), transaction_id: 'T-old-1' })
    await line.sold('old-2', { ...buyer, order_date: day(300), transaction_id: 'T-old-2' })
    await line.sold('young', { ...buyer, order_date: day(30), transaction_id: 'T-young' })
    const orderId = await line.sold('disputed', buyer)
    const of = ({ said }: Awaited<ReturnType<typeof play>>) =>
      (said['transactions'] as { transaction_merchant_id: string }[]).map(one => one.transaction_merchant_id)
    const fraud = await play(line, 'cbh-inquiry', orderId, { reason_code: '10.4' })
    expect(of(fraud)).toEqual(['T-disputed', 'T-old-1', 'T-old-2'])
    const service = await play(line, 'cbh-inquiry', orderId, { reason_code: '13.1' })
    expect(of(service)).toEqual(['T-disputed'])
  })

  it('about an order that nobody can tell is acknowledged with an empty customer and no products', async () => {
    const line = await open()
    const { said } = await play(line, 'cbh-inquiry', undefined, { order_id: 'nobody', amount: '9.99', currency: 'USD' })
    expect(said).toEqual({ outcome: 'acknowledged', customer: {}, products: [] })
  })
})

describe('an order with an alert of either platform', () => {
  const both = async (line: AlertLine, orderId: string, order: 'midigator' | 'chargebackhit' | 'at once') => {
    const first = async () => line.play('ethoca-full-refund', { order_id: orderId })
    const second = async () => play(line, 'cbh-init-refund-ethoca', orderId)
    if (order === 'at once') {
      const [one, two] = await Promise.all([first(), second()])
      return { guid: one.prevention_guid!, ...two }
    }
    if (order === 'midigator') {
      const { prevention_guid: guid } = await first()
      await line.caseOf(guid!, resolved)
      return { guid: guid!, ...(await second()) }
    }
    const two = await second()
    await line.caseOf(two.id, resolved)
    return { guid: (await first()).prevention_guid!, ...two }
  }

  it.each(few(['at once', 'midigator', 'chargebackhit'] as const))('is refunded once, whichever comes first (%s)', async order => {
    const line = await open()
    const orderId = await line.sold(`both-${order.length}`)
    const { guid, id, alertId } = await both(line, orderId, order)
    await line.caseOf(guid, resolved)
    await line.caseOf(id, resolved)
    expect(line.sandbox.refunds.list(orderId).filter(({ effective }) => effective)).toHaveLength(1)
    const answers = [
      line.sandbox.alerts.get(guid)?.resolutions.accepted?.resolution_type,
      answersTo(line, alertId).final?.outcome,
    ]
    // Neither alert was issued after the refund: it is the answer to both.
    expect(answers).toEqual(['issued_full_refund', 'reversed'])
  }) // prettier-ignore
})

describe('while the webhook is down', () => {
  it.runIf(isLong)('the list brings in every alert, each once', async () => {
    const line = await open()
    const ids = await Promise.all(['d-1', 'd-2', 'd-3'].map(id => line.sold(id)))
    line.sandbox.chargebackhit.pauseDelivery()
    const missed = ids.map(orderId => line.sandbox.chargebackhit.scenarios.get('cbh-init-refund-ethoca')!.run({ order_id: orderId }))
    for (const { alert_id: alertId } of missed) {
      await line.caseOf(`chargebackhit:${alertId}`, resolved)
      expect(answersTo(line, alertId)).toMatchObject({ final: { outcome: 'reversed' }, conflicted: 0 })
    }
    line.sandbox.chargebackhit.resumeDelivery()
    expect((await line.deps.cases.list(null, 100, null)).ids).toHaveLength(3)
    for (const orderId of ids) expect(line.sandbox.refunds.list(orderId).filter(({ effective }) => effective)).toHaveLength(1)
  }) // prettier-ignore
})
