import { describe, expect, it } from 'vitest'
import { catchUpAlerts } from '../../src/jobs/catch-up-alerts.ts'
import { preventionNew } from '../../src/sandbox/event-payloads.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const IDLE = { attemptsMade: 0, signal: new AbortController().signal }
/** A name that only the buyer of these tests bears. */
const EMAIL = 'forget.me@example.com'

const everything = async ({ deps }: OpsLine): Promise<string> =>
  JSON.stringify([...(await dumpKeys(deps.redis, `{${deps.config.REDIS_NAMESPACE}}:*`))])

describe('an order that was erased after its alert was answered', () => {
  it('does not come back with the alert, by the hook or by the list of alerts', async () => {
    const line = await open()
    line.sandbox.payments.set('E-1', { captured: '30.00', currency: 'USD' })
    await line.sold('E-1', { email_address: EMAIL, arn: '74012345678901234567890' })
    const midigator = await line.alert()
    await line.match(midigator, 'E-1')
    await line.askRefund('E-1')
    await line.caseOf(midigator.prevention_guid, one => one.state === 'resolved')
    const { alert_id: alertId, delivered } = line.sandbox.chargebackhit.scenarios.get('cbh-init-refund-ethoca')!.run({ order_id: 'E-1' }) // prettier-ignore
    await delivered
    await line.caseOf(`chargebackhit:${alertId}`, one => one.state === 'resolved')

    expect((await line.post('/api/orders/E-1/forget')).body).toMatchObject({ was_known: true, cases_removed: 3 })
    const cases = async () => (await line.get('/api/cases')).body.cases
    expect(await cases()).toEqual([])

    // The platform sends its event again, late, and lists the other one still.
    expect(await line.send(preventionNew(midigator, 'v0.6').members)).toBe(200)
    await line.match(midigator, 'E-1')
    await line.deps.redis.del(line.deps.keys.caughtUp)
    expect(await catchUpAlerts.run({}, line.deps.jobDeps, IDLE)).toMatchObject({ outcome: 'done' })
    expect(await cases()).toEqual([])
    const kept = await everything(line)
    expect(kept).not.toContain(EMAIL)
    expect(kept).not.toContain(`case:midigator:${midigator.prevention_guid}`)
    expect(kept).not.toContain(`case:chargebackhit:${alertId}`)
    expect(kept).not.toContain('401288')
  })

  it('answers another network’s late alert over what was refunded from the ledger, and asks about one over more', async () => {
    const line = await open()
    line.sandbox.payments.set('E-3', { captured: '30.00', currency: 'USD' })
    await line.sold('E-3', { email_address: EMAIL })
    const first = await line.alert()
    await line.match(first, 'E-3')
    await line.askRefund('E-3')
    await line.caseOf(first.prevention_guid, one => one.state === 'resolved')
    expect((await line.post('/api/orders/E-3/forget')).status).toBe(200)
    const late = await line.alert({ partner: 'verifi' })
    await line.match(late, 'E-3')
    const record = await line.caseOf(late.prevention_guid, one => one.state === 'resolved')
    // Its refund was made within minutes of this alert, too.
    expect(record.resolution?.type).toBe('issued_full_refund')
    const other = await line.alert({ partner: 'verifi', amount: '45.00' })
    await line.match(other, 'E-3')
    expect((await line.caseOf(other.prevention_guid, one => one.state === 'parked')).reason).toBe('order-erased')
    expect(line.refundCalls('E-3')).toHaveLength(1)
    expect(await everything(line)).not.toContain(EMAIL)
  })

  it('asks a person about another alert of it, which says what can be done', async () => {
    const line = await open()
    await line.sold('E-2', { email_address: EMAIL })
    expect((await line.post('/api/orders/E-2/forget')).status).toBe(200)
    const alert = await line.alert()
    await line.match(alert, 'E-2')
    const record = await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
    expect(record.reason).toBe('order-erased')
    const id = encodeURIComponent(record.id)
    expect((await line.get(`/api/cases/${id}`)).body).toMatchObject({
      why: 'order-erased',
      may: { resolve: { allowed: true } },
    })
    const answer = { resolution_type: 'other', other_description: 'Refunded by hand.' }
    expect((await line.post(`/api/cases/${id}/resolve`, answer)).status).toBe(200)
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    expect(await everything(line)).not.toContain(EMAIL)
  })
})
