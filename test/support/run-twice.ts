import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { loadScript } from '../../src/store/scripts.ts'
import type { Redis } from '../../src/redis/connect.ts'
import { dumpKeys } from './redis-dump.ts'

/** Scripts whose second run answers otherwise, each with the reason why its caller, who runs again when its connection broke, does no harm by that. */
const ANSWERS_OTHERWISE: Readonly<Record<string, string>> = {
  'merge-order':
    'what is merged already is unchanged; its order waits for the sweep, and its cases for their next look',
  'end-push': 'the attempt has ended: superseded, and the order is read again',
  'commit-case': 'the case has changed: it is read and decided again',
  'commit-refunds': 'the refunds have changed: they are read and planned again',
  'delete-case': 'it is gone already',
  'delete-order': 'it is gone already',
  'release-lock': 'it is released already',
}
/** Scripts whose second run writes more; they run once here. */
const WRITE_MORE: Readonly<Record<string, string>> = {
  'add-case-event': 'counts deliveries, and one that comes twice is two; of the case itself nothing changes',
  'judge-login': 'counts attempts',
  'hold-order': 'a rejected change whose time cannot be told is news each time it comes',
  'record-answer': 'counts failures in a row: one counts as two, and the breaker may open that much sooner',
  'enter-gate': 'gives a probe away: when its answer is lost the next one is due an interval later',
  'take-due': 'takes more: what was taken comes back after its interval',
  'take-due-orders': 'takes more: what was taken comes back after its interval',
  'take-due-jobs': 'takes more: what was taken comes back after its lease',
  'take-schedules': 'takes more: what was taken comes back after its lease',
}

const folder = join(import.meta.dirname, '../../src/store/lua')
const names = readdirSync(folder)
  .filter(file => file.endsWith('.lua'))
  .map(file => file.replace('.lua', ''))
const listed = [...Object.keys(ANSWERS_OTHERWISE), ...Object.keys(WRITE_MORE)]
const unknown = listed.filter(name => !names.includes(name))
if (unknown.length > 0) throw new Error(`no such scripts: ${unknown.join(', ')}`)
const scripts = new Map(names.map(name => [loadScript(name).sha, name]))
const bySource = new Map(names.map(name => [loadScript(name).source, name]))

/**
 * The same connection, on which every script of ours runs twice, one after the other: as when it took effect and its answer was lost.
 * Throws where the second run changes what is kept under `pattern`, or answers otherwise.
 */
export function runTwice(redis: Redis, pattern: string): Redis {
  let turn: Promise<unknown> = Promise.resolve()
  const twice = (command: 'evalsha' | 'eval', args: [string, number, ...string[]]) => {
    const mine = turn.then(async () => {
      const run = () => redis[command](...args)
      const first: unknown = await run()
      const name = (command === 'eval' ? bySource : scripts).get(args[0]) ?? 'unknown'
      if (name in WRITE_MORE) return first
      const before = await dumpKeys(redis, pattern)
      const second: unknown = await run()
      const after = await dumpKeys(redis, pattern)
      compare(name, { first, second, before, after })
      return first
    })
    turn = mine.catch(() => {})
    return mine
  }
  return new Proxy(redis, {
    get(target, property) {
      if (property === 'evalsha' || property === 'eval')
        return (...args: [string, number, ...string[]]) => twice(property, args)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Places under a ceiling last for parts of a second: they may be over between two looks. */
const EXPIRING = ':push-rate:'

type Runs = { first: unknown; second: unknown; before: Map<string, string>; after: Map<string, string> }

function compare(name: string, { first, second, before, after }: Runs): void {
  if (!(name in ANSWERS_OTHERWISE) && !isDeepStrictEqual(first, second))
    throw new Error(`${name} answered ${JSON.stringify(first)}, and ${JSON.stringify(second)} when it ran again`)
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    key => before.get(key) !== after.get(key) && !key.includes(EXPIRING),
  )
  if (changed.length > 0) {
    const shown = changed.map(key => `${before.get(key) ?? `${key} (none)`}\n  became ${after.get(key) ?? '(none)'}`)
    throw new Error(`${name} wrote more when it ran again: ${shown.join('\n')}`)
  }
}
