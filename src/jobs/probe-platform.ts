import { z } from 'zod'
import type { OrderPlatform } from '../platforms/platform.ts'
import type { GateStore } from '../store/gate-store.ts'
import { done, type Job } from './job.ts'
import type { PlatformGate } from './platform-gate.ts'

export interface ProbePlatformDeps {
  platform: OrderPlatform
  gate: PlatformGate
  gates: Pick<GateStore, 'state' | 'record'>
  deniedProbeMs: number
  /** Ends the waiting of all workers. */
  wakeWorkers: () => Promise<void>
}

/** While a platform denies us: asks it for a new token, and when it gives one lets a single push through to see. */
export const probePlatform: Job<Record<string, never>, ProbePlatformDeps> = {
  name: 'probe-platform',
  payload: z.object({}),
  key: () => 'midigator',
  async run(_payload, deps) {
    const { platform, gates } = deps
    if ((await gates.state(platform.name)).denied === null) return done('not denied')
    platform.dropAccess()
    const renewed = await deps.gate.renew(await platform.access())
    if ('outcome' in renewed) return done('still denied')
    await gates.record(platform.name, { what: 'granted', ms: deps.deniedProbeMs })
    await deps.wakeWorkers()
    return done('one push may pass')
  },
}
