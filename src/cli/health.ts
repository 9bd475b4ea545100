import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { parseConfig, readEnvironment } from '../config.ts'
import { AppError } from '../errors.ts'
import { print, printJson } from './print.ts'

const AT_LEAST_MS = 15_000
const MISSED_BEATS = 3

/** `health`: whether a daemon on this machine beats; it asks nobody else, so that an outage of Redis restarts no container. */
export function addHealth(program: Command): void {
  program
    .command('health')
    .description('tell whether a daemon of this container lives (for its HEALTHCHECK); needs no Redis')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { HEARTBEAT_FILE } = await import('../daemon.ts')
      const { METRICS_MS } = parseConfig(readEnvironment(), [])
      const limitMs = Math.max(AT_LEAST_MS, METRICS_MS * MISSED_BEATS)
      const ageMs = heartbeatAgeMs(HEARTBEAT_FILE)
      const healthy = ageMs !== null && ageMs <= limitMs
      if (json) printJson({ healthy, age_ms: ageMs, limit_ms: limitMs })
      else if (healthy) print(`healthy: the last sign of life is ${seconds(ageMs)} old`)
      if (healthy) return
      const why = ageMs === null ? 'there is none' : `it is ${seconds(ageMs)} old, ${seconds(limitMs)} are allowed`
      throw new AppError('transient', 'no_heartbeat', `no fresh sign of life of a daemon in ${HEARTBEAT_FILE}: ${why}`)
    })
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`

/** The file's own time is when it was last written; null when there is none. */
function heartbeatAgeMs(file: string): number | null {
  const seen = statSync(file, { throwIfNoEntry: false })
  return seen === undefined ? null : Math.max(0, Math.round(Date.now() - seen.mtimeMs))
}
