import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/ops/doctor.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'
import { queueViews } from '../../src/queue/inspect.ts'

const open = useOpsLines()
const NO_ORDERS = { MIDIGATOR_DATA_USERNAME: '', MIDIGATOR_DATA_PASSWORD: '' }
const NO_MIDIGATOR_ALERTS = {
  MIDIGATOR_API_SECRET: '',
  MIDIGATOR_HOOK_USERNAME: '',
  MIDIGATOR_HOOK_PASSWORD: '',
  MIDIGATOR_EMAIL: '',
}
const NO_CHARGEBACKHIT = { CHARGEBACKHIT_PUBLIC_KEY: '', CHARGEBACKHIT_SECRET_KEY: '' }
const MANUAL = { REFUND_GATEWAY: 'manual', REFUND_HTTP_URL: '', REFUND_HTTP_SECRET: '' }
const NO_REFUNDS = { REFUND_MODE: 'off', REFUND_HTTP_URL: '', REFUND_HTTP_SECRET: '' }

/** What `doctor` says, by the name of its line; nothing may be a fault. */
async function doctor({ deps }: OpsLine): Promise<Map<string, string>> {
  const said = new Map<string, string>()
  for await (const line of diagnose(deps.config, deps)) {
    if (line.ok === false) throw new Error(`${line.name}: ${line.says}`)
    said.set(line.name, line.says)
  }
  return said
}
const resolve = (line: OpsLine, id: string) =>
  line.post(`/api/cases/${encodeURIComponent(id)}/resolve`, { resolution_type: 'other', other_description: 'Refunded by hand.' }) // prettier-ignore

describe('with every daemon up', () => {
  it('orders alone are pushed', async () => {
    const line = await open(
      { ...NO_MIDIGATOR_ALERTS, ...NO_CHARGEBACKHIT, ...NO_REFUNDS, REFUND_MODE: '' },
      { isScheduled: true },
    )
    await line.sold('O-1')
    const said = await doctor(line)
    expect(said.get('alerts')).toContain('not configured: orders alone are kept current')
  })

  it('alerts of Midigator alone, with refunds off and no gateway, wait for a person and are answered', async () => {
    const line = await open({ ...NO_ORDERS, ...NO_CHARGEBACKHIT, ...NO_REFUNDS }, { isScheduled: true })
    await line.sell('O-2')
    const alert = await line.alert()
    await line.match(alert, 'O-2')
    await line.askRefund('O-2')
    const id = `midigator:${alert.prevention_guid}`
    await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
    expect((await resolve(line, id)).status).toBe(200)
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    expect(line.refundCalls('O-2')).toEqual([])
    const said = await doctor(line)
    expect(said.get('orders')).toMatch(/^idle: stored for matching/)
    expect(said.get('refund gateway')).toMatch(/^idle: none is configured/)
    // What is pushed nowhere waits in no queue.
    expect(await queueViews(line.deps.queues, ['sync-order'])).toMatchObject([{ waiting: 0, active: 0, delayed: 0 }])
    expect(line.sandbox.inbox.record('O-2')).toBeUndefined()
  })

  it('Chargebackhit alone refunds and answers', async () => {
    const line = await open({ ...NO_ORDERS, ...NO_MIDIGATOR_ALERTS }, { isScheduled: true })
    line.sandbox.payments.set('O-3', { captured: '30.00', currency: 'USD' })
    await line.sell('O-3', { arn: '74012345678901234567890' })
    const { chargebackhit } = line.sandbox
    const { alert_id: alertId, delivered } = chargebackhit.scenarios.get('cbh-init-refund-ethoca')!.run({
      order_id: 'O-3', amount: '30.00', currency: 'USD', arn: '74012345678901234567890', card_first_6: '401288', card_last_4: '1881',
    }) // prettier-ignore
    expect((await delivered).status).toBe(200)
    await line.caseOf(`chargebackhit:${alertId}`, one => one.state === 'resolved')
    expect(line.sandbox.refunds.list('O-3')).toMatchObject([{ amount: '30.00', effective: true }])
    expect(chargebackhit.alerts.get(alertId)!.answers.final).toMatchObject({ outcome: 'reversed' })
    expect((await doctor(line)).get('orders')).toMatch(/^idle/)
    expect((await line.get('/api/overview')).body.services).toMatchObject([{ name: 'chargebackhit' }])
  })
})

describe('where people refund by hand', () => {
  /** An alert whose refund waits for people; answers its guid. */
  async function waiting(line: OpsLine, orderId: string): Promise<string> {
    await line.sold(orderId)
    const alert = await line.alert()
    await line.match(alert, orderId)
    await line.askRefund(orderId)
    expect((await line.caseOf(alert.prevention_guid, one => one.state === 'parked')).reason).toBe('no-gateway')
    return alert.prevention_guid
  }
  const at = (ms: number) => new Date(ms).toISOString()
  const answerOf = async (line: OpsLine, guid: string) => (await line.caseOf(guid, one => one.state === 'resolved')).resolution?.type // prettier-ignore

  it('an alert is answered once the CRM states the amount, and never for a status word alone', async () => {
    const line = await open({ ...MANUAL }, { isScheduled: true })
    const guid = await waiting(line, 'M-1')
    expect((await doctor(line)).get('refund gateway')).toMatch(/^manual: people refund/)
    await line.tell({ order_id: 'M-1', occurred_at: at(Date.now()), order_status: 'Refunded', is_refund: true })
    expect((await line.caseOf(guid, one => one.reason !== 'no-gateway')).state).toBe('parked')
    await line.tell({ order_id: 'M-1', occurred_at: at(Date.now()), refunded_to_date: '30.00' })
    expect(await answerOf(line, guid)).toBe('issued_full_refund')
  })

  it.runIf(isLong)('or once a person records it with amount, time and reference, also part by part', async () => {
    const line = await open({ ...MANUAL }, { isScheduled: true })
    const guid = await waiting(line, 'M-2')
    const path = `/api/cases/${encodeURIComponent(`midigator:${guid}`)}/refunded`
    const record = (amount: string, ms = 0) => line.post(path, { amount, refunded_at: at(Date.now() + ms), reference: 'R-77' }) // prettier-ignore
    expect(await line.post(path, { amount: 'all' })).toMatchObject({ status: 422, body: { errors: [{ field: 'amount' }, { field: 'refunded_at' }] } }) // prettier-ignore
    expect(await record('30.01')).toMatchObject({ status: 409, body: { code: 'not-now' } })
    expect(await record('10', 3_600_000)).toMatchObject({ status: 409 })
    expect(await record('10')).toMatchObject({ status: 200, body: { says: 'the refund of 10.00 USD by hand is recorded', state: 'parked' } }) // prettier-ignore
    expect((await record('20')).status).toBe(200)
    expect(await answerOf(line, guid)).toBe('issued_full_refund')
    await eventually(() => expect(line.sandbox.inbox.record('M-2')).toMatchObject({ is_refund: 1, refunded_to_date: '30.00' })) // prettier-ignore
    const { body } = await line.get(path.replace('/refunded', ''))
    expect(JSON.stringify(body.story ?? body)).toContain('recorded a refund of 20.00 USD by hand, reference R-77')
    expect(await record('1')).toMatchObject({ status: 409 })
  })

  it('nothing is recorded by hand where a gateway lists its refunds', async () => {
    const line = await open({ REFUND_MODE: 'approve' }, { isScheduled: true })
    await line.sold('M-3')
    const alert = await line.alert()
    await line.match(alert, 'M-3')
    await line.askRefund('M-3')
    await line.caseOf(alert.prevention_guid, one => one.state === 'awaiting-approval')
    const said = await line.post(`/api/cases/${encodeURIComponent(`midigator:${alert.prevention_guid}`)}/refunded`, { amount: '30', refunded_at: at(Date.now()) }) // prettier-ignore
    expect(said).toMatchObject({ status: 409, body: { message: expect.stringContaining('found there') as string } })
  })
})
