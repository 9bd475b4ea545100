import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { again, allWait, done, later, park, type Job, type Outcome, type RunContext } from '../../src/jobs/job.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { hurry, jobOf as jobView } from '../../src/queue/inspect.ts'
import { startRelay } from '../../src/queue/relay.ts'
import { startWorker, type RunningWorker, type WorkerOptions } from '../../src/queue/start-worker.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { settledChange, usePipelines, type Pipeline } from './pipeline.ts'
import { patience } from '../support/patience.ts'

const newPipeline = usePipelines()
const workers: RunningWorker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map(worker => worker.close(0)))
})

interface Payload {
  id: string
}
type Run = (id: string, context: RunContext, times: number) => Outcome | Promise<Outcome>

/** A job of this file's own, its runs in the order they began, and a worker that carries it out. */
function jobOf(pipeline: Pipeline, run: Run) {
  const runs: string[] = []
  const job: Job<Payload, null> = {
    name: 'try-out',
    payload: z.object({ id: z.string() }),
    key: payload => payload.id,
    run: async ({ id }, _deps, context) => {
      runs.push(id)
      return run(id, context, runs.filter(other => other === id).length)
    },
  }
  const { deps } = pipeline
  const start = async (more: Partial<WorkerOptions> = {}) => {
    const worker = await startWorker(job, null, {
      queues: deps.queues, redis: deps.redis, prefix: deps.keys.queuePrefix, log: deps.log, onRun: () => {},
      concurrency: 1, lockMs: 1_000, stalledMs: 300, backoffMinMs: 5, backoffMaxMs: 20, stuckMs: 60_000, ...more,
    }) // prettier-ignore
    const relay = startRelay([job], { queues: deps.queues, log: deps.log })
    const running = {
      close: async (ms: number) => void (await Promise.all([relay.close(), worker.close(ms)])),
    }
    workers.push(running)
    return running
  }
  const add = (...ids: string[]) => deps.queues.enqueue(job, ids.map(id => ({ id }))) // prettier-ignore
  return { runs, start, add, job, queue: deps.queues.of(job.name), due: deps.queues.due }
}

/** Nothing waits, runs or has a time; the queue itself never holds a time. Looked at twice: a job may move between two counts. */
const empty = ({ queue, due }: ReturnType<typeof jobOf>) =>
  eventually(async () => {
    for (let look = 0; look < 2; look++) {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed')
      expect([counts, await due.count('try-out')]).toEqual([
        { waiting: 0, active: 0, delayed: 0 },
        { due: 0, later: 0 },
      ])
    }
  })

describe('a run that comes to', () => {
  it('again is repeated after a back-off, with its attempts counted', async () => {
    const attempts: number[] = []
    const tryOut = jobOf(await newPipeline(), (_id, { attemptsMade }, times) => {
      attempts.push(attemptsMade)
      return times < 4 ? again('http-500') : done()
    })
    await tryOut.start()
    await tryOut.add('a')
    await empty(tryOut)
    expect(attempts).toEqual([0, 1, 2, 3])
  })

  it('later comes back after its time and burns no attempt', async () => {
    const began: { at: number; attemptsMade: number }[] = []
    const tryOut = jobOf(await newPipeline(), (_id, { attemptsMade }, times) => {
      began.push({ at: Date.now(), attemptsMade })
      return times < 3 ? later(80, 'busy') : done()
    })
    await tryOut.start()
    await tryOut.add('a')
    await empty(tryOut)
    expect(began.map(run => run.attemptsMade)).toEqual([0, 0, 0])
    expect(began[2]!.at - began[0]!.at).toBeGreaterThanOrEqual(158)
  })

  it('all-wait stops every worker of the queue for its time, and burns no attempt', async () => {
    const pipeline = await newPipeline()
    const began: number[] = []
    const tryOut = jobOf(pipeline, (id, _context, times) => {
      began.push(Date.now())
      return id === 'a' && times === 1 ? allWait(400, 'throttled') : done()
    })
    await Promise.all([tryOut.start(), tryOut.start()])
    await tryOut.add('a')
    await eventually(() => expect(tryOut.runs).toHaveLength(1))
    await eventually(async () => expect(await tryOut.queue.getRateLimitTtl()).toBeGreaterThan(0))
    await tryOut.add('b', 'c', 'd')
    await empty(tryOut)
    expect(tryOut.runs.toSorted()).toEqual(['a', 'a', 'b', 'c', 'd'])
    expect(began[1]! - began[0]!).toBeGreaterThanOrEqual(395)
  })

  it('park stops, is kept for a person, and makes room for the next', async () => {
    const tryOut = jobOf(await newPipeline(), (_id, _context, times) => (times === 1 ? park('ask-somebody') : done()))
    await tryOut.start()
    await tryOut.add('a')
    await eventually(async () => expect(await tryOut.queue.getFailed()).toHaveLength(1))
    expect((await tryOut.queue.getFailed())[0]?.failedReason).toBe('ask-somebody')
    await tryOut.add('a')
    await eventually(() => expect(tryOut.runs).toHaveLength(2))
  })

  it('an exception is repeated, and the queue learns only that there was one', async () => {
    const pipeline = await newPipeline()
    const tryOut = jobOf(pipeline, (_id, _context, times) => {
      if (times < 3) throw new Error('jane.roe@example.com could not be read')
      return done()
    })
    await tryOut.start({ backoffMinMs: 300, backoffMaxMs: 300 })
    await tryOut.add('a')
    await eventually(async () =>
      expect(await jobView(pipeline.deps.queues, tryOut.job, { id: 'a' })).toMatchObject({
        state: 'delayed',
        lastFailure: 'bug',
      }),
    )
    const stored = [...(await dumpKeys(pipeline.deps.redis, `${pipeline.deps.keys.queuePrefix}:*`)).values()].join('\n')
    expect(stored).not.toContain('jane')
    await empty(tryOut)
    expect(tryOut.runs).toHaveLength(3)
  })
})

describe('a job', () => {
  it('of a key is followed by exactly one more, however many are added while it runs', async () => {
    let release = () => {}
    const first = new Promise<void>(resolve => (release = resolve))
    const tryOut = jobOf(await newPipeline(), async (_id, _context, times) => {
      if (times === 1) await first
      return done()
    })
    await Promise.all([tryOut.start(), tryOut.start(), tryOut.start()])
    await tryOut.add('a')
    await eventually(() => expect(tryOut.runs).toHaveLength(1))
    for (let i = 0; i < 5; i++) await tryOut.add('a', 'a')
    expect(tryOut.runs).toHaveLength(1)
    release()
    await empty(tryOut)
    expect(tryOut.runs).toHaveLength(2)
  })

  it('that is no job of ours is parked, and never run', async () => {
    const tryOut = jobOf(await newPipeline(), () => done())
    await tryOut.start()
    for (const data of [{}, { v: 1 }, { v: 1, id: 7 }]) await tryOut.queue.add('try-out', data)
    await eventually(async () => expect(await tryOut.queue.getFailed()).toHaveLength(3))
    expect((await tryOut.queue.getFailed()).map(job => job.failedReason)).toEqual(Array(3).fill('invalid-payload'))
    expect(tryOut.runs).toEqual([])
  })

  it('of a newer version is run as its key, and swallows nothing that is added later', async () => {
    const tryOut = jobOf(await newPipeline(), () => done())
    await tryOut.start()
    await tryOut.queue.add('try-out', { v: 2, id: 'a', andMore: true }, { deduplication: { id: 'a' } })
    await empty(tryOut)
    await tryOut.add('a')
    await empty(tryOut)
    expect(tryOut.runs).toEqual(['a', 'a'])
  })

  it('that 0.1.0 left with a time or a schedule of the queue’s own is due at once', async () => {
    const tryOut = jobOf(await newPipeline(), () => done())
    await tryOut.queue.add('try-out', { v: 1, id: 'a' }, { delay: 86_400_000, deduplication: { id: 'a' } })
    await tryOut.queue.upsertJobScheduler('every-try-out', { every: 86_400_000 }, { name: 'try-out', data: { v: 1 } })
    await tryOut.start()
    await eventually(() => expect(tryOut.runs).toContain('a'))
    await empty(tryOut)
    expect(await tryOut.queue.getJobSchedulers()).toEqual([])
  })

  it('that failed waits its time whatever is wanted meanwhile, and runs at once where a person asks', async () => {
    const pipeline = await newPipeline()
    const tryOut = jobOf(pipeline, (_id, _context, times) => (times === 1 ? again('http-503') : done()))
    await tryOut.start({ backoffMinMs: 3_600_000, backoffMaxMs: 3_600_000 })
    const { queues } = pipeline.deps
    const isDelayed = () => eventually(async () => expect(await jobView(queues, tryOut.job, { id: 'a' })).toMatchObject({ state: 'delayed', attempts: 1 })) // prettier-ignore
    await tryOut.add('a')
    await isDelayed()
    await queues.want(tryOut.job, [{ id: 'a' }], 0)
    await queues.want(tryOut.job, [{ id: 'b' }], 0)
    await eventually(() => expect(tryOut.runs).toContain('b'))
    await isDelayed()
    expect(await hurry(queues, tryOut.job, { id: 'a' })).toBe(true)
    await eventually(() => expect(tryOut.runs.filter(id => id === 'a')).toHaveLength(2))
  })

  it('that was taken by a process which then died is due again', async () => {
    const pipeline = await newPipeline()
    const { queues } = pipeline.deps
    const tryOut = jobOf(pipeline, () => done())
    await queues.want(tryOut.job, [{ id: 'a' }], 0)
    const { jobs } = await queues.due.take(['try-out'], 10)
    expect(jobs[0]).toMatchObject([{ text: '{"id":"a"}' }])
    expect(await queues.due.take(['try-out'], 10)).toMatchObject({ jobs: [[]] })
    const { redis, keys } = pipeline.deps
    // Its time as a taken one is over.
    await redis.zadd(keys.jobsTaken('try-out'), '1', '{"id":"a"}')
    await tryOut.start()
    await empty(tryOut)
    expect(tryOut.runs).toEqual(['a'])
  })

  it('carries a key and a version and nothing of the order', async () => {
    const pipeline = await newPipeline()
    await pipeline.tell(settledChange('order-1', { email_address: 'jane.roe@example.com', order_total: '25' }))
    const { queues } = pipeline.deps
    const { jobs } = await queues.due.take(['sync-order'], 10)
    expect(jobs[0]).toEqual([{ text: '{"orderId":"order-1"}', failures: 0, priority: 0, code: null }])
    await queues.addDue(JOBS.syncOrder, jobs[0]!)
    const [job] = await queues.of('sync-order').getWaiting()
    expect(job?.data).toEqual({ v: 1, orderId: 'order-1' })
    expect(job?.opts).toMatchObject({
      deduplication: { id: 'order-1', keepLastIfActive: true },
      removeOnComplete: true,
    })
    expect(job?.opts.jobId).toBeUndefined()
  })

  it('that fails tells the queue a code only, though the platform repeats what it was sent', async () => {
    const pipeline = await newPipeline({ BACKOFF_MIN_MS: '2000', BACKOFF_MAX_MS: '2000' })
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', fault: { kind: 'status', status: 500 } }])
    await pipeline.tell(settledChange('o', { email_address: 'jane.roe@example.com' }))
    const { queues, redis, keys } = pipeline.deps
    await eventually(async () =>
      expect(await jobView(queues, JOBS.syncOrder, { orderId: 'o' })).toMatchObject({
        state: 'delayed',
        lastFailure: 'http-500',
      }),
    )
    for (const pattern of [`${keys.queuePrefix}:sync-order:*`, `${keys.queuePrefix}:job*`])
      expect([...(await dumpKeys(redis, pattern)).values()].join('\n')).not.toContain('jane')
    expect(JSON.stringify(pipeline.logged)).not.toContain('jane')
  })
})

describe('a worker', () => {
  it.runIf(isLong)('whose jobs hang is restarted, and goes on', async () => {
    const pipeline = await newPipeline()
    const tryOut = jobOf(pipeline, (id, _context, times) =>
      id === 'stuck' && times === 1 ? new Promise<Outcome>(() => {}) : done(),
    )
    await tryOut.start({ stuckMs: 1_000 })
    await tryOut.add('stuck')
    await eventually(() => expect(tryOut.runs).toEqual(['stuck']))
    await tryOut.add('next', 'stuck')
    await empty(tryOut)
    // The hung run is repeated, and then followed by the one that was wanted meanwhile.
    expect(tryOut.runs.toSorted()).toEqual(['next', 'stuck', 'stuck', 'stuck'])
    expect(pipeline.logged.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it.runIf(isLong)('that may do nothing is left alone: paused, told to wait, or with nothing to do', async () => {
    const pipeline = await newPipeline()
    const [paused, waiting] = [jobOf(pipeline, () => done()), jobOf(await newPipeline(), () => done())]
    await paused.queue.pause()
    await Promise.all([paused.start({ stuckMs: 300 }), waiting.start({ stuckMs: 300 })])
    await waiting.queue.rateLimit(1_000)
    await Promise.all([paused.add('a'), waiting.add('a')])
    await empty(waiting)
    expect(waiting.runs).toEqual(['a'])
    expect(pipeline.logged.filter(({ level }) => level === 'warn')).toEqual([])
    await paused.queue.resume()
    await empty(paused)
  })

  it('that closes takes no more jobs and finishes what is under way', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    const tryOut = jobOf(await newPipeline(), async () => {
      await held
      return done()
    })
    const worker = await tryOut.start()
    await tryOut.add('a', 'b')
    await eventually(() => expect(tryOut.runs).toHaveLength(1))
    const closed = worker.close(5_000)
    release()
    await closed
    expect(tryOut.runs).toHaveLength(1)
    expect(await tryOut.queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 1, active: 0 })
  })

  it('that closes aborts what does not end within its time, and the job is run again by another', async () => {
    const tryOut = jobOf(await newPipeline(), (_id, { signal }, times) =>
      times > 1 ? done() : new Promise(resolve => signal.addEventListener('abort', () => resolve(again('aborted')))),
    )
    const worker = await tryOut.start()
    await tryOut.add('a')
    await eventually(() => expect(tryOut.runs).toHaveLength(1))
    const began = Date.now()
    await worker.close(100)
    expect(Date.now() - began).toBeLessThan(1_500 * patience())
    await tryOut.start()
    await empty(tryOut)
    expect(tryOut.runs).toHaveLength(2)
  })

  it.runIf(isLong)('that closes is closed in its time though a job never ends', async () => {
    const tryOut = jobOf(await newPipeline(), () => new Promise<Outcome>(() => {}))
    const worker = await tryOut.start()
    await tryOut.add('a')
    await eventually(() => expect(tryOut.runs).toHaveLength(1))
    workers.length = 0
    const began = Date.now()
    await worker.close(100)
    expect(Date.now() - began).toBeLessThan(2_000 * patience())
  })
})

describe('a schedule', () => {
  const HOUR_MS = 3_600_000

  it('ticks once for all who look, and again after its interval by Redis’ clock', async () => {
    const { deps } = await newPipeline()
    const schedules = [{ name: 'hourly', everyMs: HOUR_MS }]
    const looks = await Promise.all(Array.from({ length: 10 }, () => deps.queues.due.takeSchedules(schedules)))
    expect(looks.flat()).toEqual(['hourly'])
    expect(await deps.queues.due.takeSchedules(schedules)).toEqual([])
    await deps.redis.zincrby(deps.keys.schedules, -HOUR_MS, 'hourly')
    expect(await deps.queues.due.takeSchedules(schedules)).toEqual(['hourly'])
  })

  it('that was written a day ahead is never further away than its interval', async () => {
    const { deps } = await newPipeline()
    const [before] = await deps.redis.time()
    await deps.redis.zadd(deps.keys.schedules, (Number(before) + 86_400) * 1_000, 'sweep')
    expect(await deps.queues.due.takeSchedules([{ name: 'sweep', everyMs: 30_000 }])).toEqual([])
    const [after] = await deps.redis.time()
    const at = Number(await deps.redis.zscore(deps.keys.schedules, 'sweep'))
    expect(at).toBeLessThanOrEqual((Number(after) + 1) * 1_000 + 30_000)
  })
})
