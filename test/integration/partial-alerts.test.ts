import { describe, expect, it } from 'vitest'
import { readCase } from '../../src/ops/read-case.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, START, useVirtualLines } from './virtual-line.ts'

const open = useVirtualLines()
const MATCH = { refunds: { trigger: 'match' } } as const
const approve = (amount: string) => ({ decision: 'approve', amount, currency: 'USD' }) as const

/** An alert over 12 of the 30 dollars of an order. */
async function partial(from = 'midigator') {
  const line = await open(MATCH)
  await line.sell('A')
  const stated = { amount: '12', transactionAt: START - 10 * DAY_MS, merchantTransactionId: 'T-A' }
  const partner = from === 'midigator' ? 'ethoca' : 'ethoca init-refund'
  const id = await line.alert('pre_a', { ...stated, partner }, from)
  if (from === 'midigator') await line.match('alert', 'pre_a', 'A')
  await line.after(MINUTE_MS)
  return { line, id }
}

describe('an alert over part of an order', () => {
  it('asks a person, who sees both amounts, and moves no money by itself', async () => {
    const { line, id } = await partial()
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'part-of-order', amount: '12' })
    const shown = await readCase({ cases: line.cases, orders: line.orders, jobDeps: line.deps } as never, id)
    expect(shown?.to_approve).toMatchObject({ currency: 'USD', alert_amount: '12.00' })
    expect(shown?.order).toMatchObject({ captured: '30.00', left: '30.00' })
    await line.after(19 * HOUR_MS)
    expect(line.gateway.calls).toEqual([])
  })

  it('of which a person approves the alert’s amount has that refunded, and the answer states what was done', async () => {
    const { line, id } = await partial()
    await line.decide(id, approve('12'))
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['12'])
    const [told] = line.toldOf('pre_a')
    expect(told).toMatchObject({ type: 'other', description: expect.stringMatching(/12\.00 USD.*30\.00 USD/) as string })
    await line.after(2 * DAY_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect((await line.record(id)).state).toBe('resolved')
  }) // prettier-ignore

  it('of which a person approves the whole order has all of it refunded, and the answer is a full refund', async () => {
    const { line, id } = await partial()
    await line.decide(id, approve('30'))
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30'])
    expect(line.toldOf('pre_a')).toEqual([{ type: 'issued_full_refund', description: '' }])
  })

  it('of Chargebackhit is answered with its own word for a part', async () => {
    const { line, id } = await partial('chargebackhit')
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'part-of-order' })
    await line.decide(id, approve('12'))
    expect(line.toldOf('pre_a')).toMatchObject([{ type: 'issued_refund_for_remaining_amount' }])
  })
})

describe('an order that grew after its alert was refunded', () => {
  it('is not refunded again while the alert is open: a person decides', async () => {
    const line = await open(MATCH)
    await line.sell('A')
    line.platformIsAway(true)
    const id = await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    line.gateway.capture('A', '45')
    await line.tell('A', { order_total: '45' })
    await line.after(HOUR_MS)
    line.platformIsAway(false)
    await line.after(DAY_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'captured-grew' })
    expect(line.answers).toEqual([])
  })
})
