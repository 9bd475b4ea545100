import { afterAll } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { createGateStore } from '../../src/store/gate-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { createPushStore, type BeginPush, type EndPush, type GateTerms } from '../../src/store/push-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { runTwice } from '../support/run-twice.ts'

const START = 1_769_000_000_000
export const SWEEP_MS = 1_000
export const LEASE_MS = 5_000
export const DOUBT_MS = 20_000
const TERMS: GateTerms = { breakerFailures: 3, breakerProbeMs: 1_000, rate: null }

/**
 * The stores of one file on real Redis, with a clock that stands still unless it is moved; every test takes new order ids. Scripts run
 * twice, unless a file keeps so much that comparing it each time would take minutes.
 */
export function useStores({ terms = TERMS, runsTwice = true }: { terms?: GateTerms; runsTwice?: boolean } = {}) {
  const { namespace, redisUrl } = testNamespace()
  const connection = connectRedis(redisUrl, namespace, 'patient')
  const redis = runsTwice ? runTwice(connection, `{${namespace}}*`) : connection
  afterAll(() => closeRedis(connection))
  const keys = keysOf(namespace)
  const time = { now: START }
  const clock = () => time.now
  const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: SWEEP_MS, clock })
  const pushes = createPushStore(redis, { keys, sweepMs: SWEEP_MS, clock })
  const gates = createGateStore(redis, { keys, terms, clock })
  let count = 0

  const tell = (orderId: string, values: Change['values'], more: Partial<Change> = {}) =>
    orders.merge({ orderId, occurredAt: time.now, values, notes: [], ...more }, { name: 'crm', rank: 10 }, 500)

  /** A settled order as it was read after its first change. */
  async function newOrder(values: Change['values'] = { order_total: '25' }): Promise<OrderRecord> {
    const orderId = `order-${(count += 1)}`
    await tell(orderId, { order_status: 'Complete', ...values })
    return (await orders.read(orderId))!
  }

  const begin = (order: OrderRecord, attemptId: string, more: Partial<BeginPush> = {}) =>
    pushes.beginPush({
      order,
      attemptId,
      fields: ['order_status', 'order_total'],
      doubts: {},
      leaseMs: LEASE_MS,
      platform: 'midigator',
      terms,
      ...more,
    })

  const end = (order: OrderRecord, attemptId: string, more: Partial<EndPush> = {}) =>
    pushes.endPush({
      order,
      attemptId,
      acknowledged: null,
      doubts: {},
      doubtEndsAt: null,
      stands: 'dirty',
      lookAgainMs: 2_000,
      refusal: null,
      refusalRetryMs: 86_400_000,
      event: null,
      ...more,
    })

  /** In which sets an order stands, with their scores. */
  async function sets(orderId: string): Promise<Record<string, number>> {
    const names = ['orders', 'dirty', 'due', 'held', 'rejected', 'doubtful'] as const
    const scores = await Promise.all(names.map(name => redis.zscore(keys[name], orderId)))
    return Object.fromEntries(names.flatMap((name, i) => (scores[i] == null ? [] : [[name, Number(scores[i])]])))
  }

  const newOrderId = () => `order-${(count += 1)}`
  return { redis, keys, time, orders, pushes, gates, tell, newOrder, newOrderId, begin, end, sets }
}
