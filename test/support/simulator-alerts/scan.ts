import { parseArgs } from 'node:util'
import { startEmbeddedRedis } from '../../../src/embedded-redis/start.ts'
import { connectRedis, type Redis } from '../../../src/redis/connect.ts'
import { Breach } from '../simulator/trace.ts'
import { BEHAVIOUR_NAMES, Behaviours, type Behaviour, type Choice } from './behaviours.ts'
import { runSchedule, type Met } from './run-schedule.ts'

/**
 * Runs schedules of the alert simulator, goes on past the first breach, and prints how many met each behaviour and which breached, also
 * when it is stopped before the last:
 * `node --import tsx test/support/simulator-alerts/scan.ts 1 2000 [--only a,b] [--without a,b] [--causes] [--trace]`.
 *
 * `--causes`: of every breach the fewest behaviours without which it does not come about, and the first seed of each behaviour.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    without: { type: 'string' },
    causes: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    max: { type: 'string', default: '40' },
  },
})
const AT_ONCE = 20
const REPORTED_EVERY = 1_000
const [first = 1, last = first] = positionals.map(Number)
const choice: Choice = {
  ...(options.only !== undefined && { only: namesIn(options.only) }),
  ...(options.without !== undefined && { without: namesIn(options.without) }),
}

function namesIn(list: string): Behaviour[] {
  const names = list.split(',').filter(name => name !== '')
  const unknown = names.find(name => !BEHAVIOUR_NAMES.some(known => known === name))
  if (unknown !== undefined)
    throw new Error(`no behaviour is called ${unknown}; there are ${BEHAVIOUR_NAMES.join(', ')}`)
  return names as Behaviour[]
}

interface Found {
  seed: number
  words: string
  causes: readonly Behaviour[]
}

let runs = 0
/** What a schedule breached, in words; null: nothing. */
async function breachOf(redis: Redis, seed: number, chosen: Choice, met: Met = new Map()): Promise<string | null> {
  const tally = { resolved: 0, noted: 0, waiting: 0, refunds: 0, calls: 0, escalated: 0 }
  try {
    await runSchedule(redis, { namespace: `scan-${process.pid}-${(runs += 1)}`, seed, choice: chosen }, { tally, met })
    return null
  } catch (error) {
    if (error instanceof Breach) return error.message
    return `threw: ${error instanceof Error ? error.stack : String(error)}`
  }
}

/** Leaves out one behaviour after the other for as long as the same rule is broken. */
async function causesOf(redis: Redis, seed: number, words: string): Promise<Behaviour[]> {
  let left = [...new Behaviours(seed, choice).drawn]
  if (left.every(name => explained.has(name))) return []
  for (const name of left) {
    const fewer = left.filter(one => one !== name)
    const others = await breachOf(redis, seed, { only: fewer })
    if (others !== null && kindOf(others) === kindOf(words)) left = fewer
  }
  if (left.length === 1) explained.add(left[0]!)
  return left
}
/** Behaviours that a breach was found for which they cause alone. */
const explained = new Set<Behaviour>()
/** A breach without its figures and names. */
const kindOf = (words: string): string => firstLine(words).replaceAll(/[0-9]+|pre_\w+|ord_\w+|\b[ABDRWX]2?\b/g, '')

async function scan(redis: Redis): Promise<void> {
  const [met, found]: [Met, Found[]] = [new Map(), []]
  const startedAt = process.cpuUsage()
  let [next, end] = [first, last]
  // What was played until then is reported; a second signal ends it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (end = next - 1))
  const lane = async () => {
    while (next <= end) {
      const seed = next++
      if ((seed - first + 1) % REPORTED_EVERY === 0) console.error(`seed ${seed} of ${last}, ${found.length} breaches`)
      const words = await breachOf(redis, seed, choice, met)
      if (words === null) continue
      found.push({ seed, words, causes: options.causes ? await causesOf(redis, seed, words) : [] })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  report(
    met,
    found.toSorted((a, b) => a.seed - b.seed),
  )
  const { user, system } = process.cpuUsage(startedAt)
  const seconds = ((user + system) / 1e6).toFixed(1)
  console.log(`seeds ${first} to ${end}: ${end - first + 1} schedules, ${found.length} breaches, ${seconds} s of CPU`)
}

function report(met: Met, found: readonly Found[]): void {
  for (const name of BEHAVIOUR_NAMES) {
    const caused = found
      .filter(({ causes }) => causes.includes(name))
      .toSorted((a, b) => a.causes.length - b.causes.length || a.seed - b.seed)
    const best = caused[0]
    const says =
      best === undefined
        ? ''
        : ` seed ${best.seed}${best.causes.length > 1 ? ` (with ${best.causes.filter(one => one !== name).join(', ')})` : ''}: ${firstLine(best.words)}`
    console.log(
      `${name.padEnd(34)} met ${String(met.get(name) ?? 0).padStart(5)}${options.causes ? `  breached ${caused.length}` : ''}${says}`,
    )
  }
  for (const { seed, words, causes } of found.slice(0, Number(options.max)))
    console.log(`seed ${seed} [${causes.join()}]: ${options.trace ? words : firstLine(words)}`)
}

const firstLine = (text: string): string => text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n'))

const given = process.env.TEST_REDIS_URL
const started = given === undefined ? await startEmbeddedRedis({}) : null
const redis = connectRedis(given ?? started!.url, 'scan', 'patient')
redis.options.enableAutoPipelining = true
try {
  await scan(redis)
} finally {
  await redis.quit()
  await started?.stop()
}
