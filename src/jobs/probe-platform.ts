import { z } from 'zod'
import type { PlatformService } from '../platforms/platform.ts'
import type { GateStore } from '../store/gate-store.ts'
import { done, type Job } from './job.ts'
import type { PlatformGate } from './platform-gate.ts'

export interface ProbedService {
  service: PlatformService
  gate: Pick<PlatformGate, 'renewOrDeny'>
  /** Ends the waiting of all workers that call it. */
  wakeWorkers: () => Promise<void>
}

export interface ProbePlatformDeps {
  /** Every service that may deny us. */
  probed: readonly ProbedService[]
  gates: Pick<GateStore, 'state' | 'record'>
  deniedProbeMs: number
}

/** While a platform denies us: asks it for a new token, and when it gives one lets a single call through to see. */
export const probePlatform: Job<Record<string, never>, ProbePlatformDeps> = {
  name: 'probe-platform',
  payload: z.object({}),
  key: () => 'midigator',
  async run(_payload, deps) {
    const notes = await Promise.all(deps.probed.map(one => probe(one, deps)))
    return done(notes.join('; '))
  },
}

async function probe(
  { service, gate, wakeWorkers }: ProbedService,
  { gates, deniedProbeMs }: ProbePlatformDeps,
): Promise<string> {
  if ((await gates.state(service.name)).denied === null) return `${service.name}: not denied`
  service.dropAccess()
  const renewed = await gate.renewOrDeny(await service.access(), 0)
  if ('outcome' in renewed) return `${service.name}: still denied`
  await gates.record(service.name, { what: 'granted', ms: deniedProbeMs })
  await wakeWorkers()
  return `${service.name}: one call may pass`
}
