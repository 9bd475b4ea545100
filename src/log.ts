import { destination, pino, type Logger } from 'pino'

export type Log = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'>

/** Never logged, wherever a field of this name stands: credentials, tokens, and what a person could be known by. */
const REDACTED = [
  'authorization', 'password', 'secret', 'token', 'username', 'headers', 'body', 'payload', 'email', 'email_address', 'customers_telephone',
  'ip_address', 'note', 'notes', 'value', 'values',
] // prettier-ignore

/** JSON lines on standard output: a constant message, variable fields, never order data. `name` is the process. */
export function createLog(level: string, name: string): Logger {
  return pino(
    {
      level,
      base: { process: name, pid: process.pid },
      redact: { paths: REDACTED.flatMap(field => [field, `*.${field}`]), censor: '[hidden]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Messages of foreign errors may hold what was sent; their type and code are enough to find the place.
      serializers: { err: describeError },
    },
    destination({ fd: 1, sync: false }),
  )
}

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, kind } = error as { code?: unknown; kind?: unknown }
  const stack = error.stack
    ?.split('\n')
    .filter(line => line.startsWith('    at '))
    .slice(0, 6)
  return { type: error.name, code, kind, stack }
}
