import { closeRedis, connectRedis, whenReady, type RedisPlace } from '../../src/redis/connect.ts'
import { createDueStore } from '../../src/store/due-store.ts'
import { createGateStore } from '../../src/store/gate-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { createRejectedStore } from '../../src/store/rejected-store.ts'
import { Queues } from '../../src/queue/queues.ts'

/** The state of a namespace as a test looks at it, beside the processes that work on it. Close it when done. */
export async function openStores(place: string | RedisPlace, namespace: string) {
  const redis = connectRedis(place, 'test-looks', 'patient')
  if (!(await whenReady(redis, 10_000))) throw new Error('no Redis answers')
  const keys = keysOf(namespace)
  const queues = new Queues(redis, keys, createDueStore(redis, keys))
  return {
    redis,
    keys,
    orders: createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: 500 }),
    rejected: createRejectedStore(redis, keys),
    gates: createGateStore(redis, { keys, terms: { breakerFailures: 10, breakerProbeMs: 500, rate: null } }),
    queues,
    /** The queue of pushes. */
    pushes: queues.of('sync-order'),
    async close() {
      await queues.close()
      await closeRedis(redis)
    },
  }
}
