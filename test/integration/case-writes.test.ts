import { beforeEach, describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { createCaseStore } from '../../src/store/case-store.ts'
import { event } from '../unit/build-case.ts'
import { START, useCaseStore } from './case-store.ts'

const store = useCaseStore()
const { redis, time } = store
let { keys, cases } = store
beforeEach(() => void ({ keys, cases } = store))

const ID = 'midigator:g'
const scores = (key: string) => redis.zrange(key, '0', '-1', 'WITHSCORES')
const hear = (
  slot: string,
  facts: AlertFacts = {},
  sentAt: number | null = null,
  kind: 'alert' | 'request' = 'alert',
) => cases.addEvent('midigator', kind, slot, event(kind === 'alert' ? 'alert' : 'refund', 'g', facts, sentAt), { slot })
const sentAts = async () => (await cases.read(ID))!.log.map(entry => (entry.what === 'hook' ? entry.event.sentAt : 'x'))

describe('an event of a case', () => {
  it('begins the case: it is listed, open, kept, and waits to be decided', async () => {
    expect(await hear('hook:1', { partner: 'ethoca', amount: '30', currency: 'USD' }, 5)).toEqual({
      id: ID,
      isNew: true,
      isForgotten: false,
    })
    expect(await cases.read(ID)).toMatchObject({
      id: ID, version: 1, isNewer: false,
      record: { v: 2, id: ID, kind: 'alert', state: 'received', reason: 'new', seenAt: START, partner: 'ethoca', amount: '30', currency: 'USD' },
      log: [{ what: 'hook', at: START, raw: { slot: 'hook:1' }, event: { type: 'alert', guid: 'g', sentAt: 5 } }],
    }) // prettier-ignore
    for (const key of [keys.cases, keys.casesIn('received'), keys.casesOpen, keys.casesKept])
      expect(await scores(key)).toEqual([ID, String(START)])
    expect(await redis.hgetall(keys.eventFigures)).toEqual({ 'at:midigator': String(START), alert: '1' })
  })

  it('of a refund request is kept and not listed', async () => {
    await hear('hook:1', {}, null, 'request')
    expect([await redis.exists(keys.cases), await redis.exists(keys.casesIn('received'))]).toEqual([0, 0])
    expect(await scores(keys.casesOpen)).toEqual([ID, String(START)])
  })

  it('that came before adds nothing, and is counted', async () => {
    await hear('hook:1', {}, 5)
    time.now += 9
    expect((await hear('hook:1', {}, 5)).isNew).toBe(false)
    expect((await cases.read(ID))!).toMatchObject({ version: 1, log: [{ at: START }] })
    expect(await redis.hgetall(keys.eventFigures)).toEqual({ 'at:midigator': String(START + 9), alert: '2' })
  })

  it('that came before with a later time keeps the earliest of its times', async () => {
    await hear('hook:1', {}, 50)
    await hear('hook:1', {}, 60)
    expect(await sentAts()).toEqual([50])
    await hear('hook:1', {}, null)
    expect(await sentAts()).toEqual([50])
    expect((await hear('hook:1', {}, 40)).isNew).toBe(false)
    expect(await sentAts()).toEqual([40])
    expect((await cases.read(ID))!.version).toBe(2)
  })

  it('has its earliest time apart from what its body says', async () => {
    const told = (sentAt: number) => cases.addEvent('midigator', 'alert', 'hook:1', event('alert', 'g', {}, sentAt), { sentAt: 60 }) // prettier-ignore
    await told(60)
    await told(50)
    expect((await cases.read(ID))!.log).toMatchObject([{ event: { sentAt: 50 }, raw: { sentAt: 60 } }])
  })

  it('that came before without a time has one from the next delivery', async () => {
    await hear('hook:1', {}, null)
    await hear('hook:1', {}, 70)
    expect(await sentAts()).toEqual([70])
  })

  it('of a case that is known keeps when it was first heard of, and has it decided now', async () => {
    await hear('hook:1')
    await redis.zadd(keys.casesOpen, START + 60_000, ID)
    time.now += 9
    expect(await hear('hook:2')).toEqual({ id: ID, isNew: true, isForgotten: false })
    expect((await cases.read(ID))!).toMatchObject({ version: 2, record: { seenAt: START } })
    expect(await scores(keys.casesOpen)).toEqual([ID, String(START + 9)])
    for (const key of [keys.cases, keys.casesIn('received'), keys.casesKept])
      expect(await scores(key)).toEqual([ID, String(START)])
    time.now += 9
    await hear('hook:3')
    expect(await scores(keys.casesOpen)).toEqual([ID, String(START + 9)])
  })

  it('makes room among a hundred: the oldest but one goes, and what is no event stays', async () => {
    const entry = (what: string, at: number) => JSON.stringify({ what, at })
    await redis.hset(keys.caseLog(ID), { 'decision:1': entry('decision', START - 500), asked: entry('asked', 1) })
    for (let i = 0; i < 97; i++) {
      time.now = START + (i === 0 ? 50 : i === 1 ? 0 : 100 + i)
      await hear(`hook:${i}`)
    }
    expect(await redis.hlen(keys.caseLog(ID))).toBe(99)
    time.now = START + 1_000
    await hear('hook:99')
    expect(await redis.hlen(keys.caseLog(ID))).toBe(100)
    await hear('hook:100')
    const slots = await redis.hkeys(keys.caseLog(ID))
    expect(slots).toHaveLength(100)
    expect(slots).toEqual(
      expect.arrayContaining(['decision:1', 'asked', 'hook:1', 'hook:2', 'hook:96', 'hook:99', 'hook:100']),
    )
    expect(slots).not.toContain('hook:0')
  })

  it('makes room too where all came at one time', async () => {
    for (let i = 0; i < 103; i++) await hear(`hook:${i}`)
    expect(await redis.hlen(keys.caseLog(ID))).toBe(100)
  })

  it('where hardly any entry is an event leaves all others', async () => {
    for (let i = 0; i < 100; i++) await redis.hset(keys.caseLog(ID), `decision:${i}`, '{"what":"decision","at":1}')
    const hooks = async () => (await redis.hkeys(keys.caseLog(ID))).filter(slot => slot.startsWith('hook')).toSorted()
    await hear('hook:1')
    expect(await redis.hlen(keys.caseLog(ID))).toBe(101)
    time.now += 1
    await hear('hook:2')
    expect(await hooks()).toEqual(['hook:1', 'hook:2'])
    time.now += 1
    await hear('hook:3')
    expect(await hooks()).toEqual(['hook:1', 'hook:3'])
  })

  it('is kept at Redis’ own time where no clock is given', async () => {
    const real = createCaseStore(redis, { keys })
    const clock = async () => {
      const [seconds, micros] = (await redis.time()).map(Number)
      return seconds! * 1_000 + Math.floor(micros! / 1_000)
    }
    const before = await clock()
    await real.addEvent('midigator', 'alert', 'hook:1', event('alert', 'g', {}), {})
    const { seenAt } = (await real.read(ID))!.record
    expect(Number.isInteger(seenAt)).toBe(true)
    expect(seenAt).toBeGreaterThanOrEqual(before)
    expect(seenAt).toBeLessThanOrEqual(await clock())
  })
})

it('a case that there is not cannot be read', async () => {
  expect(await cases.read('midigator:none')).toBeNull()
})

describe('what is due', () => {
  it('is taken soonest first, up to now, and comes back later', async () => {
    await redis.zadd(keys.casesOpen, START - 5, 'b', START - 9, 'a', START, 'c', START + 1, 'd')
    expect(await cases.takeDue(4_000, 2)).toEqual(['a', 'b'])
    expect(await cases.takeDue(4_000, 9)).toEqual(['c'])
    expect(await cases.takeDue(4_000, 9)).toEqual([])
    time.now += 4_000
    expect(await cases.takeDue(4_000, 9)).toEqual(['d', 'a', 'b', 'c'])
  })
})
