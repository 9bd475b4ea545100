import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { ask } from './ask.ts'
import type { KeptServer } from './keeper.ts'
import type { Launch } from './runtime.ts'

const START_MS = 10_000
/** A large append-only file takes its time; Redis says that it is loading, so it is waited for. */
const LOADING_MS = 600_000
const STOP_MS = 10_000
const LOOK_MS = 20

type Started = { server: KeptServer; port: number; launch: Launch; pidIsRedis: boolean }

/** Waits until the server answers, then gives what ends it. A server that does not come up is killed and thrown. */
export async function runServer(
  started: Started,
): Promise<{ pid: number; stop(): Promise<void>; kill(): Promise<void> }> {
  const { server } = started
  try {
    await untilReady(started)
  } catch (error) {
    await endByForce(started)
    throw error
  }
  server.holdProcess(false)
  let ending: Promise<void> | undefined
  const once = (end: () => Promise<void>) => () => {
    server.holdProcess(true)
    return (ending ??= end())
  }
  return { pid: server.pid, stop: once(() => endGracefully(started)), kill: once(() => endByForce(started)) }
}

async function untilReady(started: Started): Promise<void> {
  const { server, port } = started
  const startedAt = performance.now()
  let giveUpAt = startedAt + START_MS
  let last = 'no answer'
  while (performance.now() < giveUpAt) {
    if (server.hasEnded()) throw notStarted(port, 'it ended at once', server.lastLog())
    try {
      if (await answers(started)) return
      last = 'another server answers there'
    } catch (error) {
      last = (error as Error).message
      if (last.startsWith('LOADING')) giveUpAt = Math.min(performance.now() + START_MS, startedAt + LOADING_MS)
    }
    await Promise.race([pause(LOOK_MS), server.ended])
  }
  throw notStarted(port, last, server.lastLog())
}

/** That a Redis answers on the port is not enough: it must be ours, not one that took the port before it. */
async function answers({ server, port, pidIsRedis }: Started): Promise<boolean> {
  if ((await ask(port, ['PING'])) !== 'PONG') throw new Error('the connection closed without an answer')
  if (!pidIsRedis) return true
  const info = (await ask(port, ['INFO', 'server'])) ?? ''
  return info.includes(`\nprocess_id:${server.pid}\r`)
}

async function endGracefully(started: Started): Promise<void> {
  const { server, port } = started
  // A refusal (a script that never ends, a full disk) is seen below, by the server that is still there.
  await ask(port, ['SHUTDOWN'], STOP_MS).catch(() => {})
  const timer = new AbortController()
  await Promise.race([server.ended, pause(STOP_MS, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
  if (!server.hasEnded()) await endByForce(started)
}

async function endByForce({ server, launch }: Started): Promise<void> {
  server.holdProcess(true)
  if (!server.hasEnded()) await launch.kill(server.pid)
  await server.ended
}

function notStarted(port: number, why: string, log: string): AppError {
  if (/address already in use|port is already allocated/i.test(log))
    return new AppError('redis-port-in-use', `Port ${port} of 127.0.0.1 is already in use.`)
  const message = `Redis did not start on port ${port}: ${why}. The end of its log:\n${log || '(nothing was written)'}`
  return new AppError('redis-not-started', message)
}
