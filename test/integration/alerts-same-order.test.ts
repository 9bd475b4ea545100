import { describe, expect, it } from 'vitest'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const ARN = '74537604221222132710572'
const answerOf = (line: AlertLine, guid: string) =>
  line.sandbox.alerts.get(guid)?.resolutions.accepted?.resolution_type ?? null

describe('two alerts on one order', () => {
  it('are one refund, whichever came first, and both are answered with it: neither was issued after the refund', async () => {
    const line = await open()
    const pairs = await Promise.all(
      ['W-1', 'W-2', 'W-3'].map(async (id, i) => {
        await line.sold(id)
        const [a, b] = [await line.alert(), await line.alert({ partner: 'verifi' })]
        const [first, second] = i === 1 ? [b, a] : [a, b]
        if (i === 2) await Promise.all([line.match(a, id), line.match(b, id), line.askRefund(id)])
        else {
          await line.match(first, id)
          await line.askRefund(id)
          await line.match(second, id)
        }
        return [first.prevention_guid, second.prevention_guid] as const
      }),
    )
    await eventually(() => {
      const answers = pairs.map(pair => pair.map(guid => answerOf(line, guid) ?? '').toSorted())
      expect(answers).toEqual(pairs.map(() => ['issued_full_refund', 'issued_full_refund']))
    })
    for (const id of ['W-1', 'W-2', 'W-3']) expect(line.refundCalls(id)).toHaveLength(1)
  })

  it('of one network and with two case numbers are two sales: the second waits for a person and is not answered', async () => {
    const line = await open()
    await line.sold('U-1')
    const first = await line.alert()
    await line.match(first, 'U-1')
    await line.askRefund('U-1')
    await line.caseOf(first.prevention_guid, one => one.state === 'resolved')
    const second = await line.alert({ amount: '12.50' })
    await line.match(second, 'U-1')
    const parked = await line.caseOf(second.prevention_guid, one => one.state === 'parked')
    expect(parked.reason).toBe('second-alert-of-network')
    expect(line.sandbox.alerts.get(second.prevention_guid)?.resolutions.attempted).toBe(0)
    expect(line.refundCalls('U-1')).toHaveLength(1)
  })

  it.runIf(isLong)('of unequal amounts and the same ARN are one sale: both are answered with its refund', async () => {
    const line = await open()
    await line.sold('U-2', { arn: ARN })
    const first = await line.alert({ arn: ARN })
    await line.match(first, 'U-2')
    await line.askRefund('U-2')
    await line.caseOf(first.prevention_guid, one => one.state === 'resolved')
    const second = await line.alert({ amount: '12.50', arn: ARN })
    await line.match(second, 'U-2')
    await line.caseOf(second.prevention_guid, one => one.state === 'resolved')
    expect(answerOf(line, second.prevention_guid)).toBe('issued_full_refund')
  })

  it.runIf(isLong)(
    'while the first refund is pending the second is not answered; once it failed nobody is told of a refund',
    async () => {
      const line = await open()
      await line.sold('U-3')
      line.sandbox.gateway.setRules([{ behave: { kind: 'pending', ms: 2_000, then: 'failed' } }]) // oxlint-disable-line unicorn/no-thenable
      const alerts = [await line.alert(), await line.alert({ partner: 'verifi' })]
      for (const alert of alerts) await line.match(alert, 'U-3')
      await line.askRefund('U-3')
      for (const { prevention_guid: guid } of alerts)
        await line.caseOf(guid, one => one.state === 'refunding' && one.reason === 'refund-pending')
      for (const { prevention_guid: guid } of alerts) await line.caseOf(guid, one => one.state === 'parked')
      for (const { prevention_guid: guid } of alerts)
        expect(line.sandbox.alerts.get(guid)?.resolutions.attempted).toBe(0)
    },
  )
})

describe('a chargeback', () => {
  it('that came first: no refund, no answer, a person; and the order says so at the platform', async () => {
    const line = await open()
    await line.sold('C-1')
    await line.chargeBack('C-1')
    await eventually(() => expect(line.sandbox.inbox.record('C-1')).toMatchObject({ is_chargeback: 1 }))
    const alert = await line.alert()
    await line.match(alert, 'C-1')
    await line.askRefund('C-1')
    const record = await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
    expect(record.reason).toBe('chargeback')
    expect(line.refundCalls('C-1')).toEqual([])
    expect(line.sandbox.alerts.get(alert.prevention_guid)?.resolutions.attempted).toBe(0)
  })

  it.runIf(isLong)('after the money moved: the true answer goes all the same, and the alarm with it', async () => {
    const line = await open()
    await line.sold('C-2')
    line.sandbox.faults.set([{ on: 'resolution', times: 5, fault: { kind: 'status', status: 503 } }])
    const alert = await line.alert()
    await line.match(alert, 'C-2')
    await line.askRefund('C-2')
    await eventually(() => expect(line.sandbox.refunds.totals('C-2').effective).toBe(1))
    await line.chargeBack('C-2')
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    expect(answerOf(line, alert.prevention_guid)).toBe('issued_full_refund')
    const alarms = async () => (await line.deps.alarms.list(Date.now())).map(({ name }) => name)
    await eventually(async () => expect(await alarms()).toContain('case-chargeback'))
  })
})

describe('an order that is not as it should be', () => {
  it.runIf(isLong)('moves no money while it is not settled, and goes on once it is', async () => {
    const line = await open()
    await line.sell('S-1', { order_status: null, payment_state: 'authorized' })
    line.sandbox.payments.set('S-1', { captured: '30.00', currency: 'USD' })
    const alert = await line.alert()
    await line.match(alert, 'S-1')
    await line.askRefund('S-1')
    const waiting = await line.caseOf(alert.prevention_guid, one => one.reason === 'not-settled')
    expect(waiting.state).toBe('matched')
    expect(line.refundCalls('S-1')).toEqual([])
    await line.tell({ order_id: 'S-1', occurred_at: new Date().toISOString(), order_status: 'Complete', payment_state: 'captured' })
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    expect(line.sandbox.refunds.totals('S-1')).toMatchObject({ effective: 1, refunded: '30.00' })
  }) // prettier-ignore

  it('is not refunded before the CRM has told of it, and is once it has', async () => {
    const line = await open()
    line.sandbox.payments.set('N-1', { captured: '30.00', currency: 'USD' })
    const alert = await line.alert()
    await line.match(alert, 'N-1')
    await line.askRefund('N-1')
    await line.caseOf(alert.prevention_guid, one => one.reason === 'order-unknown')
    expect(line.refundCalls('N-1')).toEqual([])
    await line.sell('N-1')
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    expect(line.sandbox.refunds.totals('N-1').effective).toBe(1)
  })

  it('gives back the rest alone when a part was given back, whoever knows of it', async () => {
    const line = await open()
    await line.sold('H-1')
    line.sandbox.refunds.addByHand('H-1', '12.34', Date.now() - 86_400_000)
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'H-1' })
    await line.caseOf(guid!, one => one.state === 'resolved')
    expect(answerOf(line, guid!)).toBe('issued_refund_for_remaining_amount')
    expect(line.sandbox.refunds.list('H-1').map(({ amount }) => amount)).toEqual(['12.34', '17.66'])
  })

  it('that was refunded by hand at the gateway before the alert is not refunded again, and the platform’s order shows that refund', async () => {
    const line = await open()
    await line.sold('H-2')
    line.sandbox.refunds.addByHand('H-2', '30.00', Date.now() - 86_400_000)
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'H-2' })
    await line.caseOf(guid!, one => one.state === 'resolved')
    expect(answerOf(line, guid!)).toBe('previously_refunded_nothing_to_do')
    expect(line.refundCalls('H-2')).toEqual([])
    await eventually(() =>
      expect(line.sandbox.inbox.record('H-2')).toMatchObject({
        is_refund: 1,
        refunded_to_date: '30.00',
        order_status: 'Refunded',
      }),
    )
  })
})

describe('an alert that the platform ties to nothing', () => {
  const sold = { transaction_id: 'TX-9', arn: ARN, auth_id: 'AB12CD', cc_first_6: '510510', cc_last_4: '5100' }
  const card = { card_first_6: '510510', card_last_4: '5100' }

  it.runIf(isLong)(
    'is matched by transaction id, by ARN, by auth code with the card, or by card, amount and time of sale',
    async () => {
      const line = await open({ REFUND_TRIGGER: 'match' })
      await line.sold('M-tx', { ...sold, arn: null, auth_id: null, cc_last_4: '0001' })
      await line.sold('M-arn', { ...sold, transaction_id: 'TX-1', auth_id: null, cc_last_4: '0002' })
      await line.sold('M-auth', { ...sold, transaction_id: 'TX-2', arn: null, cc_last_4: '0003' })
      await line.sold('M-card', { ...sold, transaction_id: 'TX-3', arn: null, auth_id: null, cc_last_4: '0004' })
      const cases = [
        { id: 'M-tx', last4: '0001', stated: { transaction_id: 'TX-9' } },
        { id: 'M-arn', last4: '0002', stated: { arn: ARN } },
        { id: 'M-auth', last4: '0003', stated: { auth_code: 'AB12CD' } },
        { id: 'M-card', last4: '0004', stated: { transaction_timestamp: yesterday() } },
      ]
      const guids = await Promise.all(cases.map(({ last4, stated }) => unmatched(line, last4, stated)))
      for (const [i, { id }] of cases.entries())
        expect(await line.caseOf(guids[i]!, one => one.state === 'resolved')).toMatchObject({ orderId: id })
    },
  )

  it('and states a transaction or an ARN with another card is put before a person', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' }, { isScheduled: true })
    await line.sold('M-5', { ...sold, auth_id: null, cc_last_4: '0001' })
    const guids = [
      await unmatched(line, '7777', { transaction_id: 'TX-9', transaction_timestamp: yesterday() }),
      await unmatched(line, '7778', { arn: ARN, transaction_timestamp: yesterday() }),
    ]
    for (const guid of guids) await line.caseOf(guid, one => one.state === 'parked')
    expect(line.refundCalls('M-5')).toEqual([])
  })

  it('and whose time of sale is not stated only informs a person, however well card and amount fit', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' }, { isScheduled: true })
    await line.sold('M-6', { cc_first_6: '510510', cc_last_4: '5100' })
    const alert = await line.alert(card)
    const record = await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
    expect(record).toMatchObject({ reason: 'likely-untimed', orderId: null })
    expect(line.refundCalls('M-6')).toEqual([])
  })

  it.runIf(isLong)('and that fits two orders is put before a person, never guessed', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' })
    await line.sold('M-1', { cc_first_6: '510510', cc_last_4: '5100' })
    await line.sold('M-2', { cc_first_6: '510510', cc_last_4: '5100' })
    const alert = await line.alert(card)
    const record = await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
    expect(record).toMatchObject({ reason: 'several-orders', orderId: null })
    expect([...line.refundCalls('M-1'), ...line.refundCalls('M-2')]).toEqual([])
  })

  it.runIf(isLong)('is tied to the order that comes in after it', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' })
    const guid = await unmatched(line, '5100', { transaction_timestamp: yesterday() })
    await line.caseOf(guid, one => one.state === 'unmatched')
    await line.sold('M-3', { cc_first_6: '510510', cc_last_4: '5100' })
    const record = await line.caseOf(guid, one => one.state === 'resolved')
    expect(record.orderId).toBe('M-3')
  })

  it('and is over part of the order waits for a person where a match is enough', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' })
    await line.sold('M-4', { order_total: '30.01' })
    const alert = await line.alert()
    await line.match(alert, 'M-4')
    const record = await line.caseOf(alert.prevention_guid, one => one.state === 'awaiting-approval')
    expect(record.reason).toBe('part-of-order')
    expect(line.refundCalls('M-4')).toEqual([])
  })

  it.runIf(isLong)(
    'and is over more than the order waits for a person, also where the platform names that order',
    async () => {
      const line = await open({ REFUND_TRIGGER: 'match' })
      await line.sold('M-7', { order_total: '29.99' })
      const alert = await line.alert()
      await line.match(alert, 'M-7')
      const record = await line.caseOf(alert.prevention_guid, one => one.state === 'parked')
      expect(record.reason).toBe('match-contradicted')
      expect(line.refundCalls('M-7')).toEqual([])
    },
  )
})

const yesterday = () => wireTime(Date.now() - 86_400_000)

/** An alert of a card 510510…, of 30.00 dollars, that the platform matches to no order; answers its guid. */
async function unmatched(line: AlertLine, last4: string, stated: Record<string, unknown>): Promise<string> {
  const card = { card_first_6: '510510', card_last_4: last4 }
  const alert = line.sandbox.alerts.add({ ...card, mid: '242', amount: '30.00', currency: 'USD', partner: 'ethoca' })
  const { prevention_guid } = alert
  const event = { event_type: 'prevention.new', partner: 'ethoca', amount: 30, currency: 'USD', prevention_guid }
  expect(await line.send({ ...event, ...card, ...stated })).toBe(200)
  return prevention_guid
}
