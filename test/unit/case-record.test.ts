import { describe, expect, it } from 'vitest'
import type { CaseDecision } from '../../src/domain/case/decide.ts'
import { foldLog, type CaseEntry } from '../../src/domain/case/log.ts'
import { alarmsOf, eventOf, isListed, recordOf } from '../../src/jobs/case-record.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import {
  answeredAt,
  approved,
  chosenAt,
  ETHOCA,
  factsWith,
  hook,
  NOW,
  RESPOND_BY,
  SEEN_AT,
  sentAt,
} from './build-case.ts'
import { recordOf as stored } from './job-world.ts' // prettier-ignore

const decided = (over: Partial<CaseDecision> = {}): CaseDecision => ({
  state: 'matched', reason: 'asking-gateway', orderId: 'A', respondBy: RESPOND_BY, entries: [], effects: [], flags: [], alarms: [], standing: [],
  isUntied: false, prepared: null, lookAt: null, markAt: null, ...over,
}) // prettier-ignore
const before = (over: Partial<CaseRecord> = {}) => ({ id: 'midigator:a', version: 1, isNewer: false, log: [], record: stored(over) }) // prettier-ignore
const AT = { now: NOW, againMs: 4_000 }
const record = (decision: Partial<CaseDecision>, log: CaseEntry[] = [], over: Partial<CaseRecord> = {}) =>
  recordOf(before(over), decided(decision), foldLog('alert', 'a', [hook('alert', factsWith({ arn: '74', cardLast4: '1881' })), ...log]), AT) // prettier-ignore

describe('the record of a case', () => {
  it('shows what was decided, and what is known of the alert', () => {
    const prepared = { type: 'other', description: 'words' } as const
    expect(record({ prepared }, [], { v: 1, seenAt: 5 })).toMatchObject({
      v: 2, id: 'midigator:a', state: 'matched', reason: 'asking-gateway', orderId: 'A', respondBy: RESPOND_BY, seenAt: SEEN_AT, alarms: [],
      partner: 'ethoca', amount: '30', currency: 'USD', arn: '74', resolution: null, answeredAt: null, escalated: false, due: null,
      untiedIn: [], prepared,
    }) // prettier-ignore
  })

  it('shows nothing that the alert does not state', () => {
    const bare = recordOf(before(), decided(), foldLog('alert', 'a', [hook('alert')]), AT)
    expect(bare).toMatchObject({ partner: null, amount: null, currency: null, arn: null })
  })

  it('shows the resolution once it is chosen, and when it was accepted', () => {
    const chosen = [chosenAt(NOW), sentAt(NOW)]
    expect(record({}, chosen)).toMatchObject({ resolution: { type: 'issued_full_refund' }, answeredAt: null })
    expect(record({}, [...chosen, answeredAt(NOW + 9)])).toMatchObject({ answeredAt: NOW + 9 })
    expect(record({}, [...chosen, answeredAt(NOW + 9, { accepted: false })])).toMatchObject({ answeredAt: null })
  })

  it('is escalated from the hard stop on until the platform has taken an answer', () => {
    const stop: CaseEntry = { what: 'mark', at: NOW, mark: 'stop' }
    const target: CaseEntry = { what: 'mark', at: NOW, mark: 'target' }
    expect(record({}, [target]).escalated).toBe(false)
    expect(record({}, [stop]).escalated).toBe(true)
    expect(record({}, [stop, chosenAt(NOW), answeredAt(NOW, { accepted: false })]).escalated).toBe(true)
    expect(record({}, [stop, chosenAt(NOW), answeredAt(NOW)]).escalated).toBe(false)
  })

  it('names the buckets in which refunds look for it while it has no order', () => {
    expect(record({ isUntied: true }).untiedIn).toEqual(['last_4:1881', 'amount:30'])
  })
})

describe('what a case waits for', () => {
  const due = (decision: Partial<CaseDecision>, over: Partial<CaseRecord>) => record(decision, [], over).due
  const same = { state: 'matched', reason: 'asking-gateway' } as const
  const since = (at: number) => ({ ...same, due: { effects: ['refund' as const], at } })

  it('is due from now on, and nothing is where nothing is to be done', () => {
    expect(due({ effects: ['refund'] }, {})).toEqual({ effects: ['refund'], at: NOW })
    expect(due({ effects: [] }, since(NOW - 1))).toBeNull()
  })

  it('keeps its time while it is under way, until it takes so long that it may be lost', () => {
    expect(due({ effects: ['refund'] }, since(NOW - 3_999))).toEqual({ effects: ['refund'], at: NOW - 3_999 })
    expect(due({ effects: ['refund'] }, since(NOW - 4_000))).toEqual({ effects: ['refund'], at: NOW })
  })

  it('is due anew where anything of it differs', () => {
    const anew = { effects: ['refund'], at: NOW }
    expect(due({ effects: ['refund'] }, { ...since(NOW - 1), state: 'refunding' })).toEqual(anew)
    expect(due({ effects: ['refund'] }, { ...since(NOW - 1), reason: 'refunding' })).toEqual(anew)
    expect(due({ effects: ['refund'] }, { ...same, due: { effects: ['enrich'], at: NOW - 1 } })).toEqual(anew)
    expect(due({ effects: ['refund'] }, same)).toEqual(anew)
  })
})

it('a chargeback is listed while a person must look at it, an alert always, a refund request unless an alert carries it', () => {
  const listed = (kind: CaseRecord['kind'], over: Partial<CaseDecision>) => isListed(stored({ kind }), decided(over))
  expect(listed('chargeback', { state: 'parked' })).toBe(true)
  expect(listed('chargeback', { state: 'noted' })).toBe(false)
  expect(listed('alert', { state: 'noted', reason: 'taken-over' })).toBe(true)
  expect(listed('request', { reason: 'refund-done' })).toBe(true)
  expect(listed('request', { reason: 'taken-over' })).toBe(false)
})

describe('alarms of a case', () => {
  const parked = stored({ reason: 'several-orders', orderId: 'A', respondBy: RESPOND_BY, alarms: ['case-parked'] })

  it('name the case, its order, its deadline, and what a person must do', () => {
    const [alarm] = alarmsOf(stored(), parked, ['case-parked'], NOW)
    expect(alarm).toMatchObject({
      id: `midigator:a|case-parked|several-orders|${NOW}`, name: 'case-parked', state: 'raised', subject: 'midigator:a', caseId: 'midigator:a',
      orderId: 'A', at: NOW, respondBy: RESPOND_BY,
    }) // prettier-ignore
    expect(alarm?.says).toMatch(/\w+ \w+/)
    expect(alarm?.decide).toMatch(/\w+/)
  })

  it('say what to refund by hand, and by when, where no gateway is configured', () => {
    const says = (over: Partial<CaseRecord>) =>
      alarmsOf(stored(), stored({ ...parked, amount: '30', currency: 'USD', ...over }), [], NOW)[0]?.says
    expect(says({ reason: 'no-gateway' })).toMatch(/ The alert is over 30\.00 USD, due 2026-01-11T12:00:00\.000Z\.$/)
    const unknown = [{ amount: null }, { currency: null }, { respondBy: null }].map(over => says({ reason: 'no-gateway', ...over })) // prettier-ignore
    for (const text of [...unknown, says({ reason: 'several-orders' })]) expect(text).not.toMatch(/due|null/)
  })

  it('go out when they begin, when they ring again, and when they end', () => {
    const out = (...given: Parameters<typeof alarmsOf>) =>
      alarmsOf(...given).map(({ name, state }) => `${name} ${state}`)
    expect(out(stored(), parked, [], NOW)).toEqual(['case-parked raised'])
    expect(out(parked, parked, [], NOW)).toEqual([])
    expect(out(parked, parked, ['case-parked'], NOW)).toEqual(['case-parked raised'])
    expect(out(parked, stored(), [], NOW)).toEqual(['case-parked cleared'])
    // An answer that came too late rings, and is over at once.
    expect(out(stored(), stored(), ['case-escalated'], NOW)).toEqual([
      'case-escalated raised',
      'case-escalated cleared',
    ])
    const [over] = alarmsOf(parked, stored({ reason: 'several-orders' }), [], NOW)
    expect(over).toMatchObject({ id: expect.stringMatching(/\|cleared$/) as string, decide: null })
  })
})

describe('the timeline of the order shows of its case', () => {
  const tied = { orderId: 'A', partner: 'ethoca', amount: ETHOCA.amount!, currency: 'USD' }
  const shown = (old: Partial<CaseRecord>, now: Partial<CaseRecord>, entries: CaseEntry[] = []) =>
    eventOf(before({ ...tied, ...old }), stored({ ...tied, ...now }), entries)
  const ABOUT = { case: 'midigator:a', partner: 'ethoca', amount: '30', currency: 'USD' }
  const resolution = { type: 'issued_full_refund', description: '' } as const

  it('nothing while it has no order, and nothing where nothing happened', () => {
    expect(shown({ orderId: null }, { orderId: null, state: 'parked' }, [approved('30')])).toBeNull()
    expect(shown({}, {}, [hook('alert')])).toBeNull()
  })

  it('a person’s decision before anything else', () => {
    expect(shown({ orderId: null }, {}, [answeredAt(NOW), approved('30')])).toEqual({ what: 'decided', ...ABOUT, word: 'approve', by: 'ann', reason: null }) // prettier-ignore
  })

  it('what the platform said to the resolution', () => {
    const [taken, refused] = [answeredAt(NOW, { status: 200 }), answeredAt(NOW, { accepted: false, status: 409 })]
    expect(shown({}, { resolution }, [chosenAt(NOW), taken])).toEqual({ what: 'resolved', ...ABOUT, ...resolution, status: 200 }) // prettier-ignore
    expect(shown({}, { resolution }, [refused])).toEqual({ what: 'answer-refused', ...ABOUT, ...resolution, status: 409 }) // prettier-ignore
  })

  it('which resolution was chosen', () => {
    expect(shown({ orderId: null }, { resolution }, [chosenAt(NOW)])).toEqual({ what: 'answer-chosen', ...ABOUT, ...resolution }) // prettier-ignore
  })

  it('that it was matched to the order, and by whom', () => {
    const matched: CaseEntry = { what: 'matched', at: NOW, orderId: 'A', by: 'arn', isActed: true }
    expect(shown({ orderId: null }, { kind: 'alert' }, [matched])).toEqual({ what: 'alert', ...ABOUT, by: 'arn' })
    expect(shown({ orderId: 'B' }, { kind: 'chargeback' })).toEqual({ what: 'chargeback', ...ABOUT, by: 'platform' })
  })

  it('that it came to a person, and why', () => {
    for (const state of ['parked', 'awaiting-approval'] as const) {
      expect(shown({}, { state, reason: 'several-orders' })).toEqual({ what: state, ...ABOUT, why: 'several-orders' })
      expect(shown({ state }, { state, reason: 'several-orders' })).toBeNull()
    }
    expect(shown({}, { state: 'refunding' })).toBeNull()
  })
})
