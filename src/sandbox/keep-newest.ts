/** Appends to a list of which the newest `kept` matter. It is cut rarely and by half, so it may hold up to twice as many. */
export function keepNewest<T>(list: T[], item: T, kept: number): void {
  list.push(item)
  if (list.length >= 2 * kept) list.splice(0, list.length - kept)
}
