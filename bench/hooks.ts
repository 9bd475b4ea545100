import type { LoadPlan, LoadResult, Mix } from './load.ts'
import { alternate, type Pair } from './numbers.ts'
import { STEPS } from './orders.ts'
import { startProcess, startRedis } from './processes.ts'
import { SECRET, startIngress, type Side } from './settings.ts'

/** (a) Hooks accepted by one ingress. */
export interface HookFigures extends Record<string, number> {
  perSecond: number
  cpuMicros: number
  redisCpuMicros: number
  bytes: number
}

const CONNECTIONS = 50

export const measureHooks = (
  mix: Extract<Mix, 'new' | 'changes'>,
  hooks: number,
  rounds: number,
): Promise<Pair<HookFigures>> =>
  alternate(rounds, () => round('ours', mix, hooks), () => round('baseline', mix, hooks)) // prettier-ignore

async function round(side: Side, mix: 'new' | 'changes', hooks: number): Promise<HookFigures> {
  const redis = await startRedis()
  const ingress = await startIngress(side, redis.url)
  const load = await startProcess('./load.ts')
  const orders = (count: number) => (mix === 'new' ? count : count / STEPS)
  const plan: Omit<LoadPlan, 'from' | 'orders'> = { port: ingress.port, secret: SECRET, connections: CONNECTIONS, mix }
  try {
    // Warm first: what is compiled and which connections are open should not count.
    await load.ask({ prepare: { ...plan, from: 1_000_000, orders: orders(hooks / 5) } })
    await load.ask<LoadResult>({ go: true })
    await load.ask({ prepare: { ...plan, from: 0, orders: orders(hooks) } })
    const before = { ingress: ingress.cpuMs(), redis: redis.cpuMs() }
    const result = await load.ask<LoadResult>({ go: true })
    if (result.refused > 0) throw new Error(`${result.refused} hooks were refused by the ${side} side`)
    return {
      perSecond: result.accepted / ((result.endedAt - result.startedAt) / 1_000),
      cpuMicros: ((ingress.cpuMs() - before.ingress) * 1_000) / result.accepted,
      redisCpuMicros: ((redis.cpuMs() - before.redis) * 1_000) / result.accepted,
      bytes: result.bodyBytes,
    }
  } finally {
    await Promise.all([load.stop(), ingress.stop()])
    await redis.stop()
  }
}
