/** Prints one line of figures about a heavy test, so that a run shows how much it covered. */
export function report(title: string, figures: Record<string, number | string>): void {
  const list = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  console.log(`${title}: ${list.join(', ')}`)
}
