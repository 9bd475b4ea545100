import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RefundMode } from '../../src/domain/account/account.ts'
import { emptyLedger, type Claim, type Ledger } from '../../src/domain/refund/ledger.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createRefundStore, type BeginRefund, type CommitRefunds } from '../../src/store/refund-store.ts'
import { deleteKeys, testNamespace } from '../support/no-leftovers.ts'
import { runTwice } from '../support/run-twice.ts'
import { claimed, confirmed, sending, stopped } from '../unit/build-case.ts'

const START = 1_770_000_000_000
const HOUR_MS = 3_600_000
const { namespace, redisUrl } = testNamespace()
const connection = connectRedis(redisUrl, namespace, 'patient')
const redis = runTwice(connection, `{${namespace}*`)
afterAll(() => closeRedis(connection))
afterEach(() => deleteKeys(redis, `{${namespace}-*`))
const time = { now: START }
let count = 0
const open = (defaultMode?: RefundMode) => {
  const keys = keysOf(`${namespace}-${(count += 1)}`)
  return { keys, refunds: createRefundStore(redis, { keys, defaultMode, clock: () => time.now }) }
}
let { keys, refunds } = open()
beforeEach(() => {
  ;({ keys, refunds } = open())
  time.now = START
})
const scores = (key: string) => redis.zrange(key, '0', '-1', 'WITHSCORES')
const timeline = () => redis.lrange(keys.timeline('A'), 0, -1)
const ledger = (...claims: Claim[]): Ledger => ({ ...emptyLedger('A'), claims })
const commit = async (over: Partial<CommitRefunds> = {}) =>
  refunds.commit({ before: await refunds.read('A'), ledger: ledger(claimed()), lookAt: null, takes: null, event: null, ...over }) // prettier-ignore

describe('an order’s refunds', () => {
  it('are written, counted, and looked after when they say so', async () => {
    expect(await commit({ lookAt: START + 5, event: { what: 'x' } })).toBe('written')
    expect(await refunds.read('A')).toMatchObject({ version: 1, cases: 0, claims: [{ key: 'k1', state: 'claimed' }] })
    expect(await scores(keys.refundsDue)).toEqual(['A', String(START + 5)])
    expect(await timeline()).toEqual([`{"at":${START},"what":"x"}`])
    expect(await commit({ ledger: ledger(confirmed()) })).toBe('written')
    expect(await refunds.read('A')).toMatchObject({ version: 2, claims: [{ state: 'confirmed' }] })
    expect(await scores(keys.refundsDue)).toEqual([])
    expect(await timeline()).toHaveLength(1)
  })

  it('are written only as they were read', async () => {
    expect(await commit()).toBe('written')
    const stale = emptyLedger('A')
    expect(await commit({ before: stale, ledger: ledger(confirmed()), lookAt: 1, takes: 'T', event: { what: 'x' } })).toBe('changed') // prettier-ignore
    expect(await refunds.read('A')).toMatchObject({ version: 1, claims: [{ state: 'claimed' }] })
    expect([await scores(keys.refundsDue), await timeline()]).toEqual([[], []])
    expect(await redis.keys(`${keys.refundOwner}*`)).toEqual([])
  })

  it('take a transaction once for all: it belongs to the first order that does', async () => {
    expect(await commit({ takes: 'T-1' })).toBe('written')
    expect(await commit({ takes: 'T-1' })).toBe('written')
    const other = { before: emptyLedger('B'), ledger: emptyLedger('B'), lookAt: 5, event: null }
    expect(await refunds.commit({ ...other, takes: 'T-1' })).toBe('owned')
    expect(await refunds.read('B')).toMatchObject({ version: 0 })
    expect(await refunds.commit({ ...other, takes: 'T-2' })).toBe('written')
    expect(await commit({ takes: 'T-2' })).toBe('owned')
    expect(await commit({ takes: null })).toBe('written')
    expect(await redis.keys(`${keys.refundOwner}*`)).toHaveLength(2)
  })

  it('of which a confirmed one is taken back have the order’s cases decided again now', async () => {
    await redis.sadd(keys.orderCases('A'), 'x', 'y')
    await redis.zadd(keys.casesOpen, START + 50, 'x')
    await commit({ ledger: ledger(confirmed()) })
    expect(await scores(keys.casesOpen)).toEqual(['x', String(START + 50)])
    await commit({ ledger: ledger(stopped('failed')) })
    expect(await scores(keys.casesOpen)).toEqual(['x', String(START), 'y', String(START)])
    time.now += 9
    await commit({ ledger: ledger(confirmed()) })
    await commit({ ledger: ledger(stopped('failed')) })
    expect(await scores(keys.casesOpen)).toEqual(['x', String(START), 'y', String(START)])
  })

  it('are due at their time, and come back later', async () => {
    await commit({ lookAt: START })
    expect(await refunds.takeDue(4_000, 9)).toEqual(['A'])
    expect(await scores(keys.refundsDue)).toEqual(['A', String(START + 4_000)])
  })
})

describe('leave to send a refund', () => {
  const ready = claimed()
  const begin = async (over: Partial<BeginRefund> = {}) =>
    refunds.begin({
      before: await refunds.read('A'), ledger: ledger(sending({ attempt: 'try', sendingAt: null, firstSentAt: null })), claim: ready, attempt: 'try',
      orderRev: 3, defaultMode: 'auto', isReleased: false, counted: null, hourlyLimit: null, lostAfterMs: 20_000, untiedVersion: '0',
      respondBy: null, event: null, ...over,
    }) // prettier-ignore
  const refused = (why: string) => ({ go: false, why })
  const nothingWritten = async () => {
    expect(await refunds.read('A')).toMatchObject({ version: 1, claims: [{ state: 'claimed' }] })
    expect([await scores(keys.refundsDue), await scores(keys.refundHour), await timeline()]).toEqual([[], [], []])
  }
  beforeEach(async () => {
    await redis.hset(keys.order('A'), 'rev', '3')
    await commit({ ledger: ledger(ready) })
  })

  it('is given once, and everything of it written', async () => {
    expect(await begin({ event: { what: 'refund-sent' } })).toEqual({ go: true, at: START })
    expect(await refunds.read('A')).toMatchObject({ version: 2, claims: [{ state: 'sending', attempt: 'try', sendingAt: START, firstSentAt: START }] }) // prettier-ignore
    expect(await scores(keys.refundsDue)).toEqual(['A', String(START + 20_000)])
    expect(await timeline()).toEqual([`{"at":${START},"what":"refund-sent"}`])
    expect(await redis.exists(keys.refundHour)).toBe(0)
  })

  it('is the same for the same attempt, asked for again by a connection that broke', async () => {
    const before = await refunds.read('A')
    await begin({ before, event: { what: 'refund-sent' } })
    time.now += 7
    expect(await begin({ before, event: { what: 'refund-sent' } })).toEqual({ go: true, at: START })
    expect(await refunds.read('A')).toMatchObject({ version: 2 })
    expect(await timeline()).toHaveLength(1)
    expect(await begin({ before, attempt: 'other' })).toEqual(refused('changed'))
  })

  it('needs refunds, cases, order and notices as they were read', async () => {
    const before = await refunds.read('A')
    expect(await begin({ before: { ...before, version: 0 } })).toEqual(refused('changed'))
    expect(await begin({ before: { ...before, cases: 1 } })).toEqual(refused('changed'))
    expect(await begin({ orderRev: 2 })).toEqual(refused('changed'))
    expect(await begin({ untiedVersion: '1' })).toEqual(refused('changed'))
    await nothingWritten()
    await redis.hset(keys.refunds('A'), 'cases', '1')
    await redis.set(keys.untiedVersion, '5')
    expect(await begin({ before })).toEqual(refused('changed'))
    expect(await begin()).toEqual(refused('changed'))
    expect(await begin({ untiedVersion: '5' })).toMatchObject({ go: true })
  })

  it('is not given for refunds that were never stored, unless nothing of them is known', async () => {
    const other = { orderRev: 3, before: emptyLedger('B'), ledger: { ...ledger(sending()), orderId: 'B' } }
    expect(await begin(other)).toEqual(refused('changed'))
    await redis.hset(keys.order('B'), 'rev', '3')
    expect(await begin(other)).toMatchObject({ go: true })
  })

  it('is not given from the deadline on', async () => {
    expect(await begin({ respondBy: START })).toEqual(refused('late'))
    expect(await begin({ respondBy: START - 1 })).toEqual(refused('late'))
    await nothingWritten()
    expect(await begin({ respondBy: START + 1 })).toMatchObject({ go: true })
  })

  it('is not given while refunds are off, nor where the mode was never set', async () => {
    expect(await begin({ defaultMode: 'off' })).toEqual(refused('off'))
    expect(await begin({ defaultMode: '' })).toEqual(refused('off'))
    await refunds.setMode('off', 'ann', null, START)
    expect(await begin()).toEqual(refused('off'))
    await nothingWritten()
    await refunds.setMode('auto', 'ann', null, START)
    expect(await begin({ defaultMode: 'off' })).toMatchObject({ go: true })
  })

  it('needs a person’s release where refunds are approved one by one', async () => {
    expect(await begin({ defaultMode: 'approve' })).toEqual(refused('approval'))
    await nothingWritten()
    expect(await begin({ defaultMode: 'approve', isReleased: true })).toMatchObject({ go: true })
  })

  it('is given within the limit of an hour, and beyond it only where a person released it', async () => {
    const limited = (amount: bigint, over: Partial<BeginRefund> = {}) => begin({ counted: amount, hourlyLimit: 100n, ...over }) // prettier-ignore
    await redis.zadd(keys.refundHour, START - HOUR_MS, 'old|90', START - HOUR_MS + 1, 'k0|60')
    expect(await limited(41n)).toEqual(refused('capped'))
    expect(await refunds.read('A')).toMatchObject({ version: 1 })
    expect(await redis.zrange(keys.refundHour, '0', '-1')).toEqual(['k0|60'])
    expect(await limited(40n)).toMatchObject({ go: true })
    expect(await scores(keys.refundHour)).toEqual(['k0|60', String(START - HOUR_MS + 1), 'k1|40', String(START)])
    expect(await limited(61n, { attempt: '2', claim: claimed({ key: 'k2' }), isReleased: true })).toMatchObject({
      go: true,
    })
    expect(await redis.zscore(keys.refundHour, 'k2|61')).toBe(String(START))
  })

  it('counts every refund of the hour', async () => {
    await redis.zadd(keys.refundHour, START - 9, 'a|30', START - 8, 'b|30', START - 7, 'c|30')
    expect(await begin({ counted: 11n, hourlyLimit: 100n })).toEqual(refused('capped'))
    expect(await begin({ counted: 10n, hourlyLimit: 100n })).toMatchObject({ go: true })
    expect(await timeline()).toEqual([])
  })

  it('counts another try of the same refund once', async () => {
    await redis.zadd(keys.refundHour, START - 5, 'k1|90', START - 5, 'k0|10')
    expect(await begin({ counted: 90n, hourlyLimit: 100n })).toMatchObject({ go: true })
  })

  it('counts amounts where there is no limit yet, and none in another currency', async () => {
    expect(await begin({ counted: 5_000n })).toMatchObject({ go: true })
    expect(await redis.zrange(keys.refundHour, '0', '-1')).toEqual(['k1|5000'])
    await redis.del(keys.refundHour)
    expect(await begin({ attempt: '2', counted: null, hourlyLimit: 1n })).toMatchObject({ go: true })
    expect(await redis.exists(keys.refundHour)).toBe(0)
  })
})
