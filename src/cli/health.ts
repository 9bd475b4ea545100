import type { Command } from 'commander'
import { parseConfig, readEnvironment } from '../config.ts'
import { AppError } from '../errors.ts'
import { print, printJson } from './print.ts'

const AT_LEAST_MS = 15_000
const MISSED_BEATS = 3

/** `health`: whether every daemon of this user on this machine makes progress; needs no Redis, so that its outage restarts no container. */
export function addHealth(program: Command): void {
  program
    .command('health')
    .description('check that every daemon of this container makes progress (for its HEALTHCHECK); needs no Redis')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { readHeartbeats } = await import('../heartbeat.ts')
      const { METRICS_MS } = parseConfig(readEnvironment(), [])
      const limitMs = Math.max(AT_LEAST_MS, METRICS_MS * MISSED_BEATS)
      const beats = readHeartbeats()
      const late = beats.filter(({ ageMs }) => ageMs > limitMs)
      const healthy = beats.length > 0 && late.length === 0
      if (json)
        printJson({
          healthy,
          limit_ms: limitMs,
          daemons: beats.map(({ daemon, pid, ageMs }) => ({ daemon, pid, age_ms: ageMs })),
        })
      else if (healthy)
        for (const { daemon, ageMs } of beats) print(`healthy: ${daemon} made progress ${seconds(ageMs)} ago`)
      if (healthy) return
      const why =
        beats.length === 0
          ? 'no daemon of this user runs on this machine'
          : late
              .map(({ daemon, pid, ageMs }) => `${daemon} (process ${pid}) made no progress for ${seconds(ageMs)}`)
              .join('; ')
      throw new AppError('no-heartbeat', `${why}; ${seconds(limitMs)} are allowed`)
    })
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`
