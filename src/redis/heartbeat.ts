import type { Redis } from 'ioredis'

/** How often a connection is checked, and how long its server may be silent. Both in milliseconds of a monotonic clock. */
const EVERY_MS = 1_000
const SILENT_MS = 5_000

/** What a beat found: its server takes writes, is a replica, or does not answer. */
export type Beat = 'primary' | 'replica' | 'silent'

/**
 * Asks the server of one connection for its role every second and destroys the connection when the answer is overdue or the
 * server is a replica, so that ioredis connects again. Destroyed, not ended: ending waits for a peer that may be gone.
 * A command that blocks delays the answer rightly; so does a pause of our own process. Ends with the connection.
 */
export function watchConnection(redis: Redis, onBeat: (beat: Beat) => void): void {
  let timer: NodeJS.Timeout | undefined
  let asks = 'ROLE'
  /** What is waited for: an answer, or the end of the handshake. */
  let waiting: { stream: unknown; until: number } | null = null
  let lastBeatAt = performance.now()

  const start = () => {
    lastBeatAt = performance.now()
    timer ??= setInterval(beat, EVERY_MS).unref()
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
    waiting = null
  }
  redis.on('connecting', start).on('end', stop)
  if (redis.status !== 'wait' && redis.status !== 'end') start()

  function beat(): void {
    const now = performance.now()
    const pausedMs = now - lastBeatAt - EVERY_MS
    lastBeatAt = now
    if (waiting !== null && waiting.stream !== redis.stream) waiting = null
    // Answers that came while this process stood still are read after this beat.
    if (waiting !== null && pausedMs > EVERY_MS) waiting.until += pausedMs + EVERY_MS
    if (redis.status !== 'ready' && redis.status !== 'connect') return
    if (waiting === null) {
      waiting = { stream: redis.stream, until: now + SILENT_MS + blockedMs(redis) }
      if (redis.status === 'ready') ask(waiting)
    } else if (now > waiting.until) drop('silent')
  }

  function ask(mine: object): void {
    const settled = (isReplica: boolean) => {
      if (waiting !== mine) return
      waiting = null
      if (isReplica && redis.options.readOnly !== true) drop('replica')
      else onBeat('primary')
    }
    redis.call(asks).then(
      reply => settled(Array.isArray(reply) && reply[0] === 'slave'),
      (error: unknown) => {
        // Only the server's own refusal is an answer.
        if (!(error instanceof Error) || error.name !== 'ReplyError') return
        if (error.message.startsWith('NOPERM')) asks = 'PING'
        settled(false)
      },
    )
  }

  function drop(why: 'replica' | 'silent'): void {
    waiting = null
    onBeat(why)
    redis.stream.destroy()
  }
}

/** How long commands under way may keep their connection waiting: BZPOPMIN states seconds, WAIT milliseconds. */
function blockedMs(redis: Redis): number {
  let ms = 0
  for (let at = 0; at < redis.commandQueue.length; at++) {
    const { name, args } = redis.commandQueue.peekAt(at)!.command
    if (name === 'bzpopmin') ms += 1_000 * Number(args.at(-1))
    else if (name === 'wait') ms += Number(args[1])
  }
  return ms
}
