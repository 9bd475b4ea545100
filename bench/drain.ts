import { fillDirty, fillPosts } from './fill.ts'
import { alternate, type Pair } from './numbers.ts'
import { startRedis, until } from './processes.ts'
import type { Received } from './platform.ts'
import { environment, startPlatform, startWorker, type Side } from './settings.ts'

/** (b) Dirty orders pushed by one worker to a platform that answers at once. */
export interface DrainFigures extends Record<string, number> {
  perSecond: number
  cpuMicros: number
  redisCpuMicros: number
}

export const measureDrain = (orders: number, rounds: number): Promise<Pair<DrainFigures>> =>
  alternate(rounds, () => round('ours', orders), () => round('baseline', orders)) // prettier-ignore

async function round(side: Side, orders: number): Promise<DrainFigures> {
  const redis = await startRedis()
  const platform = await startPlatform()
  try {
    if (side === 'ours') await fillDirty(environment(redis.url), 0, orders)
    else await fillPosts(redis.url, 0, orders)
    const redisBefore = redis.cpuMs()
    const worker = await startWorker(side, redis.url, platform.url)
    const startCpuMs = worker.cpuMs()
    const received = () => platform.ask<Received>({})
    await until(async () => (await received()).calls >= orders, 'the last call')
    const { calls, firstAt, lastAt } = await received()
    const cpuMs = worker.cpuMs() - startCpuMs
    await worker.stop()
    if (calls !== orders) throw new Error(`${calls} calls for ${orders} orders on the ${side} side`)
    return {
      perSecond: orders / ((lastAt - firstAt) / 1_000),
      cpuMicros: (cpuMs * 1_000) / orders,
      redisCpuMicros: ((redis.cpuMs() - redisBefore) * 1_000) / orders,
    }
  } finally {
    await platform.stop()
    await redis.stop()
  }
}
