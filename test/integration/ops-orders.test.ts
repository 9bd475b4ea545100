import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tellEvidence } from '../../src/ops/compelling-evidence.ts'
import type { OrderView } from '../../src/ops/order-view.ts'
import { eventually } from '../support/eventually.ts'
import { openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => void (ops = await openOps(redis)))
afterAll(() => ops.close())

const view = async (orderId: string): Promise<OrderView> => {
  const { status, body } = await ops.get(`/api/orders/${encodeURIComponent(orderId)}`)
  expect(status).toBe(200)
  return body
}
const sync = (orderId: string) => ops.post(`/api/orders/${encodeURIComponent(orderId)}/sync`)
const eventuallyIn = (orderId: string, state: string) =>
  eventually(async () => {
    const seen = await view(orderId)
    expect(seen.state).toBe(state)
    return seen
  })

describe('one order', () => {
  it('says of a held order what it waits for, and that pressing the button does not help', async () => {
    await ops.accept(settled('held-1', { payment_state: 'authorized' }))
    expect(await view('held-1')).toMatchObject({
      state: 'held',
      why: 'not settled yet (payment_state authorized)',
      job: null,
      acknowledged: { at: null, fields: [] },
    })
    const answer = await sync('held-1')
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ code: 'held', message: 'not settled yet (payment_state authorized)' })
    await ops.accept({ order_id: 'held-2', occurred_at: '2026-01-02T03:04:05Z', order_total: '1' })
    expect((await view('held-2')).why).toBe('not settled yet (order_status not set)')
  })

  it('shows the merged order in the names and forms of the Data API, what differs, its job and its timeline', async () => {
    const notes = [{ timestamp: '2026-01-02T03:04:05Z', note: 'called' }]
    await ops.accept(
      settled('dirty-1', { is_refund: true, captured_amount: '5', notes, products: [{ name: 'Tea', price: '2' }] }),
    )
    const seen = await view('dirty-1')
    expect(seen).toMatchObject({ order_id: 'dirty-1', state: 'dirty', rev: 1, job: { state: 'waiting', attempts: 0 } })
    expect(seen.why).toBe('waiting to sync to Midigator; waiting for a worker')
    expect(seen.order).toEqual({
      order_id: 'dirty-1', order_status: 'Complete', order_total: '26.85', currency: 'USD', is_refund: 1, captured_amount: '5.00', notes,
      products: [{ name: 'Tea', price: '2.00' }],
    }) // prettier-ignore
    expect(seen.differs).toEqual(['order_total', 'currency', 'order_status', 'is_refund', 'products', 'notes'])
    expect(seen.timeline).toMatchObject([
      { what: 'changed', origin: 'generic', rev: 1, occurred_at: expect.any(String) },
    ])
    expect(seen.timeline[0]?.says).toMatch(/^generic changed .*is_refund.* \(rev 1\)$/)
    expect(Math.abs(Date.parse(seen.changed_at) - Date.now())).toBeLessThan(60_000)
  })

  it('tells what was acknowledged and when, and that nothing waits', async () => {
    await ops.accept(settled('ack-1'))
    const seen = await ops.working(() => eventuallyIn('ack-1', 'acknowledged'))
    expect(seen.why).toBe('Midigator has acknowledged everything')
    expect(seen.acknowledged.fields).toEqual(['order_total', 'currency', 'order_status'])
    expect(Math.abs(Date.parse(seen.acknowledged.at!) - Date.now())).toBeLessThan(60_000)
    expect([seen.differs, seen.in_doubt, seen.attempt, seen.refusal]).toEqual([[], [], null, null])
    expect(seen.timeline.map(event => event.what)).toEqual(['pushed', 'changed'])
    expect(seen.timeline[0]?.says).toBe('Midigator accepted order_total, currency, order_status')
  })

  it('compares an acknowledged order once more when asked to, and calls nobody', async () => {
    await ops.accept(settled('ack-2'))
    await ops.working(async () => {
      await eventuallyIn('ack-2', 'acknowledged')
      const before = ops.sandbox.inbox.order('ack-2')?.history.length
      const answer = await sync('ack-2')
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({ order_id: 'ack-2', done: 'queued', waits: null })
      await eventually(async () => expect((await view('ack-2')).job).toBeNull())
      expect(ops.sandbox.inbox.order('ack-2')?.history.length).toBe(before)
    })
  })

  it('tells what is in doubt after an unanswered push, and brings its next try forward', async () => {
    const patient = await openOps(redis, { BACKOFF_MIN_MS: '600000' })
    try {
      patient.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'status', status: 503 } }])
      await patient.accept(settled('doubt-1'))
      await patient.working(async () => {
        const seen = await eventually(async () => {
          const { body } = await patient.get('/api/orders/doubt-1')
          expect(body).toMatchObject({
            state: 'in-doubt',
            job: { state: 'delayed', attempts: 1, last_failure: 'http-503' },
          })
          return body as OrderView
        })
        expect(seen.in_doubt.map(({ field }) => field)).toEqual(['order_total', 'currency', 'order_status'])
        expect(seen.why).toMatch(
          /^3 fields sent to Midigator and not confirmed; next try at 20.* after 1 failed try, the last http-503$/,
        )
        expect(Date.parse(seen.job!.runs_at!)).toBeGreaterThan(Date.now() - 1_000)
        expect(seen.timeline[0]?.says).toBe('a push to Midigator failed (http-503), the 1st time in a row')
        await eventually(
          async () => {
            await patient.post('/api/orders/doubt-1/sync')
            expect((await patient.get('/api/orders/doubt-1')).body.state).toBe('acknowledged')
          },
          { everyMs: 100 },
        )
      })
    } finally {
      await patient.close()
    }
  })

  it('shows what the platform refused with which masked words, and tries again now when asked to', async () => {
    const fault = { kind: 'status', status: 422, body: { message: 'jane@example.com is no address' } } as const
    ops.sandbox.faults.set([{ on: 'order', orderId: 'refused-1', times: 1, fault }])
    await ops.accept(settled('refused-1', { email_address: 'jane@example.com' }))
    await ops.working(async () => {
      const seen = await eventuallyIn('refused-1', 'rejected')
      expect(seen.refusal).toMatchObject({ status: 422, words: expect.stringContaining('is no address') })
      expect(seen.refusal?.words).not.toContain('jane')
      expect(Date.parse(seen.refusal!.retry_at!) - Date.parse(seen.refusal!.at)).toBe(24 * 3_600_000)
      expect(seen.why).toMatch(/^rejected by Midigator with 422: .*; retried at 20.*, and on the next change$/)
      const list = (await ops.get('/api/rejected')).body.orders
      expect(list).toMatchObject([{ order_id: 'refused-1', status: 422, retry_at: seen.refusal?.retry_at }])
      expect(JSON.stringify(list)).not.toContain('jane')

      const answer = await sync('refused-1')
      expect(answer.body).toMatchObject({ done: 'queued', says: 'the order was rejected and is retried now' })
      expect(await eventuallyIn('refused-1', 'acknowledged')).toMatchObject({ refusal: null })
      expect((await ops.get('/api/rejected')).body.orders).toEqual([])
      expect(ops.sandbox.inbox.order('refused-1')?.record?.email_address).toBe('jane@example.com')
    })
  })

  it('says when the platform denies us, or an operator paused the queue, that every order waits', async () => {
    await ops.accept(settled('gate-1'))
    await ops.deps.gates.record('midigator', { what: 'denied', cause: 'forbidden' })
    expect((await view('gate-1')).why).toMatch(
      /Midigator rejected our calls: forbidden since 20\S+Z; every order waits$/,
    )
    expect((await sync('gate-1')).body.waits).toBe('Midigator rejected our calls: forbidden')
    await ops.deps.gates.record('midigator', { what: 'answered' })
    expect((await ops.post('/api/queues/sync-order/pause')).body).toMatchObject({ name: 'sync-order', paused: true })
    expect((await view('gate-1')).why).toMatch(/the queue is paused by an operator$/)
    expect((await sync('gate-1')).body.waits).toBe('the queue is paused by an operator')
    expect((await ops.post('/api/queues/sync-order/resume')).body).toMatchObject({ name: 'sync-order', paused: false })
    expect((await view('gate-1')).why).toMatch(/waiting for a worker$/)
  })

  it('says whether it could be answered with Compelling Evidence 3.0, out of the orders of its card or customer', async () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
    const sale = (orderId: string, days: number, more: Record<string, unknown> = {}) =>
      settled(orderId, {
        order_date: daysAgo(days),
        customer_id: 'ce-c',
        ip_address: '203.0.113.7',
        device_id: 'd-1',
        ...more,
      })
    await ops.accept(sale('ce-1', 10), sale('ce-2', 150), sale('ce-3', 200), sale('ce-4', 140, { is_chargeback: true }))
    expect((await view('ce-1')).compelling_evidence).toEqual({
      ready: true,
      orders: ['ce-2', 'ce-3'],
      shared: ['ip_address', 'device_id', 'customer_id'],
      missing: [],
    })
    expect(tellEvidence((await view('ce-1')).compelling_evidence)).toBe(
      'ready: orders ce-2 and ce-3 share ip_address, device_id, customer_id with it',
    )
    await ops.accept(sale('ce-3', 200, { is_refund: true, occurred_at: daysAgo(0) }))
    expect((await view('ce-1')).compelling_evidence).toEqual({
      ready: false,
      orders: [],
      shared: [],
      missing: [
        'only one earlier order counts: two are needed',
        '1 earlier order was disputed or reported as fraud',
        '1 earlier order was refunded or cancelled',
      ],
    })
  })

  it('finds orders whose ids are strange', async () => {
    for (const orderId of ['a/b?c#d', '50% off', '<i>&"x"', '...', 'ä'.repeat(255)]) {
      await ops.accept(settled(orderId))
      expect((await view(orderId)).order_id).toBe(orderId)
      expect((await ops.get(`/orders/${encodeURIComponent(orderId)}`)).status).toBe(200)
    }
  })
})

describe('forgetting an order', () => {
  it('erases every value of it, its refused changes and its job, and leaves what is not its', async () => {
    await ops.accept(settled('9', { email_address: 'forget.me@example.com', transaction_id: 'tx-forget' }))
    await ops.accept(settled('9', { email_address: 'forget.me@example.com', occurred_at: 'never' }))
    await ops.accept(
      settled('99', { occurred_at: 'never', rma_reason: '19 or 9.5' }),
      settled('98', { occurred_at: 'never' }),
    )
    const keysBefore = await ops.deps.orders.find('transaction_id', 'tx-forget')
    expect(keysBefore).toEqual(['9'])

    const { status, body } = await ops.post('/api/orders/9/forget')
    expect(status).toBe(200)
    expect(body).toEqual({
      order_id: '9',
      was_known: true,
      rejected_changes_removed: 2,
      cases_removed: 0,
      job_removed: true,
    })
    expect((await ops.get('/api/orders/9')).status).toBe(404)
    expect(await everythingIn(redis.namespace)).not.toContain('forget.me')
    expect((await ops.deps.rejected.list(100)).map(change => change.orderId)).toEqual(['98'])

    expect(await ops.accept(settled('9', { email_address: 'forget.me@example.com' }))).toMatchObject([
      { status: 'rejected' },
    ])
    expect(await everythingIn(redis.namespace)).not.toContain('forget.me')
    expect((await ops.post('/api/orders/9/forget')).body).toMatchObject({ was_known: false })
  })
})

/** All keys and values of a namespace as one text. */
async function everythingIn(namespace: string): Promise<string> {
  const { redis } = ops.deps
  const texts: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `{${namespace}}*`, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) {
      const type = await redis.type(key)
      const value =
        type === 'hash' ? await redis.hgetall(key)
        : type === 'zset' ? await redis.zrange(key, '0', '-1')
        : type === 'list' ? await redis.lrange(key, 0, -1)
        : type === 'set' ? await redis.smembers(key)
        : type === 'stream' ? await redis.xrange(key, '-', '+')
        : await redis.get(key) // prettier-ignore
      texts.push(key, JSON.stringify(value))
    }
  } while (cursor !== '0')
  return texts.join('\n')
}
