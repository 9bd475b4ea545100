import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from '../redis/connect.ts'
import { refusalOf } from '../redis/refusals.ts'

/** One Lua script with the includes it calls, ready to run. */
export interface Script {
  name: string
  source: string
  sha: string
}

const folder = join(import.meta.dirname, 'lua')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const includes = new Map(
  readdirSync(join(folder, 'includes')).map(file => [file.replace('.lua', ''), read(join('includes', file))] as const),
)

/** Loads `lua/<name>.lua` and puts every include that it, or an include of it, calls in front, each after those it needs. */
export function loadScript(name: string): Script {
  const body = read(`${name}.lua`)
  const source = [...includesOf(body, new Set()), body].join('\n')
  return { name, source, sha: createHash('sha1').update(source).digest('hex') }
}

function includesOf(text: string, seen: Set<string>): string[] {
  const code = text.replace(/--[^\n]*/g, '')
  return [...includes].flatMap(([name, body]) => {
    if (seen.has(name) || !new RegExp(`\\b${name}\\(`).test(code)) return []
    seen.add(name)
    return [...includesOf(body, seen), body]
  })
}

/** Runs a script by its hash, and by its text where Redis does not know it (it forgets all of them on a restart). */
export async function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
    return redis.eval(script.source, keys.length, ...keys, ...args)
  }
}

/** Milliseconds before each further try. */
const TRIES_MS = [50, 200, 800, 3_000]

/**
 * Runs a script that begins a call to the outside, or records what it came to, which this process alone knows: again where its connection
 * broke and nothing says whether it ran, and where Redis refused it, which may be for a moment. Only for scripts that name the attempt, or the version, that they write: a second run finds it
 * written.
 */
export async function runUntilAnswered(...run: Parameters<typeof runScript>): Promise<unknown> {
  for (const ms of TRIES_MS) {
    try {
      return await runScript(...run)
    } catch (error) {
      if (!isBrokenConnection(error) && refusalOf(error) === 'unreachable') throw error
      await pause(ms)
    }
  }
  return runScript(...run)
}

const isBrokenConnection = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
