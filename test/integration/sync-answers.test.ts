import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/faults.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { settledChange, usePipelines, type Pipeline } from './pipeline.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { jobOf } from '../../src/queue/inspect.ts'

const newPipeline = usePipelines()

const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null
const arrived = (pipeline: Pipeline, ...orderIds: string[]) =>
  eventually(() => {
    const missing = orderIds.filter(orderId => recordOf(pipeline, orderId)?.order_status !== 'Complete')
    expect(missing).toEqual([])
  })
const calls = ({ sandbox }: Pipeline, call: 'auth' | 'order') =>
  sandbox.inbox.requests().filter(request => request.call === call)
/** How long after the call so many places before it each came. */
const gateOf = ({ deps }: Pipeline) => deps.gates.state('midigator')
const ids = (count: number) => Array.from({ length: count }, (_, i) => `o${i}`)
const faultOnOrder = (pipeline: Pipeline, fault: Fault, times?: number) =>
  pipeline.sandbox.faults.set([{ on: 'order', fault, ...(times === undefined ? {} : { times }) }])
/** Failed attempts of every job of the queue. */
const attemptsBurnt = async ({ deps }: Pipeline) => {
  const jobs = await Promise.all(ids(20).map(orderId => jobOf(deps.queues, JOBS.syncOrder, { orderId })))
  return jobs.reduce((sum, job) => sum + (job?.attempts ?? 0), 0)
}

describe('a refused token', () => {
  it('is renewed once for all processes, and the pushes go out again', async () => {
    const pipeline = await newPipeline()
    for (let i = 0; i < 3; i++) await pipeline.startWorker()
    await pipeline.tell(...ids(12).map(id => settledChange(id)))
    await arrived(pipeline, ...ids(12))
    expect(calls(pipeline, 'auth')).toHaveLength(1)
    pipeline.sandbox.revokeTokens()
    await pipeline.tell(...ids(12).map(id => settledChange(id, { order_total: '2' })))
    await eventually(() => {
      for (const id of ids(12)) expect(recordOf(pipeline, id)).toMatchObject({ order_total: '2.00' })
    })
    expect(calls(pipeline, 'auth')).toHaveLength(2)
    expect((await gateOf(pipeline)).denied).toBeNull()
  })

  it('that is refused again though it is fresh stops pushing: denied, and nobody burns an attempt', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startWorker()])
    faultOnOrder(pipeline, { kind: 'status', status: 401 })
    await pipeline.tell(settledChange('o'))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ denied: 'credentials-refused' }))
    await pipeline.tell(...ids(5).map(id => settledChange(id)))
    expect(calls(pipeline, 'order')).toHaveLength(2)
    expect(await attemptsBurnt(pipeline)).toBe(0)
  })
})

describe('a denial', () => {
  const DENIALS: [string, Fault, string][] = [
    ['a 403', { kind: 'status', status: 403 }, 'forbidden'],
    ['a redirect', { kind: 'redirect' }, 'redirected'],
    ['a token refused twice', { kind: 'status', status: 401 }, 'credentials-refused'],
  ]

  it.each(DENIALS)('by %s stops pushing, is probed, and lifts itself', async (_what, fault, cause) => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startWorker()])
    faultOnOrder(pipeline, fault)
    await pipeline.tell(settledChange('o'), ...ids(6).map(id => settledChange(id)))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ denied: cause }))
    const logged = { level: 'error', args: [expect.objectContaining({ why: cause }), expect.any(String)] }
    await eventually(() => expect(pipeline.logged).toContainEqual(logged))
    await pipeline.startScheduler()
    // Every probe lets a single push through.
    await eventually(() => expect(calls(pipeline, 'auth').length).toBeGreaterThan(2))
    expect(await gateOf(pipeline)).toMatchObject({ denied: expect.any(String) })
    expect(await attemptsBurnt(pipeline)).toBe(0)
    expect(pipeline.sandbox.inbox.requests().filter(({ call }) => call === 'other')).toEqual([])
    pipeline.sandbox.faults.clear()
    await arrived(pipeline, 'o', ...ids(6))
    expect(await gateOf(pipeline)).toMatchObject({ denied: null, deniedAt: null })
  })

  it('of the credentials themselves is told by /auth, by the same table', async () => {
    const pipeline = await newPipeline({ MIDIGATOR_DATA_PASSWORD: 'wrong' })
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o'))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ denied: 'credentials-refused' }))
    expect(calls(pipeline, 'auth')).toHaveLength(1)
    expect(calls(pipeline, 'order')).toHaveLength(0)
    expect(await attemptsBurnt(pipeline)).toBe(0)
  })

  it('never undoes an operator’s pause', async () => {
    const pipeline = await newPipeline()
    const queue = pipeline.deps.queues.of('sync-order')
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    faultOnOrder(pipeline, { kind: 'status', status: 403 })
    await pipeline.tell(settledChange('o'))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ denied: 'forbidden' }))
    await queue.pause()
    const seen = calls(pipeline, 'auth').length
    pipeline.sandbox.faults.clear()
    await eventually(() => expect(calls(pipeline, 'auth').length).toBeGreaterThan(seen + 2))
    expect(await queue.isPaused()).toBe(true)
    expect(recordOf(pipeline, 'o')).toBeNull()
    await queue.resume()
    await arrived(pipeline, 'o')
  })
})

describe('a 429', () => {
  it('makes all workers wait as long as it says, and no attempt is spent', async () => {
    const pipeline = await newPipeline({ ORDER_SYNC_CONCURRENCY: '1' })
    await Promise.all([pipeline.startWorker(), pipeline.startWorker()])
    faultOnOrder(pipeline, { kind: 'status', status: 429, retryAfterS: 1 }, 1)
    await pipeline.tell(...ids(10).map(id => settledChange(id)))
    await arrived(pipeline, ...ids(10))
    const { at } = calls(pipeline, 'order').find(call => call.status === 429)!
    const during = calls(pipeline, 'order').filter(call => call.at > at + 60 && call.at < at + 1_000)
    expect(during).toEqual([])
    expect(await attemptsBurnt(pipeline)).toBe(0)
  })

  it('that asks for too much is clamped', async () => {
    const pipeline = await newPipeline({ THROTTLE_MAX_MS: '300' })
    await pipeline.startWorker()
    faultOnOrder(pipeline, { kind: 'status', status: 429, retryAfterS: 86_400 }, 1)
    await pipeline.tell(settledChange('o'))
    await arrived(pipeline, 'o')
    expect(calls(pipeline, 'order').map(call => call.status)).toEqual([429, 200])
  })
})

describe('a failure that passes', () => {
  const FAILURES: Fault[] = [
    { kind: 'status', status: 408 }, { kind: 'status', status: 500 }, { kind: 'status', status: 503 }, { kind: 'html' }, { kind: 'hang' },
    { kind: 'reset' }, { kind: 'commit-then-reset' },
  ] // prettier-ignore

  it.each(FAILURES)('backs off and tries again: %o', async fault => {
    const pipeline = await newPipeline({ PUSH_TIMEOUT_MS: '150' })
    await pipeline.startWorker()
    faultOnOrder(pipeline, fault, 2)
    await pipeline.tell(settledChange('o'))
    await eventually(() => expect(calls(pipeline, 'order').at(-1)).toMatchObject({ status: 200 }))
    expect(calls(pipeline, 'order')).toHaveLength(3)
  })

  it('is tried for ever, however often it fails', async () => {
    const pipeline = await newPipeline({ BACKOFF_MIN_MS: '1', BACKOFF_MAX_MS: '4' })
    await pipeline.startWorker()
    faultOnOrder(pipeline, { kind: 'status', status: 500 }, 40)
    await pipeline.tell(settledChange('o'))
    await arrived(pipeline, 'o')
    expect(calls(pipeline, 'order').filter(call => call.status === 500)).toHaveLength(40)
  })

  it('of /auth is backed off like one of /order', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'auth', times: 3, fault: { kind: 'status', status: 503 } }])
    await pipeline.tell(settledChange('o'))
    await arrived(pipeline, 'o')
    expect(calls(pipeline, 'auth')).toHaveLength(4)
  })
})

describe('a platform that is down', () => {
  it('is probed by one call at a time over all workers, and the backlog drains when it returns', async () => {
    const pipeline = await newPipeline({ BREAKER_FAILURES: '5', BREAKER_PROBE_MS: '200', ORDER_SYNC_CONCURRENCY: '4' })
    await Promise.all([pipeline.startWorker(), pipeline.startWorker()])
    faultOnOrder(pipeline, { kind: 'status', status: 503 })
    await pipeline.tell(...ids(30).map(id => settledChange(id)))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ breaker: 'open' }))
    // Those under way when it opened come back first; from then on there are only probes.
    const queue = pipeline.deps.queues.of('sync-order')
    await eventually(async () => expect(await queue.getActiveCount()).toBe(0))
    const [before, since] = [calls(pipeline, 'order').length, performance.now()]
    await eventually(() => expect(calls(pipeline, 'order').length).toBeGreaterThanOrEqual(before + 6))
    // Five times 200 ms lie between six probes; half of it may be lost where the first is late on its way.
    expect(performance.now() - since).toBeGreaterThan(500)
    pipeline.sandbox.faults.clear()
    await arrived(pipeline, ...ids(30))
    expect(await gateOf(pipeline)).toMatchObject({ breaker: 'closed', openedAt: null })
  })

  it('never undoes an operator’s pause when it returns', async () => {
    const pipeline = await newPipeline({ BREAKER_FAILURES: '2' })
    await pipeline.startWorker()
    const queue = pipeline.deps.queues.of('sync-order')
    faultOnOrder(pipeline, { kind: 'status', status: 503 }, 3)
    await pipeline.tell(settledChange('o'), settledChange('p'))
    await eventually(async () => expect(await gateOf(pipeline)).toMatchObject({ breaker: 'open' }))
    await queue.pause()
    await pipeline.deps.gates.record('midigator', { what: 'answered' })
    await eventually(async () => expect((await queue.getJobCounts('active')).active).toBe(0))
    expect(await queue.isPaused()).toBe(true)
    const seen = calls(pipeline, 'order').length
    await pipeline.tell(settledChange('q'))
    expect(calls(pipeline, 'order')).toHaveLength(seen)
    await queue.resume()
    await arrived(pipeline, 'o', 'p', 'q')
  })
})

it.runIf(isLong)('a ceiling on pushes holds over all workers together', async () => {
  const pipeline = await newPipeline({ MIDIGATOR_RATE_MAX: '3', MIDIGATOR_RATE_DURATION_MS: '200' })
  await Promise.all([pipeline.startWorker(), pipeline.startWorker()])
  await pipeline.tell(...ids(22).map(id => settledChange(id)))
  await arrived(pipeline, ...ids(22))
  const times = calls(pipeline, 'order').map(call => call.at)
  // Seven times 200 ms lie between the first three and the last; half of it may be lost where the first are late on their way.
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(700)
})
