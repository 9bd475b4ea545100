import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayRejected } from '../../src/ops/actions.ts'
import { openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { jobOf } from '../../src/queue/inspect.ts'

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => void (ops = await openOps(redis)))
afterAll(() => ops.close())

const list = async () => (await ops.get('/api/rejected')).body.changes as Record<string, unknown>[]
const idOf = async (orderId: string) => String((await list()).find(change => change.order_id === orderId)?.id)
/** A change stamped ahead of the clock is good later on: the way to be refused first and accepted afterwards. */
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('refused changes', () => {
  it('are listed newest first with the field at fault and without their bodies, at most as many as asked for', async () => {
    await ops.accept(settled('list-1', { occurred_at: 'secret words' }))
    await ops.accept(settled('list-2', { email_address: 7, occurred_at: 'secret words' }))
    const changes = await list()
    expect(changes.map(change => change.order_id).slice(0, 2)).toEqual(['list-2', 'list-1'])
    expect(changes[1]).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/^20.*Z$/),
      source: 'generic',
      order_id: 'list-1',
      errors: [{ field: 'occurred_at', message: expect.any(String) }],
      replayable: true,
    })
    expect(JSON.stringify(changes)).not.toContain('secret')
    expect((await ops.get('/api/rejected?limit=1')).body.changes).toHaveLength(1)
    for (const limit of ['0', 'x', '1.5', '100000']) {
      const answer = await ops.get(`/api/rejected?limit=${limit}`)
      expect([answer.status, answer.body.errors[0].field]).toEqual([422, 'limit'])
    }
  })

  it('are merged by a replay once what was wrong is gone, and then no longer listed', async () => {
    await ops.deps.orders.forget('again-1')
    await ops.accept(settled('again-2', { occurred_at: 'never' }))
    const strict = await openOps(redis, { CLOCK_AHEAD_MAX_MS: '1000' })
    try {
      await strict.accept(settled('again-3', { occurred_at: soon(60_000), order_total: '3.10' }))
    } finally {
      await strict.close()
    }
    const id = await idOf('again-3')
    const answer = await ops.post(`/api/rejected/${id}/replay`)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id, done: 'merged', order_id: 'again-3', status: 'changed', rev: 1 })
    expect((await ops.get('/api/orders/again-3')).body.order.order_total).toBe('3.10')
    expect(await idOf('again-3')).toBe('undefined')
    expect((await ops.post(`/api/rejected/${id}/replay`)).status).toBe(404)
  })

  it('stay as they are when a replay is refused again, and are not kept twice', async () => {
    await ops.accept(settled('still-1', { occurred_at: 'never' }))
    const [before, id] = [await list(), await idOf('still-1')]
    const answer = await ops.post(`/api/rejected/${id}/replay`)
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ code: 'invalid', errors: [{ field: 'occurred_at' }] })
    expect(await list()).toEqual(before)
  })

  it('are not replayed where something was masked or is too long to have been kept', async () => {
    await ops.accept(settled('masked-1', { rma_reason: 'card 4111 1111 1111 1111', occurred_at: 'never' }))
    await ops.accept(settled('long-1', { rma_reason: 'x'.repeat(20_000), occurred_at: 'never' }))
    for (const orderId of ['masked-1', 'long-1']) {
      const answer = await ops.post(`/api/rejected/${await idOf(orderId)}/replay`)
      expect([answer.status, answer.body.code]).toEqual([409, 'not-replayable'])
      expect(await ops.deps.orders.read(orderId)).toBeNull()
    }
  })

  it('are all replayed at once, each with a result of its own', async () => {
    const strict = await openOps(redis, { CLOCK_AHEAD_MAX_MS: '1000' })
    try {
      await strict.accept(
        settled('all-1', { occurred_at: soon(60_000) }),
        settled('all-2', { occurred_at: soon(61_000) }),
      )
    } finally {
      await strict.close()
    }
    const results = await replayRejected(ops.deps, 'all', 'jo')
    const done = (orderId: string) => results.find(result => 'order_id' in result && result.order_id === orderId)?.done
    expect(['all-1', 'all-2', 'still-1', 'masked-1'].map(done)).toEqual([
      'merged',
      'merged',
      'refused-again',
      'not-replayable',
    ])
    expect(await replayRejected(ops.deps, ['no-such-id'], 'jo')).toMatchObject([{ id: 'no-such-id', done: 'unknown' }])
    expect(await jobOf(ops.deps.queues, JOBS.syncOrder, { orderId: 'all-1' })).toMatchObject({ state: 'waiting' })
  })
})
