import type { Deps } from '../deps.ts'
import type { Act } from '../store/act-store.ts'

export type ActDeps = Pick<Deps, 'acts' | 'health' | 'log'>

/** Keeps who did it, and says so in the log. */
export async function recordAct({ acts, health, log }: ActDeps, act: Omit<Act, 'at'>): Promise<void> {
  await acts.record({ at: await health.now(), ...act })
  log.info(act, 'operator act')
}
