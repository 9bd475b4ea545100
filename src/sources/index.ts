import type { Config } from '../config.ts'
import { createGenericSource } from './generic/index.ts'
import type { Source } from './source.ts'

/** Every source there is, by the name in its route. A new one is a folder of its own and a line here. */
export function createSources(config: Pick<Config, 'HOOK_SECRET' | 'HOOK_MAX_AGE_HOURS'>): ReadonlyMap<string, Source> {
  const sources = [createGenericSource(config.HOOK_SECRET ?? [], config.HOOK_MAX_AGE_HOURS)]
  return new Map(sources.map(source => [source.name, source]))
}
