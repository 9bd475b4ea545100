/** npm hands on to us the Ctrl-C that the terminal has sent us already; that is not a second one. */
const SAME_SIGNAL_MS = 300

/** Resolves at the first SIGTERM or SIGINT; one that comes after it ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let firstAt: number | undefined
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (firstAt === undefined) resolve(signal)
        else if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(signal === 'SIGINT' ? 130 : 143)
        firstAt ??= performance.now()
      })
    }
  })
}
