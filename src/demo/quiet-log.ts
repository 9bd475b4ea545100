import { createLog, type Log } from '../log.ts'

/** The log of a process of the demo, without the alarms: they belong to its stories, which tell of them in words. */
export function quietLog(level: string, name: string): Log {
  const log = createLog(level, name)
  const error = (fields: object, message?: string) => (message === 'alarm' ? undefined : log.error(fields, message))
  return {
    fatal: log.fatal.bind(log),
    error,
    warn: log.warn.bind(log),
    info: log.info.bind(log),
    debug: log.debug.bind(log),
    trace: log.trace.bind(log),
  }
}
