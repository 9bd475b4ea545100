import { ConfigError } from '../config.ts'
import { printError } from './print.ts'

/** Tells a person on standard error what went wrong, without a stack, and answers the exit code. */
export function tellError(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error)
  const lines = error instanceof ConfigError ? text : `order-sync: ${text}`
  for (const line of lines.split('\n')) printError(line)
  return 1
}
