import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { loadScript } from '../../src/store/scripts.ts'
import type { Redis } from '../../src/redis/connect.ts'
import { contentOf } from './redis-dump.ts'

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
const bySha = new Map(names.map(name => [loadScript(name).sha, name]))
const byFirstLine = new Map(
  names.map(name => [readFileSync(join(folder, `${name}.lua`), 'utf8').split('\n')[0]!, name]),
)

/** A script that mutation testing has changed keeps its first line, and is known by its hash from its first run by text on. */
function nameOf(command: 'evalsha' | 'eval', script: string): string {
  if (command === 'evalsha') return bySha.get(script) ?? 'unknown'
  const name = script.split('\n').flatMap(line => byFirstLine.get(line) ?? []).at(-1) ?? 'unknown' // prettier-ignore
  bySha.set(createHash('sha1').update(script).digest('hex'), name)
  return name
}

/**
 * The same connection, on which every script of ours runs twice, one after the other: as when it took effect and its answer was lost.
 * Throws where the second run changes what is kept under `pattern`, or answers otherwise.
 */
export function runTwice(redis: Redis, pattern: string): Redis {
  let turn: Promise<unknown> = Promise.resolve()
  const digests = async () => new Map((await redis.eval(DIGEST, 0, pattern)) as [string, string][])
  const twice = (command: 'evalsha' | 'eval', args: [string, number, ...string[]]) => {
    const mine = turn.then(async () => {
      const run = () => redis[command](...args)
      const first: unknown = await run()
      const name = nameOf(command, args[0])
      if (name in WRITE_MORE) return first
      const before = await digests()
      const second: unknown = await run()
      await compare(redis, name, { first, second, before, after: await digests() })
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

/** Every key of a pattern with a digest of what it holds, in one step. A hash and a set have no order. */
const DIGEST = `
  local function sorted(list) table.sort(list) return list end
  local READ = {
    string = function(key) return { redis.call('GET', key) } end,
    list = function(key) return redis.call('LRANGE', key, 0, -1) end,
    zset = function(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end,
    set = function(key) return sorted(redis.call('SMEMBERS', key)) end,
    hash = function(key)
      local pairs, all = {}, redis.call('HGETALL', key)
      for i = 1, #all, 2 do pairs[#pairs + 1] = all[i] .. '=' .. all[i + 1] end
      return sorted(pairs)
    end,
  }
  local digests = {}
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    local read = READ[redis.call('TYPE', key).ok]
    if read then digests[#digests + 1] = { key, redis.sha1hex(cjson.encode(read(key))) } end
  end
  return digests`

type Runs = { first: unknown; second: unknown; before: Map<string, string>; after: Map<string, string> }

async function compare(redis: Redis, name: string, { first, second, before, after }: Runs): Promise<void> {
  if (!(name in ANSWERS_OTHERWISE) && !isDeepStrictEqual(first, second))
    throw new Error(`${name} answered ${JSON.stringify(first)}, and ${JSON.stringify(second)} when it ran again`)
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    key => before.get(key) !== after.get(key) && !key.includes(EXPIRING),
  )
  const shown = await Promise.all(changed.map(async key => `${key}: ${JSON.stringify(await contentOf(redis, key))}`))
  if (shown.length > 0) throw new Error(`${name} wrote more when it ran again; now there is\n${shown.join('\n')}`)
}
