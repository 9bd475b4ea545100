import type { Random } from '../simulator/random.ts'

/** How a call goes: answered as it should be, or not, and whether and when it takes effect all the same. */
export interface Fate {
  how: 'answered' | 'http-503' | 'timeout' | 'lost' | 'unsent' | 'throttled'
  effect: 'never' | 'now' | 'late'
}

/** Fails in `share` of all calls, in every way a call can. */
export function drawFate(random: Random, share: number): Fate {
  if (!random.chance(share)) return { how: 'answered', effect: 'now' }
  const how = random.weighted({ 'http-503': 4, timeout: 3, lost: 3, unsent: 1, throttled: 1 })
  const isTaken = how !== 'unsent' && how !== 'throttled'
  return { how, effect: isTaken ? random.pick(['never', 'now', 'late'] as const) : 'never' }
}
