import { describe, expect, it } from 'vitest'
import type { ScenarioOptions } from '../../src/sandbox/scenario-options.ts'
import type { ScenarioName } from '../../src/sandbox/scenario-plans.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { eventually } from '../support/eventually.ts'
import { sale } from '../support/sale.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const HOUR_MS = 3_600_000
const NEARLY_OVER = wireTime(Date.now() - 21 * HOUR_MS)
const NOT_TAKEN = { order_status: 'Cancelled', payment_state: 'voided' }
const PARTLY = { is_refund: true, refunded_to_date: '10.00' }
const WHOLLY = { is_refund: true, refunded_to_date: '30.00', order_status: 'Refunded' }

interface Played {
  order?: Record<string, unknown>
  options?: ScenarioOptions
  /** State and answer of each of its alerts, and what the gateway refunded by our call. */
  ends: { alerts: string[]; refunds: string[] }
}

const PLAYED: Partial<Record<ScenarioName, Played>> = {
  'ethoca-full-refund': { ends: { alerts: ['resolved issued_full_refund'], refunds: ['30.00'] } },
  'verifi-full-refund': { ends: { alerts: ['resolved issued_full_refund'], refunds: ['30.00'] } },
  cdrn: { ends: { alerts: ['resolved issued_full_refund'], refunds: ['30.00'] } },
  'ethoca-remaining-refund': { order: PARTLY, ends: { alerts: ['resolved issued_refund_for_remaining_amount'], refunds: ['20.00'] } },
  'ethoca-refunded-before': { order: WHOLLY, ends: { alerts: ['resolved previously_refunded_nothing_to_do'], refunds: [] } },
  'ethoca-declined': { order: NOT_TAKEN, ends: { alerts: ['resolved declined_or_canceled_nothing_to_do'], refunds: [] } },
  'ethoca-unmatched': { ends: { alerts: ['resolved could_not_find_order'], refunds: [] } },
  'ethoca-3ds': { order: { eci: '05' }, options: { refund: false }, ends: { alerts: ['resolved 3ds_authorized_successfully'], refunds: [] } },
  'merchant-account-closed': { ends: { alerts: ['resolved unable_to_refund_merchant_account_closed'], refunds: [] } },
  'refund-refused': { options: { prevention_timestamp: NEARLY_OVER }, ends: { alerts: ['resolved other'], refunds: [] } },
  'rdr-notice': { ends: { alerts: ['noted unanswered'], refunds: [] } },
  'tc40-notice': { ends: { alerts: ['noted unanswered'], refunds: [] } },
  'vmpi-notice': { ends: { alerts: ['noted unanswered'], refunds: [] } },
  'chargeback-first': { ends: { alerts: ['parked unanswered'], refunds: [] } },
  'chargeback-after-refund': { ends: { alerts: ['resolved issued_full_refund'], refunds: ['30.00'] } },
  'two-alerts': { ends: { alerts: ['resolved issued_full_refund', 'resolved issued_full_refund'], refunds: ['30.00'] } },
  'refund-only': { ends: { alerts: [], refunds: ['30.00'] } },
  'above-limit': { order: { order_total: '500.00' }, ends: { alerts: ['awaiting-approval unanswered'], refunds: [] } },
} // prettier-ignore

describe('an alert', () => {
  it('of every kind ends with the one answer that is true, and each order refunded at most once', async () => {
    const line = await open({ RESOLVE_3DS: 'on', REFUND_AUTO_LIMIT: '100', REFUND_LIMIT_CURRENCY: 'USD' })
    const names = Object.keys(PLAYED) as ScenarioName[]
    await line.tell(...names.map(name => ({ ...sale(name), ...PLAYED[name]?.order })))
    const guids = new Map<ScenarioName, string[]>()
    for (const name of names) {
      const order_id = name === 'ethoca-unmatched' ? {} : { order_id: name }
      guids.set(name, (await line.play(name, { ...order_id, ...PLAYED[name]?.options })).prevention_guids)
    }
    const expected = names.map(name => [name, PLAYED[name]!.ends])
    await eventually(async () => {
      const ends = names.map(async name => [name, await endOf(line, name, guids.get(name)!)])
      expect(await Promise.all(ends)).toEqual(expected)
    })
    for (const name of ['rdr-notice', 'tc40-notice', 'vmpi-notice', 'chargeback-first'] as const)
      expect([name, line.sandbox.alerts.get(guids.get(name)![0]!)?.resolutions.attempted]).toEqual([name, 0])
    const { words, windows } = await detailsOf(line, guids)
    expect(words).toMatch(/refund_period_over/)
    expect(windows).toEqual({ cdrn: 72, ethoca: 24, rdr: null })
  })

  it('that is refunded ends as a change of its order', async () => {
    const line = await open()
    await line.sold('A-1')
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'A-1' })
    const record = await line.caseOf(guid!, one => one.state === 'resolved')
    expect(record).toMatchObject({ orderId: 'A-1', resolution: { type: 'issued_full_refund' } })
    expect(line.sandbox.refunds.list('A-1')).toMatchObject([{ amount: '30.00', effective: true, replays: 0 }])
    await eventually(() =>
      expect(line.sandbox.inbox.record('A-1')).toMatchObject({
        is_refund: 1,
        refunded_to_date: '30.00',
        order_status: 'Refunded',
        rma_number: 'T-A-1',
      }),
    )
  })

  it('is answered with a person’s own words, once, and `other` never without any', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    await line.sold('A-1')
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'A-1' })
    await line.caseOf(guid!, one => one.state === 'awaiting-approval')
    const resolution = { type: 'other', description: 'The goods were delivered on 3 May.' } as const
    await line.decide(guid!, { decision: 'decline' })
    await line.decide(guid!, { decision: 'resolve', resolution })
    await line.caseOf(guid!, one => one.state === 'resolved')
    expect(line.sandbox.alerts.get(guid!)?.resolutions).toMatchObject({
      attempted: 1,
      accepted: { resolution_type: 'other', other_description: 'The goods were delivered on 3 May.' },
    })
    expect(line.refundCalls('A-1')).toEqual([])
  })
})

async function endOf(line: AlertLine, orderId: string, guids: readonly string[]): Promise<Played['ends']> {
  const records = await line.deps.cases.records(guids.map(guid => `midigator:${guid}`))
  const alerts = records.map(({ state }, i) => {
    const said = line.sandbox.alerts.get(guids[i]!)?.resolutions.accepted?.resolution_type
    return `${state} ${said ?? 'unanswered'}`
  })
  const ours = line.sandbox.refunds.list(orderId).filter(({ effective, made_by: by }) => effective && by === 'call')
  return { alerts: alerts.toSorted(), refunds: ours.map(({ amount }) => amount) }
}

async function detailsOf(line: AlertLine, guids: ReadonlyMap<ScenarioName, string[]>) {
  const hours = async (name: ScenarioName) => {
    const [record] = await line.deps.cases.records([`midigator:${guids.get(name)![0]!}`])
    const issuedAt = Date.parse(line.sandbox.alerts.get(guids.get(name)![0]!)!.prevention_timestamp)
    return record?.respondBy == null ? null : (record.respondBy - issuedAt) / HOUR_MS
  }
  const refused = line.sandbox.alerts.get(guids.get('refund-refused')![0]!)?.resolutions.accepted
  return {
    words: refused?.other_description ?? '',
    windows: { cdrn: await hours('cdrn'), ethoca: await hours('ethoca-full-refund'), rdr: await hours('rdr-notice') },
  }
}
