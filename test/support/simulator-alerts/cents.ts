/** An amount's cents; the simulation's own arithmetic, so that no mistake of the program's hides in it. */
export const centsOf = (amount: string | null | undefined): number => Math.round(Number(amount ?? 0) * 100)

/** Cents as a canonical amount (`1250` → `12.5`). */
export const amountOf = (cents: number): string => String(cents / 100)
