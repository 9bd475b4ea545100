import { Queue } from 'bullmq'
import { fillDirty } from './fill.ts'
import { medians } from './numbers.ts'
import type { Received } from './platform.ts'
import { startRedis, until } from './processes.ts'
import { environment, NAMESPACE, startPlatform, startWorker } from './settings.ts'

/** (d) What many dirty orders cost: Redis' memory, the worker's memory, and how fast they drain. */
export interface Footprint extends Record<string, number> {
  orders: number
  perSecond: number
  /** Bytes of Redis an order: while it is dirty and its job waits, and at rest. */
  dirtyBytes: number
  restBytes: number
  /** The most the worker had resident at any time. */
  workerMiB: number
}

/** Drained first, so that a worker that has been up for a while is measured and not its start. */
const WARM = 2_000

/** One row a size, the median of its rounds. */
export async function measureFootprint(
  sizes: readonly (readonly [orders: number, rounds: number])[],
): Promise<Footprint[]> {
  const rows: Footprint[] = []
  for (const [orders, rounds] of sizes) {
    const found: Footprint[] = []
    for (let i = 0; i < rounds; i++) found.push(await round(orders))
    rows.push(medians(found))
  }
  return rows
}

async function round(orders: number): Promise<Footprint> {
  const redis = await startRedis()
  const platform = await startPlatform()
  const env = environment(redis.url)
  const { hostname, port } = new URL(redis.url)
  const queue = new Queue('sync-order', {
    connection: { host: hostname, port: Number(port) },
    prefix: `{${NAMESPACE}}`,
  })
  const drained = async () => (await redis.client.zcard(`{${NAMESPACE}}:orders-dirty`)) === 0
  try {
    await fillDirty(env, 10_000_000, WARM)
    const worker = await startWorker('ours', redis.url, platform.url)
    await until(drained, 'the end of the warming up')
    await queue.pause()
    const before = await redis.usedBytes()
    await fillDirty(env, 0, orders)
    const dirty = await redis.usedBytes()
    await platform.ask({ reset: true, latencyMs: 0, keep: false })
    await queue.resume()
    await until(drained, 'the last acknowledgement', 1_200_000)
    const { firstAt, lastAt } = await platform.ask<Received>({})
    const rest = await redis.usedBytes()
    const { most } = worker.memoryMiB()
    await worker.stop()
    return {
      orders,
      perSecond: orders / ((lastAt - firstAt) / 1_000),
      dirtyBytes: (dirty - before) / orders,
      restBytes: (rest - before) / orders,
      workerMiB: most,
    }
  } finally {
    await queue.close()
    await platform.stop()
    await redis.stop()
  }
}
