import { describe, expect, it } from 'vitest'
import { parseAlert } from '../../src/domain/alert/read-event.ts'
import { decideCase } from '../../src/jobs/case-decision.ts'
import { watchDeadlines } from '../../src/jobs/watch-deadlines.ts'
import { createCaseStore, type OutgoingAlarm } from '../../src/store/case-store.ts'
import { createRefundStore } from '../../src/store/refund-store.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { seeded } from '../support/seeded.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const START = Date.UTC(2026, 4, 4, 12)
const IDLE = { attemptsMade: 0, signal: new AbortController().signal }

describe('an alert that nobody answers', () => {
  it('is told of at its target, alarm and hard stop, at that minute and once each; the last puts it before a person', async () => {
    const time = await timeline()
    const id = await time.hear('pre_1', START)
    await time.at(START + 4 * HOUR_MS - 1)
    expect(time.told()).toEqual([])
    await time.at(START + 4 * HOUR_MS)
    expect(time.told()).toEqual(['case-target'])
    await time.at(START + 12 * HOUR_MS - 1)
    expect(time.told()).toEqual([])
    await time.at(START + 12 * HOUR_MS)
    await time.at(START + 12 * HOUR_MS + 1)
    expect(time.told()).toEqual(['case-alarm'])
    expect((await time.record(id)).state).toBe('matched')
    await time.at(START + 20 * HOUR_MS)
    expect(time.told()).toEqual(['case-escalated', 'case-parked'])
    expect(await time.record(id)).toMatchObject({ state: 'parked', escalated: true, respondBy: START + 24 * HOUR_MS })
    await time.at(START + 30 * HOUR_MS)
    expect(time.told()).toEqual([])
    expect((await time.record(id)).state).toBe('parked')
  })

  it('and is first heard of near its end has all its marks at once; the alarm says what to decide', async () => {
    const time = await timeline()
    const id = await time.hear('pre_2', START, START + 21 * HOUR_MS)
    expect(time.told()).toEqual(['case-escalated', 'case-parked'])
    expect(await time.record(id)).toMatchObject({ state: 'parked', respondBy: START + 24 * HOUR_MS })
    expect(time.alarms.every(({ decide, respondBy }) => decide !== null && respondBy === START + 24 * HOUR_MS)).toBe(true)
    expect(await time.outbox()).toHaveLength(2)
  }) // prettier-ignore

  it('while a gateway does not answer waits for it ten minutes beyond the hard stop, and is then put before a person', async () => {
    const time = await timeline({ isAsked: true })
    const id = await time.hear('pre_7', START)
    await time.at(START + 20 * HOUR_MS)
    expect(await time.record(id)).toMatchObject({ state: 'matched', reason: 'asking-gateway', escalated: true })
    time.told()
    await time.decide(id, START + 20 * HOUR_MS + 10 * MINUTE_MS)
    expect(await time.record(id)).toMatchObject({ state: 'parked', reason: 'asking-gateway' })
    expect(time.told()).toEqual(['case-parked'])
  })

  it('counts from first sight where its own time has not come yet or cannot be read', async () => {
    const time = await timeline()
    const ahead = await time.hear('pre_3', START + 9 * HOUR_MS, START)
    const unreadable = await time.hear('pre_4', null, START)
    for (const id of [ahead, unreadable]) expect((await time.record(id)).respondBy).toBe(START + 24 * HOUR_MS)
  })

  it('has 72 hours where CDRN is named, with its hard stop four hours before', async () => {
    const time = await timeline()
    const id = await time.hear('pre_5', START, START, { partner: 'verifi', prevention_type: 'verifi_cdrn' })
    await time.at(START + 67 * HOUR_MS)
    expect(time.told()).toEqual(['case-alarm'])
    await time.at(START + 68 * HOUR_MS)
    expect(time.told()).toEqual(['case-escalated', 'case-parked'])
    expect((await time.record(id)).respondBy).toBe(START + 72 * HOUR_MS)
  })

  it('and that only informs has no deadline', async () => {
    const time = await timeline()
    const id = await time.hear('pre_6', START, START, { partner: 'tc40' })
    await time.at(START + 100 * HOUR_MS)
    expect(time.told()).toEqual([])
    expect(await time.record(id)).toMatchObject({ state: 'noted', respondBy: null })
  })
})

describe('five hundred alerts that wait', () => {
  it.runIf(isLong)('are worked with the least time left first', async () => {
    const line = await open({ ALERTS_CONCURRENCY: '1', CASE_LOOK_MS: '60000' }, { without: ['alerts', 'order-sync'] })
    const now = Date.now()
    const minutes = seeded(9).shuffled(Array.from({ length: 500 }, (_, i) => i))
    const bodies = minutes.map(ago => ({
      event_type: 'prevention.new', prevention_guid: `pre_${ago}`, partner: 'ethoca', amount: 30, event_timestamp: wireTime(now - ago * MINUTE_MS),
    })) // prettier-ignore
    for (let at = 0; at < bodies.length; at += 25) {
      const statuses = await Promise.all(bodies.slice(at, at + 25).map(body => line.send(body)))
      expect(new Set(statuses)).toEqual(new Set([200]))
    }
    await line.start('alerts')
    const first = minutes.toSorted((a, b) => b - a).slice(0, 150)
    await eventually(() => expect(askedFor(line).length).toBeGreaterThan(first.length), { withinMs: 15_000 })
    expect(askedFor(line).slice(0, first.length)).toEqual(first)
  })
})

/** Of how long ago the alerts were that the platform was asked for, in the order in which it was first asked. */
const askedFor = ({ sandbox }: AlertLine): number[] => {
  const asked = sandbox.inbox.requests(1_000).filter(({ call }) => call === 'read-event') // prettier-ignore
  return [...new Set(asked.map(({ path }) => Number(/pre_(\d+)$/.exec(path)?.[1])))]
}

/** The stores and jobs under a clock that the test turns; no daemon runs. */
async function timeline({ isAsked = false } = {}) {
  const { deps } = await open({}, { without: ['alerts', 'scheduler', 'order-sync'] })
  let now = START
  const options = { keys: deps.keys, clock: () => now }
  const cases = createCaseStore(deps.redis, options)
  const refunds = createRefundStore(deps.redis, { ...options, defaultMode: 'auto' })
  const alarms: OutgoingAlarm[] = []
  const { caseTerms } = deps.jobDeps
  const jobDeps = {
    ...deps.jobDeps,
    // No daemon runs that would ask a gateway.
    caseTerms: { ...caseTerms, refunds: { ...caseTerms.refunds, hasGateway: isAsked } },
    cases,
    refunds,
    redisNow: async () => now,
    sendsAlarms: true,
    onAlarm: (alarm: OutgoingAlarm) => void (alarm.state === 'raised' && alarms.push(alarm)),
  }
  let seen = 0
  return {
    alarms,
    /** An alert whose order is known and which nothing asks to refund; issued and heard of at these times. */
    async hear(guid: string, issuedAt: number | null, heardAt = issuedAt ?? START, more: Record<string, unknown> = {}) {
      now = heardAt
      const event_timestamp = issuedAt === null ? 'yesterday' : wireTime(issuedAt)
      const body = { event_type: 'prevention.new', prevention_guid: guid, partner: 'ethoca', amount: '30.00', order_id: `O-${guid}`, event_timestamp, ...more }
      const parsed = parseAlert(body)
      if (!('event' in parsed)) throw new Error(JSON.stringify(parsed))
      const change = { orderId: `O-${guid}`, occurredAt: START - HOUR_MS, notes: [] }
      const values = { order_status: 'Complete', payment_state: 'captured', order_total: '30', currency: 'USD' }
      await deps.orders.merge({ ...change, values }, deps.sources.get('generic')!, 0)
      const { id } = await cases.addEvent('midigator', 'alert', `hook:${guid}`, parsed.event, body)
      const { facts } = parsed.event
      await decideCase(jobDeps, id, () => ({ add: [{ what: 'read-back', at: now, facts }] }))
      return id
    }, // prettier-ignore
    async at(at: number) {
      now = at
      await watchDeadlines.run({}, jobDeps, IDLE)
    },
    async decide(id: string, at: number) {
      now = at
      await decideCase(jobDeps, id)
    },
    /** The alarms raised since this was last asked. */
    told: () => alarms.slice(seen, (seen = alarms.length)).map(({ name }) => name),
    record: async (id: string) => (await cases.records([id]))[0]!,
    outbox: () => deps.redis.hvals(deps.keys.alarmsOut),
  }
}
