import { SingleBar } from 'cli-progress'

/** How far something long has come, on standard error, where a person sees it; `what` is what `total` counts. */
export function progressBar(isLong: boolean, total: number, what: string): Pick<SingleBar, 'update' | 'stop'> {
  if (!isLong || !process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: `{bar} {value} of {total} ${what}, {eta_formatted} to go`,
    stream: process.stderr,
    hideCursor: true,
  })
  bar.start(total, 0)
  return bar
}
