/** Draws for one schedule: the same numbers for the same seed, everywhere. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number
  chance(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** A key, drawn by its weight; weights of 0 are never drawn. */
  weighted<Key extends string>(weights: Record<Key, number>): Key
}

/** A generator of its own for each seed (splitmix32, so that neighbouring seeds have nothing in common). */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0
    let t = state ^ (state >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return ((t ^ (t >>> 15)) >>> 0) / 4_294_967_296
  }
  const int = (below: number) => Math.floor(next() * below)
  const chance = (share: number) => next() < share
  function pick<Item>(items: readonly Item[]): Item {
    return items[int(items.length)] as Item
  }
  function weighted<Key extends string>(weights: Record<Key, number>): Key {
    const entries = Object.entries(weights) as [Key, number][]
    let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return entries.findLast(([, weight]) => weight > 0)![0]
  }
  return { int, chance, pick, weighted }
}
