import { ConfigError } from '../config.ts'

/** Tells a person on standard error what went wrong, without a stack, and answers the exit code. */
export function tellError(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(error instanceof ConfigError ? `${text}\n` : `order-sync: ${text}\n`)
  return 1
}
