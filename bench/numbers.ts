/** The middle of what several rounds measured; the lower of the two middles of an even count. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

/** The value that a share (0 to 1) of values sorted upwards lies below. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** For each figure of several rounds, its median. */
export function medians<Figures extends Record<string, number>>(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map(name => [name, median(rounds.map(round => round[name]!))])) as Figures
}

/** Runs both sides of a pair by turns, so that whatever else the machine does meets both; the first side alternates. */
export async function alternate<Figures extends Record<string, number>>(
  rounds: number,
  ours: () => Promise<Figures>,
  baseline: () => Promise<Figures>,
): Promise<Pair<Figures>> {
  const found = { ours: [] as Figures[], baseline: [] as Figures[] }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['baseline', 'ours'] as const) : (['ours', 'baseline'] as const)
    for (const side of order) found[side].push(await (side === 'ours' ? ours() : baseline()))
  }
  return { ours: medians(found.ours), baseline: medians(found.baseline), rounds: found }
}

export interface Pair<Figures> {
  ours: Figures
  baseline: Figures
  /** What each round measured, in the order they ran. */
  rounds: { ours: Figures[]; baseline: Figures[] }
}
