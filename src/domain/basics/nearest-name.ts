/** The known name that takes the fewest changed letters to reach; the first of several. `known` is not empty. */
export function nearestName(given: string, known: readonly string[]): string {
  const start = given.slice(0, LONGEST).toLowerCase()
  const distances = known.map(name => distance(start, name.toLowerCase()))
  return known[distances.indexOf(Math.min(...distances))] ?? ''
}

/** What is longer than any name is a slip of another kind, and would only cost time. */
const LONGEST = 100

/** Letters to insert, delete, replace or swap with the next one; one row of the table at a time (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, isSwap ? before[j - 2]! + 1 : Infinity))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
