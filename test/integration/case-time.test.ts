import { describe, expect, it } from 'vitest'
import { isLong } from '../support/long.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, START, useVirtualLines, type VirtualLine } from './virtual-line.ts'

const open = useVirtualLines()
const RESPOND_BY = START + DAY_MS
const STOP = RESPOND_BY - 4 * HOUR_MS
const ALL = { decision: 'approve', amount: '30', currency: 'USD' } as const
const setMode = (line: VirtualLine, mode: 'auto' | 'approve' | 'off') =>
  line.refunds.setMode(mode, 'ann', null, line.now())

/** A matched alert of an order of 30 dollars. */
async function matched(line: VirtualLine): Promise<string> {
  await line.sell('A')
  const id = await line.alert('pre_a')
  await line.match('alert', 'pre_a', 'A')
  return id
}

describe('after the response deadline', () => {
  it.runIf(isLong)(
    'no refund goes out automatically, also when the mode turns back to automatic; a person may release it still',
    async () => {
      const line = await open({ mode: 'off' })
      const id = await matched(line)
      await line.at(STOP + MINUTE_MS)
      expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'refunds-off' })
      await line.at(RESPOND_BY + MINUTE_MS)
      await setMode(line, 'auto')
      await line.after(DAY_MS)
      expect(line.gateway.calls).toEqual([])
      expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'deadline-passed' })
      await line.decide(id, ALL)
      expect(line.gateway.calls).toHaveLength(1)
      expect(line.toldOf('pre_a')).toMatchObject([{ type: 'issued_full_refund' }])
    },
  )

  it('an alert that arrives then is never refunded automatically', async () => {
    const line = await open()
    await line.sell('A')
    const id = await line.alert('pre_a', { issuedAt: START - DAY_MS - MINUTE_MS })
    await line.match('alert', 'pre_a', 'A')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'deadline-passed' })
    expect(line.gateway.calls).toEqual([])
  })

  it.runIf(isLong)(
    'an approval has lapsed: what was released before it and did not go out by then asks again',
    async () => {
      const line = await open({ mode: 'off' })
      const id = await matched(line)
      await line.at(RESPOND_BY - HOUR_MS)
      await line.decide(id, ALL)
      await line.at(RESPOND_BY + MINUTE_MS)
      await setMode(line, 'auto')
      await line.after(DAY_MS)
      expect(line.gateway.calls).toEqual([])
      expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'deadline-passed' })
      await line.decide(id, ALL)
      expect(line.gateway.calls).toHaveLength(1)
    },
  )

  it.runIf(isLong)('a refund that was refused for the time being before it is not sent again', async () => {
    const line = await open()
    line.gateway.next = Array.from({ length: 500 }, () => ({ said: 'refused', kind: 'passing', code: 'try_later', words: 'later' }))
    await line.sell('A')
    const id = await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.at(STOP)
    expect(line.gateway.calls.length).toBeGreaterThan(20)
    await line.at(RESPOND_BY)
    const before = line.gateway.calls.length
    line.gateway.next = []
    await line.after(2 * DAY_MS)
    expect(line.gateway.calls).toHaveLength(before)
    expect(['parked', 'awaiting-approval']).toContain((await line.record(id)).state)
  }) // prettier-ignore
})

describe('a refund that is pending at the hard stop', () => {
  async function pendingAtStop(terms: { pendingAtStop?: 'answer' } = {}) {
    const line = await open({ terms })
    line.gateway.next = ['pending']
    const id = await matched(line)
    await line.at(STOP - MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'refunding', reason: 'refund-pending', prepared: null })
    await line.at(STOP + MINUTE_MS)
    return { line, id }
  }
  const WORDS = /^A refund of 30\.00 USD was submitted on .* and is not confirmed yet\.?$/

  it.runIf(isLong)('has prepared words, which a person may send: they are the answer, and the refund goes on', async () => {
    const { line, id } = await pendingAtStop()
    const record = await line.record(id)
    expect(record).toMatchObject({ state: 'parked', reason: 'refund-pending', prepared: { type: 'other', description: expect.stringMatching(WORDS) as string } })
    expect(line.answers).toEqual([])
    await line.decide(id, { decision: 'resolve', resolution: record.prepared! })
    expect(line.toldOf('pre_a')).toEqual([record.prepared])
    line.gateway.settle('A', 'succeeded')
    await line.after(DAY_MS)
    expect((await line.refunds.read('A')).claims).toMatchObject([{ state: 'confirmed' }])
    expect(line.gateway.calls).toHaveLength(1)
    expect(line.answers).toHaveLength(1)
  }) // prettier-ignore

  it.runIf(isLong)('is answered in these words where the merchant has it so', async () => {
    const { line, id } = await pendingAtStop({ pendingAtStop: 'answer' })
    expect(line.toldOf('pre_a')).toMatchObject([{ type: 'other', description: expect.stringMatching(WORDS) as string }])
    expect((await line.record(id)).state).toBe('resolved')
  })

  it.runIf(isLong)(
    'is answered as refunded once it is confirmed, where no person has sent the prepared words',
    async () => {
      const { line } = await pendingAtStop()
      line.gateway.settle('A', 'succeeded')
      await line.after(2 * HOUR_MS)
      expect(line.toldOf('pre_a')).toEqual([{ type: 'issued_full_refund', description: '' }])
    },
  )
})

describe('a gateway that keeps no keys', () => {
  it('and states what is refundable is sent the refund again once it is proven absent for 15 minutes, in the same words', async () => {
    const line = await open()
    line.gateway.next = ['lost']
    await matched(line)
    await line.after(14 * MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    await line.after(5 * MINUTE_MS)
    const [first, second] = line.gateway.calls
    expect(second).toEqual(first)
    expect(line.gateway.calls).toHaveLength(2)
    expect(line.gateway.listOf('A')).toHaveLength(1)
    expect(line.toldOf('pre_a')).toMatchObject([{ type: 'issued_full_refund' }])
  })

  it('waits as long as the list lags where that is longer', async () => {
    const line = await open({ refunds: { listLagMs: 2 * HOUR_MS } })
    line.gateway.next = ['lost']
    await matched(line)
    await line.after(2 * HOUR_MS - MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    await line.after(90 * MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(2)
  })

  it('and whose refund took effect unheard, and is listed late, is not sent it again', async () => {
    const line = await open({ refunds: { listLagMs: HOUR_MS } })
    line.gateway.lagMs = 40 * MINUTE_MS
    line.gateway.next = ['unheard']
    await matched(line)
    await line.after(6 * HOUR_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect(line.toldOf('pre_a')).toMatchObject([{ type: 'issued_full_refund' }])
  })

  it('and does not state what is refundable is never sent it again without a person', async () => {
    const line = await open()
    line.gateway.statesRefundable = false
    line.gateway.next = ['lost']
    const id = await matched(line)
    await line.after(18 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'refund-parked' })
    expect(line.gateway.calls).toHaveLength(1)
  })
})

describe('a success that the gateway takes back', () => {
  it.runIf(isLong)(
    'within thirty days puts the answered alert before a person, and the order is no longer shown as refunded',
    async () => {
      const line = await open({ terms: { lookMs: DAY_MS } })
      const id = await matched(line)
      await line.after(MINUTE_MS)
      expect((await line.record(id)).state).toBe('resolved')
      const [refund] = line.gateway.listOf('A')
      await line.after(6 * DAY_MS)
      refund!.status = 'failed'
      await line.after(2 * DAY_MS)
      expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'refund-taken-back' })
      expect(line.alarms.at(-1)).toMatchObject({ name: 'case-parked', caseId: id })
      await line.after(60 * DAY_MS)
      expect(line.gateway.calls).toHaveLength(1)
    },
  )
})

describe('a match of our own', () => {
  const TIMED = { transactionAt: START - 10 * DAY_MS }

  it('waits an hour for the platform, and is then refunded where a match is enough', async () => {
    const line = await open({ refunds: { trigger: 'match' } })
    await line.sell('A')
    const id = await line.alert('pre_a', TIMED)
    await line.after(59 * MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'unmatched', reason: 'likely-match' })
    await line.after(2 * MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', orderId: 'A' })
    expect(line.gateway.calls).toHaveLength(1)
  })

  it('lies with a person after that hour where a refund request is wanted, and at the hard stop still', async () => {
    const line = await open({ refunds: { trigger: 'order.refund' } })
    await line.sell('A')
    const id = await line.alert('pre_a', TIMED)
    for (const at of [START + 61 * MINUTE_MS, STOP + SECOND_MS, RESPOND_BY + HOUR_MS]) {
      await line.at(at)
      expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'likely-match', orderId: null })
    }
    expect(line.gateway.calls).toEqual([])
    expect(line.answers).toEqual([])
  })

  it('is acted on at the hard stop where the merchant has it so, on a weekend too', async () => {
    const line = await open({ refunds: { trigger: 'order.refund', likelyAtStop: 'act' } })
    await line.sell('A')
    const id = await line.alert('pre_a', TIMED)
    await line.at(STOP - MINUTE_MS)
    expect(line.gateway.calls).toEqual([])
    await line.at(STOP + MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', orderId: 'A' })
  })

  it('without a stated time of sale is never acted on, whatever the settings', async () => {
    const line = await open({ refunds: { trigger: 'either', likelyAtStop: 'act' } })
    await line.sell('A')
    const id = await line.alert('pre_a')
    await line.at(RESPOND_BY + HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'likely-untimed' })
    expect(line.gateway.calls).toEqual([])
  })
})
