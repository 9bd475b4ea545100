import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { settled, useAlertLines } from './alert-line.ts'

const open = useAlertLines()

describe('an `order.refund` sent a hundred times at once', () => {
  it('refunds once, without any alert', async () => {
    const line = await open()
    await line.sold('R-1')
    await Promise.all(Array.from({ length: 100 }, () => line.askRefund('R-1')))
    const guid = line.sandbox.alerts.nameOrder('R-1')
    const record = await line.caseOf(guid, one => one.state === 'refunded')
    expect(record).toMatchObject({ orderId: 'R-1', kind: 'request', why: 'refund-done' })
    await settled(line)
    expect(line.refundCalls('R-1')).toHaveLength(1)
    expect(line.sandbox.refunds.totals('R-1')).toMatchObject({ effective: 1, refunded: '30.00' })
    expect((await line.deps.cases.list(null, 10, null)).ids).toEqual([`midigator:${guid}`])
  })

  it('refunds once, with an alert that answers for it and is the only case listed', async () => {
    const line = await open()
    await line.sold('R-2')
    const sent = Array.from({ length: 100 }, () => line.askRefund('R-2'))
    const alert = await line.alert()
    await Promise.all([...sent, line.match(alert, 'R-2')])
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    await settled(line)
    expect(line.refundCalls('R-2')).toHaveLength(1)
    expect(line.sandbox.alerts.get(alert.prevention_guid)?.resolutions).toMatchObject({ attempted: 1 })
    await eventually(async () =>
      expect((await line.deps.cases.list(null, 10, null)).ids).toEqual([`midigator:${alert.prevention_guid}`]),
    )
  })
})
