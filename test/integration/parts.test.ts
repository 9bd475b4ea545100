import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/ops/doctor.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const NO_ORDERS = { MIDIGATOR_DATA_USERNAME: '', MIDIGATOR_DATA_PASSWORD: '' }
const NO_MIDIGATOR_ALERTS = {
  MIDIGATOR_API_SECRET: '',
  MIDIGATOR_HOOK_USERNAME: '',
  MIDIGATOR_HOOK_PASSWORD: '',
  MIDIGATOR_EMAIL: '',
}
const NO_CHARGEBACKHIT = { CHARGEBACKHIT_PUBLIC_KEY: '', CHARGEBACKHIT_SECRET_KEY: '' }
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
    const line = await open({ ...NO_MIDIGATOR_ALERTS, ...NO_CHARGEBACKHIT, ...NO_REFUNDS, REFUND_MODE: '' })
    await line.sold('O-1')
    const said = await doctor(line)
    expect(said.get('alerts')).toContain('not configured: orders alone are kept current')
  })

  it('alerts of Midigator alone, with refunds off and no gateway, wait for a person and are answered', async () => {
    const line = await open({ ...NO_ORDERS, ...NO_CHARGEBACKHIT, ...NO_REFUNDS })
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
    expect(await line.deps.queues.of('sync-order').getJobCounts('waiting', 'delayed', 'prioritized')).toEqual({ waiting: 0, delayed: 0, prioritized: 0 }) // prettier-ignore
    expect(line.sandbox.inbox.record('O-2')).toBeUndefined()
  })

  it('Chargebackhit alone refunds and answers', async () => {
    const line = await open({ ...NO_ORDERS, ...NO_MIDIGATOR_ALERTS })
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
