import { describe, expect, it } from 'vitest'
import { catchUpAlerts } from '../../src/jobs/catch-up-alerts.ts'
import { preventionNew } from '../../src/sandbox/event-payloads.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const IDLE = { attemptsMade: 0, signal: new AbortController().signal }
/** A name that only the buyer of these tests bears. */
const EMAIL = 'forget.me@example.com'

const everything = async ({ deps }: OpsLine): Promise<string> =>
  JSON.stringify([...(await dumpKeys(deps.redis, `{${deps.config.REDIS_NAMESPACE}}:*`))])

describe('an order that was erased after its alert was answered', () => {
  it.runIf(isLong)('does not come back with the alert, by the hook or by the list of alerts', async () => {
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

  it('answers another network’s late alert from the ledger once its refund can no longer fail, and asks about any other', async () => {
    const line = await open()
    const { refunds } = line.deps
    for (const id of ['E-3', 'E-4']) {
      line.sandbox.payments.set(id, { captured: '30.00', currency: 'USD' })
      await line.sold(id, { email_address: EMAIL })
      const first = await line.alert()
      await line.match(first, id)
      await line.askRefund(id)
      await line.caseOf(first.prevention_guid, one => one.state === 'resolved')
    }
    // As the last look of thirty days leaves it.
    await eventually(async () => {
      const before = await refunds.read('E-3')
      const claims = before.claims.map(one => (one.state === 'confirmed' ? { ...one, lookAt: null } : one))
      expect(await refunds.commit({ before, ledger: { ...before, claims }, lookAt: null, takes: null, event: null })).toBe('written')
    })
    for (const id of ['E-3', 'E-4']) expect((await line.post(`/api/orders/${id}/forget`)).status).toBe(200)
    const late = async (id: string, more: object) => {
      const alert = await line.alert(more)
      await line.match(alert, id)
      const { state, reason, resolution } = await line.caseOf(alert.prevention_guid, one => ['resolved', 'parked'].includes(one.state))
      return state === 'resolved' ? resolution?.type : reason
    }
    // Its refund was made within minutes of this alert, too.
    expect(await late('E-3', { partner: 'verifi' })).toBe('issued_full_refund')
    expect(await late('E-3', { partner: 'verifi', amount: '45.00' })).toBe('order-erased')
    expect(await late('E-3', { partner: 'ethoca' })).toBe('order-erased')
    // Erased while its refund could still fail.
    expect(await late('E-4', { partner: 'verifi' })).toBe('order-erased')
    expect([line.refundCalls('E-3').length, line.refundCalls('E-4').length]).toEqual([1, 1])
    expect(await everything(line)).not.toContain(EMAIL)
  }) // prettier-ignore

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
