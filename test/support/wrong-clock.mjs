// Loaded into a daemon before anything else (`NODE_OPTIONS=--import`): its wall clock is CLOCK_AHEAD_MS ahead, and with CLOCK_STEP_MS
// it steps to as much behind and back, each time after so many milliseconds. Timers and the monotonic clock stay those of the machine.
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0)
const stepMs = Number(process.env.CLOCK_STEP_MS ?? 0)
const right = Date.now
const isBehind = () => stepMs > 0 && Math.floor(performance.now() / stepMs) % 2 === 1
const now = () => right() + (isBehind() ? -aheadMs : aheadMs)

globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given))
  }
  static now = now
}
