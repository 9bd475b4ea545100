/**
 * Loaded into a daemon before anything else (`NODE_OPTIONS=--import`): it and its scripts in Redis read the time that a test has set, which
 * stands still until the test moves it. Timers, timeouts and expiries stay those of the machine.
 */
import fs from 'node:fs'
import { register, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { Redis } from 'ioredis'

const { TEST_CLOCK_FILE: path = '', TEST_CLOCK_KEY: key = '' } = process.env
const file = fs.openSync(path, 'r')
const bytes = Buffer.alloc(8)

function now(): number {
  fs.readSync(file, bytes, 0, bytes.length, 0)
  return bytes.readDoubleLE()
}

class SharedDate extends Date {
  constructor(...given: [] | [number | string]) {
    super(given.length === 0 ? now() : given[0])
  }
  static override now = now
}
// A time in parts, which the constructor also takes, is used nowhere in the program.
globalThis.Date = SharedDate as DateConstructor

Redis.prototype.time = async () => [String(Math.floor(now() / 1_000)), String((now() % 1_000) * 1_000)] as never

/** In place of the clock that counts on between two measurements by a clock that only rises: this one stands still, and jumps. */
const CLOCK = 'export const createRedisClock = () => ({ now: Date.now, aheadMs: () => 0, measure: async () => {} })'
const HOOKS = `export const load = (url, context, next) => new RegExp('/redis/clock[.][jt]s$').test(url)
  ? { format: 'module', shortCircuit: true, source: ${JSON.stringify(CLOCK)} }
  : next(url, context)`
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`)

/** In place of the include that asks Redis for its own clock. */
const NOW_MS = `local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  return tonumber(redis.call('GET', ${JSON.stringify(key)}))
end`
const { readFileSync } = fs
fs.readFileSync = ((from: fs.PathOrFileDescriptor, ...options: []) =>
  basename(String(from)) === 'now_ms.lua' ? NOW_MS : readFileSync(from, ...options)) as typeof readFileSync
syncBuiltinESMExports()
