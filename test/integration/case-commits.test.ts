import { beforeEach, describe, expect, it } from 'vitest'
import { emptyLedger } from '../../src/domain/refund/ledger.ts'
import type { CaseRecord, CommitCase, OutgoingAlarm } from '../../src/store/case-store.ts'
import { closed, event, missing } from '../unit/build-case.ts'
import { START, useCaseStore } from './case-store.ts'

const store = useCaseStore()
const { redis, time } = store
let { keys, cases } = store
beforeEach(() => void ({ keys, cases } = store))

const ID = 'midigator:g'
const alertEvent = (guid: string) => event('alert', guid, {})
const scores = (key: string) => redis.zrange(key, '0', '-1', 'WITHSCORES')
const hear = (slot: string) => cases.addEvent('midigator', 'alert', slot, alertEvent('g'), {})

/** Writes a decision about the case, with these parts of its record and of the write. */
async function commit(record: Partial<CaseRecord> = {}, over: Partial<CommitCase> = {}): Promise<boolean> {
  const before = (await cases.read(ID))!
  return cases.commit({
    before, record: { ...before.record, ...record }, entries: [], lookAt: START + 60_000, markAt: null, orderRev: null, ledger: null,
    mattersToOthers: false, isListed: true, rings: [], alarms: [], event: null, ...over,
  }) // prettier-ignore
}
const MATCHED = { state: 'matched', reason: 'no-trigger', orderId: 'A' } as const
const tied = { ledger: emptyLedger('A') }

describe('a decision about a case', () => {
  beforeEach(() => hear('hook:1'))

  it('is written with its facts, and moves the case from state to state', async () => {
    const [decision, asked] = [closed(START), missing(START)]
    const entries = [['decision:1', decision], ['asked', asked]] as const // prettier-ignore
    expect(await commit({ state: 'unmatched' }, { entries })).toBe(true)
    expect(await cases.read(ID)).toMatchObject({ version: 2, record: { state: 'unmatched' } })
    expect((await cases.read(ID))!.log).toEqual(expect.arrayContaining([decision, asked]))
    expect((await redis.hkeys(keys.caseLog(ID))).toSorted()).toEqual(['asked', 'decision:1', 'hook:1'])
    await commit({ state: 'unmatched' }, { entries: [['asked', missing(START + 9)]] })
    expect((await cases.read(ID))!.log).toEqual(expect.arrayContaining([decision, missing(START + 9)]))
    expect(await scores(keys.casesIn('received'))).toEqual([])
    expect(await scores(keys.casesIn('unmatched'))).toEqual([ID, String(START)])
    expect(await scores(keys.cases)).toEqual([ID, String(START)])
  })

  it('that stays where it is stays listed there; one that is not listed is in no list', async () => {
    await commit()
    expect(await scores(keys.casesIn('received'))).toEqual([ID, String(START)])
    await commit({ state: 'noted' }, { isListed: false })
    for (const key of [keys.cases, keys.casesIn('received'), keys.casesIn('noted')])
      expect(await scores(key)).toEqual([])
    await commit({ state: 'parked' })
    for (const key of [keys.cases, keys.casesIn('parked')]) expect(await scores(key)).toEqual([ID, String(START)])
  })

  it('is written only if nobody else wrote the case since', async () => {
    const stale = (await cases.read(ID))!
    expect(await commit()).toBe(true)
    expect(await commit({ state: 'parked' }, { before: stale })).toBe(false)
    expect(await cases.read(ID)).toMatchObject({ version: 2, record: { state: 'received' } })
    const unwritten = { ...stale, id: 'midigator:new', version: 0, record: { ...stale.record, id: 'midigator:new' } }
    expect(await commit({ id: 'midigator:new' }, { before: unwritten })).toBe(true)
  })

  it('says when it is decided again, when its next mark comes, and until when it must be answered', async () => {
    await commit({ respondBy: START + 9 }, { lookAt: START + 5, markAt: START + 7 })
    expect(await scores(keys.casesOpen)).toEqual([ID, String(START + 5)])
    expect(await scores(keys.casesMarks)).toEqual([ID, String(START + 7)])
    expect(await scores(keys.casesRespondBy)).toEqual([ID, String(START + 9)])
    await commit({ respondBy: START + 9 }, { lookAt: null, markAt: null })
    for (const key of [keys.casesOpen, keys.casesMarks, keys.casesRespondBy]) expect(await scores(key)).toEqual([])
  })

  it('names its ARN', async () => {
    await commit()
    expect(await redis.keys(`${keys.casesByArn('')}*`)).toEqual([])
    await commit({ arn: '74' })
    expect(await cases.byArn('74')).toEqual([ID])
  })

  it('stores alarms that go out, and has them sent', async () => {
    const alarm = (id: string) => ({ id, name: 'case-parked', at: START }) as OutgoingAlarm
    await commit({}, { alarms: [alarm('x'), alarm('y')], entries: [['decision:1', closed(START)]] })
    expect(await redis.hgetall(keys.alarmsOut)).toEqual({
      x: JSON.stringify(alarm('x')),
      y: JSON.stringify(alarm('y')),
    })
    expect(await scores(keys.alarmsDue)).toEqual(['x', String(START), 'y', String(START)])
    expect(await redis.hlen(keys.caseLog(ID))).toBe(2)
  })

  it('is under each of its alarms since when that rang last, until it is over', async () => {
    const since = () => Promise.all(['case-parked', 'case-alarm'].map(name => scores(keys.alarmsOf(name))))
    await commit({ alarms: ['case-parked', 'case-alarm'], untiedIn: ['amount:30', 'amount:31'] })
    const began = [ID, String(START)]
    expect(await since()).toEqual([began, began])
    time.now += 9
    await commit({}, { rings: ['case-alarm'] })
    expect(await since()).toEqual([began, [ID, String(START + 9)]])
    await commit({ alarms: ['case-parked'] })
    expect(await since()).toEqual([began, []])
  })

  it('is in the buckets of cases without an order, whose count tells every change', async () => {
    const version = () => redis.get(keys.untiedVersion)
    await commit()
    expect(await version()).toBeNull()
    await commit({ untiedIn: ['last_4:1881', 'amount:30'] })
    expect(await cases.untied(['last_4:1881'])).toEqual({ ids: [ID], version: '1' })
    await commit({ untiedIn: ['last_4:1881', 'amount:30'] })
    expect(await version()).toBe('1')
    await commit({ untiedIn: ['amount:30', 'amount:31'] })
    expect(await version()).toBe('2')
    const found = (bucket: string) => cases.untied([bucket]).then(({ ids }) => ids)
    expect([await found('last_4:1881'), await found('amount:30'), await found('amount:31')]).toEqual([[], [ID], [ID]])
    await commit({ untiedIn: [] })
    expect(await cases.untied(['amount:30', 'amount:31'])).toEqual({ ids: [], version: '3' })
    await commit({ untiedIn: ['amount:30'] })
    expect(await version()).toBe('4')
    await commit({ untiedIn: [] })
    expect(await version()).toBe('5')
  })
})

describe('a decision about a case of an order', () => {
  const counted = (orderId = 'A') => redis.hget(keys.refunds(orderId), 'cases')
  const event = { what: 'alert' }
  beforeEach(() => hear('hook:1'))

  it('puts it among the order’s cases, and counts for its refunds once', async () => {
    expect(await commit(MATCHED, tied)).toBe(true)
    expect(await redis.smembers(keys.orderCases('A'))).toEqual([ID])
    expect(await counted()).toBe('1')
    expect(await commit(MATCHED, { ledger: { ...emptyLedger('A'), cases: 1 } })).toBe(true)
    expect(await counted()).toBe('1')
    expect(await commit(MATCHED, { ledger: { ...emptyLedger('A'), cases: 1 }, mattersToOthers: true })).toBe(true)
    expect(await counted()).toBe('2')
  })

  it('of none concerns no order', async () => {
    await commit({}, { mattersToOthers: true, event, orderRev: 3 })
    expect(await redis.keys(`${keys.orderCases('')}*`)).toEqual([])
    expect(await redis.keys(`${keys.refunds('')}*`)).toEqual([])
    expect(await redis.exists(keys.timeline(''))).toBe(0)
  })

  it('is written only if order and refunds are as they were read', async () => {
    await redis.hset(keys.order('A'), 'rev', '3')
    expect(await commit(MATCHED, tied)).toBe(false)
    expect(await commit(MATCHED, { ...tied, orderRev: 2 })).toBe(false)
    expect(await commit(MATCHED, { ...tied, orderRev: 3 })).toBe(true)
    await redis.hset(keys.refunds('A'), { version: '4', cases: '7' })
    const by = (version: number, known: number) =>
      commit(MATCHED, { orderRev: 3, ledger: { ...emptyLedger('A'), version, cases: known } })
    expect([await by(3, 7), await by(4, 6), await by(4, 7)]).toEqual([false, false, true])
    expect(await commit({ orderId: null, state: 'unmatched' }, { orderRev: 99 })).toBe(true)
  })

  it('shows on the order’s timeline where the order is known', async () => {
    await commit(MATCHED, { ...tied, event })
    expect(await redis.exists(keys.timeline('A'))).toBe(0)
    await redis.hset(keys.order('A'), 'rev', '3')
    const known = { orderRev: 3, ledger: { ...emptyLedger('A'), cases: 1 } }
    await commit(MATCHED, { ...known })
    expect(await redis.exists(keys.timeline('A'))).toBe(0)
    await commit(MATCHED, { ...known, event })
    expect(await redis.lrange(keys.timeline('A'), 0, -1)).toEqual([`{"at":${START},"what":"alert"}`])
    for (let i = 0; i < 205; i++) await redis.lpush(keys.timeline('A'), `old ${i}`)
    await commit(MATCHED, { ...known, event })
    expect(await redis.llen(keys.timeline('A'))).toBe(200)
    expect(await redis.lindex(keys.timeline('A'), 0)).toContain('alert')
  })

  it('that it is of another order leaves the one before, and counts for the refunds of both', async () => {
    await commit(MATCHED, tied)
    await commit({ ...MATCHED, orderId: 'B' }, { ledger: emptyLedger('B') })
    expect(await redis.smembers(keys.orderCases('A'))).toEqual([])
    expect(await redis.smembers(keys.orderCases('B'))).toEqual([ID])
    expect([await counted('A'), await counted('B')]).toEqual(['2', '1'])
    await commit({ orderId: null, state: 'unmatched' })
    expect(await redis.smembers(keys.orderCases('B'))).toEqual([])
    expect([await counted('A'), await counted('B')]).toEqual(['2', '2'])
  })
})

describe('a case that is deleted', () => {
  const left = async () =>
    (await redis.keys(`${keys.orders.slice(0, -':orders'.length)}:*`)).filter(key => ![keys.eventFigures, keys.untiedVersion].includes(key)) // prettier-ignore
  const finished = { lookAt: null, markAt: null, ...tied }

  it('leaves nothing behind', async () => {
    await hear('hook:1')
    await commit({ ...MATCHED, arn: '74', untiedIn: ['amount:30', 'last_4:1881'], respondBy: START + 9 }, { ...tied, markAt: START + 7 }) // prettier-ignore
    expect(await cases.drop(ID, true)).toBe(true)
    expect(await left()).toEqual([])
    expect(await cases.drop(ID, true)).toBe(false)
  })

  it('is kept whole while it is not finished, and looked at again later', async () => {
    await hear('hook:1')
    await commit(MATCHED, { ...tied, markAt: START + 7 })
    const before = await left()
    expect(await cases.drop(ID, false, START + 99)).toBe(false)
    expect((await left()).toSorted()).toEqual(before.toSorted())
    expect(await scores(keys.casesKept)).toEqual([ID, String(START + 99)])
    expect(await scores(keys.cases)).toEqual([ID, String(START)])
    await commit(MATCHED, { ...finished, ledger: { ...emptyLedger('A'), cases: 1 } })
    expect(await cases.drop(ID, false, START + 99)).toBe(true)
    expect(await left()).toEqual([])
  })

  it('leaves the order’s other cases and its refunds', async () => {
    await hear('hook:1')
    await commit(MATCHED, finished)
    await redis.sadd(keys.orderCases('A'), 'midigator:other')
    expect(await cases.drop(ID, true)).toBe(true)
    expect(await redis.smembers(keys.orderCases('A'))).toEqual(['midigator:other'])
    expect(await redis.hgetall(keys.refunds('A'))).toEqual({ cases: '1' })
    await hear('hook:1')
    await redis.srem(keys.orderCases('A'), 'midigator:other')
    await redis.hset(keys.refunds('A'), 'ledger', '{}')
    await commit(MATCHED, { ...finished, ledger: { ...emptyLedger('A'), cases: 1 } })
    expect(await cases.drop(ID, true)).toBe(true)
    expect(await redis.hget(keys.refunds('A'), 'ledger')).toBe('{}')
  })

  it('goes with others of its age, and with all of its order', async () => {
    for (const guid of ['a', 'b', 'c']) {
      await cases.addEvent('midigator', 'alert', 'hook:1', alertEvent(guid), {})
      time.now += 10
    }
    await redis.zrem(keys.casesOpen, 'midigator:a')
    expect(await cases.expire(START + 15, 10)).toBe(1)
    expect(await redis.zrange(keys.casesKept, '0', '-1')).toEqual(['midigator:c', 'midigator:b'])
    await redis.sadd(keys.orderCases('A'), 'midigator:b', 'midigator:c')
    expect(await cases.forgetOrder('A', START)).toBe(2)
    // What was erased does not come back, until its tombstone is as old as an order may be.
    const again = await cases.addEvent('midigator', 'alert', 'hook:9', alertEvent('b'), {})
    expect(again).toMatchObject({ isNew: false, isForgotten: true })
    expect(await cases.read('midigator:b')).toBeNull()
    await cases.expire(START + 1, 10)
    expect(await cases.addEvent('midigator', 'alert', 'hook:9', alertEvent('b'), {})).toMatchObject({ isNew: true })
  })
})
