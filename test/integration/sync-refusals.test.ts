import { describe, expect, it } from 'vitest'
import { VERSION } from '../../src/deps.ts'
import { report } from '../support/report.ts'
import { eventually } from '../support/eventually.ts'
import { few, isLong } from '../support/long.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'

const newPipeline = usePipelines()

const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null
const isRejected = ({ deps }: Pipeline, orderId = 'o') =>
  eventually(async () => {
    const standing = await deps.orders.standing(orderId)
    expect(standing).toMatchObject({ dirtySince: null, retryAt: expect.any(Number) })
    return standing.retryAt!
  })
/** A first sweep tries every refused order again, for our version is new to it: here it has swept before. */
const startScheduler = async (pipeline: Pipeline) => {
  await pipeline.deps.redis.set(pipeline.deps.keys.version, VERSION)
  await pipeline.startScheduler()
}
/** Ours is text; the platform wants an address of a machine. */
const REFUSED = { ip_address: 'nowhere' }

describe('what a platform refuses', () => {
  it.each(few([422, 400, 404, 409, 412]))(
    'with %i leaves the dirty orders for the rejected ones, and is not pushed again',
    async status => {
      const pipeline = await newPipeline()
      await pipeline.startWorker()
      pipeline.sandbox.faults.set([{ on: 'order', orderId: 'o', times: 1, fault: { kind: 'status', status } }])
      await pipeline.tell(settledChange('o'), settledChange('other'))
      const retryAt = await isRejected(pipeline)
      expect(retryAt).toBeGreaterThan(Date.now() + 23 * 3_600_000)
      expect((await pipeline.deps.orders.read('o'))!.push.refusal).toMatchObject({ status })
      const startedAt = Date.now()
      await startScheduler(pipeline)
      // A few sweeps later.
      await eventually(async () =>
        expect((await pipeline.deps.queues.due.schedulesRan()).get('sweep-orders') ?? 0).toBeGreaterThan(
          startedAt + 300,
        ),
      )
      expect(pipeline.received('o')).toHaveLength(1)
    },
  )

  it('is kept with the platform’s words, masked of every value that was sent', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', fault: { kind: 'status', status: 422 } }])
    const secret = {
      email_address: 'jane.roe@example.com',
      billing_first_name: 'Jane',
      billing_street_address: '1 Elm Street',
    }
    await pipeline.tell(settledChange('order-741258', secret))
    await isRejected(pipeline, 'order-741258')
    const { words } = (await pipeline.deps.orders.read('order-741258'))!.push.refusal!
    expect(words).toContain('email_address')
    expect(words).not.toMatch(/jane|roe|elm|741258/i)
    const events = JSON.stringify(await pipeline.deps.orders.timeline('order-741258'))
    expect(events).toContain('refused')
    expect(events).not.toMatch(/jane|roe|elm/i)
  })

  it('is tried again at the next change', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', REFUSED))
    await isRejected(pipeline)
    await pipeline.tell(change('o', { ip_address: '10.0.0.1' }))
    await eventually(() =>
      expect(recordOf(pipeline, 'o')).toMatchObject({ ip_address: '10.0.0.1', order_status: 'Complete' }),
    )
    await eventually(async () => expect((await pipeline.deps.orders.read('o'))!.push.refusal).toBeNull())
    expect(await pipeline.deps.orders.standing('o')).toMatchObject({
      dirtySince: null,
      heldSince: null,
      retryAt: null,
      doubtUntil: null,
    })
  })

  it('is tried again daily', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'status', status: 400 } }])
    await pipeline.tell(settledChange('o'))
    await isRejected(pipeline)
    // A day later: its time has come.
    await pipeline.deps.redis.zadd(pipeline.deps.keys.rejected, 0, 'o')
    await pipeline.startScheduler()
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
  })

  it('while a field is in doubt is tried again when the doubt can end, and from then on daily', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), startScheduler(pipeline)])
    pipeline.sandbox.faults.set([
      { on: 'order', times: 1, fault: { kind: 'commit-then-fail', status: 500 } },
      { on: 'order', fault: { kind: 'status', status: 422 } },
    ])
    await pipeline.tell(settledChange('o'))
    const aDay = Date.now() + 23 * 3_600_000
    await eventually(async () => expect((await pipeline.deps.orders.standing('o')).retryAt).toBeGreaterThan(aDay))
    const { history } = pipeline.sandbox.inbox.order('o')!
    expect(history.at(-1)!.at).toBeGreaterThanOrEqual(history[0]!.at + 250)
    expect((await pipeline.deps.orders.counts()).doubtful).toBe(1)
    pipeline.sandbox.faults.clear()
    await pipeline.tell(change('o', { rma_number: '7' }))
    await eventually(async () => {
      expect(await pipeline.deps.orders.counts()).toMatchObject({ dirty: 0, rejected: 0, doubtful: 0 })
    })
    expect(recordOf(pipeline, 'o')).toMatchObject({ rma_number: '7' })
  })

  it('is tried again once by a new version of ours', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), startScheduler(pipeline)])
    await pipeline.tell(settledChange('o', REFUSED))
    await isRejected(pipeline)
    const { redis, keys } = pipeline.deps
    await redis.set(keys.version, '0.0.1')
    await eventually(() => expect(pipeline.received('o')).toHaveLength(2))
    await isRejected(pipeline)
    expect(pipeline.received('o')).toHaveLength(2)
  })
})

describe('of an order that is refused for fields that the platform names', () => {
  it('all the rest is pushed without them, also where the platform does not know it yet', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { ...REFUSED, order_total: '25', rma_number: '7' }))
    await isRejected(pipeline)
    expect(pipeline.received('o').map(body => 'ip_address' in body)).toEqual([true, false])
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Complete', order_total: '25.00', rma_number: '7' })
    expect(recordOf(pipeline, 'o')).not.toHaveProperty('ip_address')
    const order = (await pipeline.deps.orders.read('o'))!
    expect(order.push.refusal).toMatchObject({ status: 422, words: expect.stringContaining('ip_address') as string })
    expect(order.push.acknowledged).not.toHaveProperty('ip_address')
    // Only the named field is left, and pushed once more with the next change.
    await pipeline.tell(change('o', { ip_address: '10.0.0.1' }))
    await eventually(async () => expect((await pipeline.deps.orders.read('o'))!.push.refusal).toBeNull())
    expect(Object.keys(pipeline.received('o').at(-1)!).toSorted()).toEqual(['ip_address', 'order_id'])
  })

  it('and again without them, only the vital fields are left to push', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o'))
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
    pipeline.sandbox.faults.set([{ on: 'order', orderId: 'o', times: 2, fault: { kind: 'status', status: 422, body: { errors: 'ip_address and rma_number are wrong' } } }]) // prettier-ignore
    await pipeline.tell(change('o', { ip_address: '10.0.0.1', rma_number: '7', customer_id: '8', is_fraud: true }))
    await isRejected(pipeline)
    const sent = pipeline.received('o').slice(1).map(body => Object.keys(body).toSorted().join()) // prettier-ignore
    expect(sent).toEqual(['customer_id,ip_address,is_fraud,order_id,rma_number', 'customer_id,is_fraud,order_id', 'is_fraud,order_id']) // prettier-ignore
    expect(recordOf(pipeline, 'o')).toMatchObject({ is_fraud: 1 })
  })
})

describe('of a refused order that was acknowledged before', () => {
  it('the rest is pushed all the same: one bad value cannot hide a refund', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { order_total: '25' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
    const refund = {
      order_status: 'Refunded',
      is_refund: true,
      refunded_to_date: '25',
      is_chargeback: true,
      is_fraud: false,
    }
    await pipeline.tell(change('o', { ...REFUSED, ...refund, rma_number: '7' }))
    await isRejected(pipeline)
    expect(pipeline.received('o').at(-1)).toEqual({
      order_id: 'o', order_status: 'Refunded', is_refund: 1, refunded_to_date: '25.00', is_chargeback: 1, is_fraud: 0, rma_number: '7',
    }) // prettier-ignore
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Refunded', is_refund: 1 })
    expect((await pipeline.deps.orders.read('o'))!.push.refusal).toMatchObject({ status: 422 })
    await pipeline.tell(change('o', { is_fraud: true }))
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ is_fraud: 1 }))
    await isRejected(pipeline)
  })

  it('a change during the refusal is pushed whole: what was refused is not what stands there now', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { ip_address: '10.0.0.1' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'slow', ms: 150 } }])
    await pipeline.tell(change('o', { ...REFUSED, is_refund: true }))
    await eventually(() => expect(pipeline.received('o')).toHaveLength(2))
    await pipeline.tell(change('o', { ip_address: '10.0.0.1', order_total: '7' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '7.00', is_refund: 1 }))
    await eventually(async () => expect(await pipeline.deps.orders.counts()).toMatchObject({ dirty: 0, rejected: 0 }))
    expect((await pipeline.deps.orders.read('o'))!.push.refusal).toBeNull()
  })

  it.runIf(isLong)(
    'a vital field that an older call may still overwrite is told again when that can no longer happen',
    async () => {
      const pipeline = await newPipeline({ PUSH_DOUBT_MS: '700' })
      await Promise.all([pipeline.startWorker(), startScheduler(pipeline)])
      await pipeline.tell(settledChange('o', { refunded_to_date: '1' }))
      await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
      pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'late-commit', ms: 500 } }])
      await pipeline.tell(change('o', { refunded_to_date: '2' }))
      await eventually(() => expect(pipeline.received('o').length).toBeGreaterThan(1))
      await pipeline.tell(change('o', { refunded_to_date: '3', ...REFUSED }))
      const retryAt = await isRejected(pipeline)
      expect(retryAt).toBeLessThan(Date.now() + 1_000)
      const late = () => pipeline.sandbox.inbox.order('o')!.history.find(call => call.fault !== null)!
      await eventually(() => expect(late().committedAt).not.toBeNull())
      await eventually(async () => {
        expect((await pipeline.deps.orders.standing('o')).retryAt).toBeGreaterThan(Date.now() + 23 * 3_600_000)
      })
      expect(recordOf(pipeline, 'o')).toMatchObject({ refunded_to_date: '3.00' })
    },
  )

  it.runIf(isLong)('an order of 25 notes of backslashes, refused in backslashes, holds up no other order', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    const body = { message: '\\'.repeat(1_900) }
    const rounds = [0, 1, 2, 3]
    pipeline.sandbox.faults.set(
      rounds.map(round => ({ on: 'order', orderId: `bad-${round}`, fault: { kind: 'status', status: 400, body } })),
    )
    const slowestMs = { alone: [] as number[], beside: [] as number[] }
    /** The slowest of five orders, from its hook to the platform, while another one is refused or is not there. */
    const slowest = async (name: string) => {
      const times = Array.from({ length: 5 }, async (_, i) => {
        const id = `${name}-${i}`
        const sentAt = performance.now()
        await pipeline.tell(settledChange(id))
        await eventually(() => expect(pipeline.received(id)).toHaveLength(1), { everyMs: 2 })
        return performance.now() - sentAt
      })
      return Math.max(...(await Promise.all(times)))
    }
    // The first round warms everything up; a busy machine spoils a round, not all of them.
    for (const round of rounds) {
      slowestMs.alone.push(await slowest(`alone-${round}`))
      const notes = Array.from({ length: 25 }, (_, i) => ({
        timestamp: '2026-01-31T09:20:11Z',
        note: '\\'.repeat(4_000 - i),
      }))
      const refused = pipeline.tell(settledChange(`bad-${round}`, { notes }))
      slowestMs.beside.push(await slowest(`beside-${round}`))
      await refused
      await isRejected(pipeline, `bad-${round}`)
    }
    const least = { alone: Math.min(...slowestMs.alone), beside: Math.min(...slowestMs.beside) }
    report('orders beside one of backslashes', { aloneMs: Math.round(least.alone), besideMs: Math.round(least.beside) })
    // Scans that grow with the square of a text took seconds.
    expect(least.beside).toBeLessThan(10 * least.alone + 100)
  })
})
