import { Queue } from 'bullmq'
import type { LoadPlan, LoadResult, Mix } from './load.ts'
import { alternate, type Pair } from './numbers.ts'
import { orderAtStep, shownStep, STEPS } from './orders.ts'
import type { Received } from './platform.ts'
import { startProcess, startRedis, until, type BenchRedis } from './processes.ts'
import { NAMESPACE, SECRET, startIngress, startPlatform, startWorker, type Side } from './settings.ts'

/** (c) A stream of changes, five an order, to a platform that is as far away as platforms are. */
export interface StreamFigures extends Record<string, number> {
  calls: number
  /** From the first hook sent to the last answer of the platform. */
  seconds: number
  /** Records that do not show the order's last change when all is done. */
  stale: number
}

/** Answers take half to one and a half times this. */
export const LATENCY_MS = 250

export const measureStream = (
  mix: Extract<Mix, 'stream' | 'settled'>,
  orders: number,
  rounds: number,
): Promise<Pair<StreamFigures>> =>
  alternate(rounds, () => round('ours', mix, orders), () => round('baseline', mix, orders)) // prettier-ignore

async function round(side: Side, mix: 'stream' | 'settled', orders: number): Promise<StreamFigures> {
  const redis = await startRedis()
  const [platform, load, ingress] = await Promise.all([
    startPlatform(),
    startProcess('./load.ts'),
    startIngress(side, redis.url),
  ])
  const worker = await startWorker(side, redis.url, platform.url)
  try {
    await platform.ask({ reset: true, latencyMs: LATENCY_MS, keep: true })
    const plan: LoadPlan = { port: ingress.port, secret: SECRET, connections: 50, mix, from: 0, orders }
    await load.ask({ prepare: plan })
    const sent = await load.ask<LoadResult>({ go: true })
    if (sent.refused > 0) throw new Error(`${sent.refused} hooks were refused by the ${side} side`)
    await untilDone(side, redis)
    const expected = shownStep(orderAtStep(0, STEPS, true))
    const { calls, lastAt, records, stale } = await platform.ask<Received>({ expected })
    if (records !== orders) throw new Error(`${records} of ${orders} orders reached the platform from the ${side} side`)
    if (side === 'ours' && stale > 0) throw new Error(`${stale} records are not up to date`)
    return { calls, seconds: (lastAt - sent.startedAt) / 1_000, stale }
  } finally {
    await Promise.all([load.stop(), ingress.stop(), worker.stop()])
    await platform.stop()
    await redis.stop()
  }
}

/** Nothing is dirty, and no job is left. */
async function untilDone(side: Side, redis: BenchRedis): Promise<void> {
  const [name, prefix] = side === 'ours' ? ['sync-order', `{${NAMESPACE}}`] : ['change', '{baseline}']
  const { hostname, port } = new URL(redis.url)
  const queue = new Queue(name, { connection: { host: hostname, port: Number(port) }, prefix })
  await until(async () => {
    const jobs = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')
    const dirty = side === 'ours' ? await redis.client.zcard(`{${NAMESPACE}}:orders-dirty`) : 0
    return dirty === 0 && Object.values(jobs).every(count => count === 0)
  }, 'the end of the stream')
  await queue.close()
}
