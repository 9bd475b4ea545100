import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCase } from '../../src/ops/read-case.ts'
import { few, isLong } from '../support/long.ts'
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  useVirtualLines,
  type StoredKeys,
  type VirtualLine,
  type VirtualTerms,
} from './virtual-line.ts'

const open = useVirtualLines()
const folder = new URL('../captures/versions/0.1.0/', import.meta.url)
const NAMES = readdirSync(folder).map(file => file.replace('.json', ''))
const ALL = { decision: 'approve', amount: '30', currency: 'USD' } as const

/** What version 0.1.0 had in Redis when it was stopped: one case, with its order (of 30 dollars) and that order's refunds. */
interface Stored {
  at: number
  caseId: string
  chargebackId?: string
  keys: StoredKeys
}

/** Goes on, with this version, a minute after version 0.1.0 was stopped. */
async function goOn(name: string, terms: VirtualTerms = {}) {
  const stored = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Stored
  const line = await open({ ...terms, refunds: { trigger: 'order.refund', ...terms.refunds }, start: stored.at + MINUTE_MS }) // prettier-ignore
  await line.load(stored.keys)
  line.gateway.capture('A', '30')
  const guid = stored.caseId.slice(stored.caseId.indexOf(':') + 1)
  return { line, id: stored.caseId, guid, chargebackId: stored.chargebackId, stored }
}

/** The refund that version 0.1.0 sent, as the gateway lists it. */
async function bookSent(line: VirtualLine, status: 'succeeded' | 'pending'): Promise<void> {
  const [claim] = (await line.refunds.read('A')).claims
  line.gateway.book('A', { refundId: claim!.refundId ?? 'r-1', status, amount: '30', reference: claim!.key, createdAt: claim!.firstSentAt, arn: null })
} // prettier-ignore

describe('what version 0.1.0 stored of a case', () => {
  it.each(NAMES)('(%s) is read whole: every entry means something, and the console shows it', async name => {
    const { line, id, stored } = await goOn(name)
    const one = (await line.cases.read(id))!
    const old = Object.keys(stored.keys[`:case-log:${id}`]!.hash!)
    const known = ['hook', 'read-back', 'asked', 'matched', 'decision', 'mark', 'alarmed', 'resolution', 'sent', 'answered', 'flag']
    expect(one.log.every(({ what }) => known.includes(what))).toBe(true)
    expect(one.log.length).toBeGreaterThanOrEqual(old.filter(slot => !slot.startsWith('matched')).length)
    expect(one.record).toMatchObject({ v: 2, untiedIn: [], prepared: null, reason: expect.any(String) as string })
    const details = await readCase({ cases: line.cases, orders: line.orders, jobDeps: line.deps } as never, id)
    expect(details).toMatchObject({ id, guid: one.record.guid })
  }) // prettier-ignore

  it.each(few(NAMES, 5))('(%s) is never refunded twice, whatever comes next, and its alert is answered once or lies with a person', async name => {
    const { line, id } = await goOn(name)
    const sent = (await line.refunds.read('A')).claims.some(({ sends }) => sends > 0)
    if (sent && name !== 'refused') await bookSent(line, 'succeeded')
    await line.after(2 * DAY_MS)
    const effective = line.gateway.listOf('A').filter(({ status }) => status !== 'failed')
    expect(effective.length).toBeLessThanOrEqual(1)
    expect(line.answers.length).toBeLessThanOrEqual(1)
    const { state } = await line.record(id)
    expect(['resolved', 'parked', 'awaiting-approval']).toContain(state)
  }) // prettier-ignore
})

describe('a case that version 0.1.0 left', () => {
  it('answered stays so, and is neither refunded nor answered again', async () => {
    const { line, id } = await goOn('answered')
    await bookSent(line, 'succeeded')
    await line.after(DAY_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', resolution: { type: 'issued_full_refund' } })
    expect(line.gateway.calls).toEqual([])
    expect(line.answers).toEqual([])
  })

  it('waiting for approval is refunded and answered once a person approves it', async () => {
    const { line, id, guid } = await goOn('awaiting-approval', { mode: 'approve' })
    await line.after(MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'approve-mode' })
    expect(line.gateway.calls).toEqual([])
    await line.decide(id, ALL)
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30'])
    expect(line.toldOf(guid)).toEqual([{ type: 'issued_full_refund', description: '' }])
  })

  it('declined by a person stays declined', async () => {
    const { line, id } = await goOn('declined', { mode: 'auto' })
    await line.after(18 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'refused-by-person' })
    expect(line.gateway.calls).toEqual([])
  })

  it('with a refund of unknown fate is looked up: found by its old reference, it is confirmed and answered', async () => {
    const { line, id, guid } = await goOn('uncertain')
    await bookSent(line, 'succeeded')
    await line.after(2 * HOUR_MS)
    expect((await line.refunds.read('A')).claims).toMatchObject([{ state: 'confirmed', isRecorded: true }])
    expect(line.toldOf(guid)).toEqual([{ type: 'issued_full_refund', description: '' }])
    expect(line.gateway.calls).toEqual([])
    expect((await line.record(id)).state).toBe('resolved')
  })

  it('with a refund of unknown fate that the gateway never had is not sent again without a person: what was refundable is not known', async () => {
    const { line, id } = await goOn('uncertain')
    await line.after(18 * HOUR_MS)
    expect(line.gateway.calls).toEqual([])
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'refund-parked' })
    await line.decide(id, ALL)
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30.00'])
    expect(line.gateway.listOf('A')).toHaveLength(1)
  })

  it.runIf(isLong)(
    'with a pending refund is answered once that is confirmed, or in prepared words at the hard stop',
    async () => {
      const { line, id, guid } = await goOn('pending')
      await bookSent(line, 'pending')
      await line.after(18 * HOUR_MS)
      expect((await line.record(id)).reason).toBe('refund-pending')
      await line.after(3 * HOUR_MS)
      expect((await line.record(id)).prepared).toMatchObject({ type: 'other' })
      line.gateway.settle('A', 'succeeded')
      await line.after(2 * HOUR_MS)
      expect(line.toldOf(guid)).toMatchObject([{ type: 'issued_full_refund' }])
    },
  )

  it('with a refused refund is answered at the hard stop, in words that state nothing untrue', async () => {
    const { line, guid } = await goOn('refused')
    await line.after(21 * HOUR_MS)
    expect(line.toldOf(guid)).toEqual([{ type: 'other', description: expect.stringMatching(/refused to refund this order \(card_expired\)/) as string }])
  }) // prettier-ignore

  it('over the hourly limit goes out once a person approves it', async () => {
    const limits = { hourlyLimit: '10', limitCurrency: 'USD' }
    const { line, id, guid } = await goOn('hourly-limit', { refunds: limits })
    await line.after(2 * HOUR_MS)
    expect(line.gateway.calls).toEqual([])
    await line.decide(id, ALL)
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30.00'])
    expect(line.toldOf(guid)).toMatchObject([{ type: 'issued_full_refund' }])
  })

  it('with a resolution on its way sends the same one', async () => {
    const { line, id, guid } = await goOn('resolving')
    await bookSent(line, 'succeeded')
    const before = (await line.cases.read(id))!.log.find(entry => entry.what === 'resolution')
    await line.after(HOUR_MS)
    expect(line.toldOf(guid)).toEqual([before?.what === 'resolution' ? before.resolution : null])
    expect((await line.record(id)).state).toBe('resolved')
  })

  it('whose order was charged back stays with a person', async () => {
    const { line, id, chargebackId } = await goOn('chargeback')
    await line.after(DAY_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'chargeback' })
    expect(await line.record(chargebackId!)).toMatchObject({ state: 'noted', orderId: 'A' })
    expect(line.gateway.calls).toEqual([])
    expect(line.answers).toEqual([])
  })

  it('matched by the card alone, without a time of sale, only informs a person now', async () => {
    const { line, id, guid, stored } = await goOn('matched-by-card')
    line.records.set(guid, { partner: 'ethoca', cardFirst6: '401288', cardLast4: '1881', amount: '30', currency: 'USD', issuedAt: stored.at })
    await line.after(2 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'likely-untimed', orderId: null })
    expect(line.gateway.calls).toEqual([])
  }) // prettier-ignore

  it('unknown to the platform, and that fits no order, lies with a person from its target time on', async () => {
    const { line, id } = await goOn('unknown-to-platform')
    await line.after(5 * HOUR_MS)
    expect((await line.record(id)).state).toBe('parked')
    expect(line.answers).toEqual([])
  })

  it('with a rejected resolution takes a person’s other one', async () => {
    const { line, id, guid } = await goOn('answer-rejected')
    await bookSent(line, 'succeeded')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'answer-refused' })
    const resolution = { type: 'other', description: 'Refunded in full on our side.' } as const
    await line.decide(id, { decision: 'resolve', resolution })
    expect(line.toldOf(guid)).toEqual([resolution])
  })
})
