import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { again, allWait, done, later, park, type Job, type Outcome, type RunContext } from '../../src/jobs/job.ts'
import { startWorker, type RunningWorker, type WorkerOptions } from '../../src/queue/start-worker.ts'
import { eventually } from '../support/eventually.ts'
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
    workers.push(worker)
    return worker
  }
  const add = (...ids: string[]) => deps.queues.enqueue(job, ids.map(id => ({ id }))) // prettier-ignore
  return { runs, start, add, queue: deps.queues.of(job.name) }
}

const empty = ({ queue }: ReturnType<typeof jobOf>) =>
  eventually(async () =>
    expect(await queue.getJobCounts('waiting', 'active', 'delayed')).toEqual({ waiting: 0, active: 0, delayed: 0 }),
  )

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
    await eventually(async () => expect((await tryOut.queue.getDelayed())[0]?.failedReason).toBe('bug'))
    const { keys, redis } = pipeline.deps
    const [job] = await tryOut.queue.getJobs(['delayed', 'active', 'waiting'])
    const stored = JSON.stringify(await redis.hgetall(`${keys.queuePrefix}:try-out:${job!.id}`))
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

  it('of a newer version waits for code that knows it', async () => {
    const tryOut = jobOf(await newPipeline(), () => done())
    await tryOut.start()
    await tryOut.queue.add('try-out', { v: 2, id: 'a', andMore: true })
    await eventually(async () => expect(await tryOut.queue.getDelayed()).toHaveLength(1))
    expect((await tryOut.queue.getDelayed())[0]?.attemptsMade).toBe(0)
    expect(tryOut.runs).toEqual([])
  })

  it('carries a key and a version and nothing of the order', async () => {
    const pipeline = await newPipeline()
    await pipeline.tell(settledChange('order-1', { email_address: 'jane.roe@example.com', order_total: '25' }))
    const [job] = await pipeline.deps.queues.of('sync-order').getWaiting()
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
    const queue = pipeline.deps.queues.of('sync-order')
    await eventually(async () => expect((await queue.getDelayed())[0]?.failedReason).toBe('http-500'))
    const [job] = await queue.getDelayed()
    expect(JSON.stringify(job)).not.toContain('jane')
    expect(job?.stacktrace?.join('')).toBe('')
    expect(JSON.stringify(pipeline.logged)).not.toContain('jane')
  })
})

describe('a worker', () => {
  it('whose jobs hang is restarted, and goes on', async () => {
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

  it('that may do nothing is left alone: paused, told to wait, or with nothing to do', async () => {
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

  it('that closes is closed in its time though a job never ends', async () => {
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
