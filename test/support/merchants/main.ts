import { parseArgs } from 'node:util'
import { startEmbeddedRedis } from '../../../src/embedded-redis/start.ts'
import { connectRedis, closeRedis } from '../../../src/redis/connect.ts'
import { differencesOf } from './compare.ts'
import { undecidableBecause } from './decidable.ts'
import { startProgram } from './driver.ts'
import type { Merchant } from './draw-merchant.ts'
import type { Played } from './play.ts'
import { startProcesses } from './process-driver.ts'
import { alertsEach, merchantsOfSeeds, playAll, type StartProgram } from './seeds.ts'
import { describeAlert, tableLines } from './table.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    merchant: { type: 'string' },
    alerts: { type: 'string' },
    trigger: { type: 'string' },
    history: { type: 'string' },
    show: { type: 'string', default: '3' },
    guid: { type: 'string' },
    sale: { type: 'string' },
    find: { type: 'string', default: '' },
    why: { type: 'string' },
    processes: { type: 'boolean', default: false },
  },
})

/** By processes a sample is played: 504 alerts, 28 of each of the eighteen kinds of merchants. */
const size = values.processes ? { seeds: 3, alerts: 168 } : { seeds: 10, alerts: 2_000 }
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds ?? size.seeds) }, (_, i) => i + 1)
    : [Number(values.seed)]
const merchants = merchantsOfSeeds(seeds)
  .filter(({ seed }) => values.merchant === undefined || seed === Number(values.merchant))
  .filter(({ historyDays }) => values.history === undefined || historyDays === Number(values.history))
  .map(one => (values.trigger === undefined ? one : { ...one, trigger: values.trigger as Merchant['trigger'] }))
const count = alertsEach(Number(values.alerts ?? size.alerts))

const server = await startEmbeddedRedis()
const redis = connectRedis(server.url, 'merchants', 'patient')
const [startedAt, cpu] = [Date.now(), process.cpuUsage()]
const onPlayed = (done: number) =>
  process.stderr.write(`${done}/${merchants.length} ${Math.round((Date.now() - startedAt) / 1_000)} s\r`)
const start: StartProgram = (merchant, parts) => startProgram(redis, `merchant-${merchant.seed}`, parts)
/** As many as two cores bear: each merchant has four daemons. */
const FLEETS = 3
let played: Played[] = []
let byProcesses: Played[] | null = null
try {
  played = await playAll(merchants, count, start, { onPlayed })
  if (values.processes)
    byProcesses = await playAll(
      merchants,
      count,
      (merchant, parts) => startProcesses(server.url, redis, `processes-${merchant.seed}`, parts),
      { onPlayed, atOnce: FLEETS },
    )
} finally {
  await closeRedis(redis)
  await server.stop()
}
const { user, system } = process.cpuUsage(cpu)

const out = (line = '') => process.stdout.write(`${line}\n`)
for (const line of tableLines(played)) out(line)
if (byProcesses !== null) {
  out('\nBy processes')
  for (const line of tableLines(byProcesses)) out(line)
  const differences = differencesOf(played, byProcesses)
  const total = byProcesses.reduce((sum, { alerts }) => sum + alerts.length, 0)
  out(`\n${differences.length} of ${total} alerts end differently, virtual time first`)
  for (const { guid, one, other, text } of differences) out(`${guid}: ${one}, ${other}\n${text}`)
  const isWrong = ({ breaches, rejected, alerts }: Played) =>
    breaches.length + rejected.length > 0 || alerts.some(({ answer }) => answer?.untruth != null)
  if (differences.length > 0 || byProcesses.some(isWrong)) process.exitCode = 1
}
out(
  `\n${seeds.length} seeds, ${merchants.length} merchants of ${count} alerts: ${((user + system) / 1e6).toFixed(0)} s of CPU, ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`,
)

const all = played.flatMap(one => one.alerts.map(alert => ({ alert, one })))
/** What is alike but for its amounts and orders is counted together. */
const withoutFigures = (text: string) => text.replaceAll(/\d+\.\d\d [A-Z]{3}|[SB]\d+-\d+/g, '…')
const histogram = (title: string, names: readonly string[]) => {
  const counts = new Map<string, number>()
  for (const name of names.map(withoutFigures)) counts.set(name, (counts.get(name) ?? 0) + 1)
  out(`\n${title}`)
  for (const [name, times] of [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, 40))
    out(`${String(times).padStart(7)}  ${name}`)
}
histogram(
  'Untrue answers',
  all.flatMap(({ alert }) => (alert.answer?.untruth == null ? [] : [`${alert.answer.type}: ${alert.answer.untruth}`])),
)
histogram(
  'Not decidable, under either with 400 days',
  all.flatMap(({ alert, one }) => {
    const { trigger, historyDays, generation } = one.merchant
    const why = undecidableBecause(alert, one.known)
    return trigger === 'either' && historyDays === 400 ? [`${generation}: ${why ?? 'decidable'}`] : []
  }),
)
histogram(
  'Asked a person, and decidable',
  all.flatMap(({ alert, one }) =>
    alert.answer === null && undecidableBecause(alert, one.known) === null
      ? [`${one.states.get(alert)?.state} ${one.states.get(alert)?.why}`]
      : [],
  ),
)
histogram(
  'Asked a person, or left, and not decidable',
  all.flatMap(({ alert, one }) => (alert.answer === null ? [undecidableBecause(alert, one.known) ?? []].flat() : [])),
)
histogram(
  'Asked a person: state and reason, and what the oracle says',
  all.flatMap(({ alert, one }) => {
    const state = one.states.get(alert)
    if (alert.answer !== null || state?.asksPerson !== true) return []
    return [
      `${one.merchant.generation} ${state.state} ${state.why}: ${undecidableBecause(alert, one.known) ?? 'decidable'}`,
    ]
  }),
)
histogram(
  'Left alone',
  all.flatMap(({ alert, one }) =>
    alert.answer === null && one.states.get(alert)?.asksPerson !== true
      ? [`${one.states.get(alert)?.state} ${one.states.get(alert)?.why}`]
      : [],
  ),
)
histogram(
  'Breaches',
  played.flatMap(one => one.breaches.map(({ what }) => what)),
)
histogram(
  'Rejected',
  played.flatMap(one => one.rejected),
)
const show = Number(values.show)
out('\nThe first untrue answers')
for (const { alert, one } of all
  .filter(({ alert }) => alert.answer?.untruth?.includes(values.find) === true)
  .slice(0, show))
  out(describeAlert(alert, one))
out('\nThe first breaches')
for (const one of played)
  for (const breach of one.breaches.slice(0, show)) out(`seed ${one.merchant.seed} ${breach.what}: ${breach.text}`)
out('\nThe first that were asked about, and decidable')
const askedWrongly = all.filter(
  ({ alert, one }) => alert.answer === null && undecidableBecause(alert, one.known) === null,
)
for (const { alert, one } of askedWrongly.slice(0, show)) out(describeAlert(alert, one))
if (values.why !== undefined) out(`\nAsked for ${values.why}`)
for (const { alert, one } of all
  .filter(({ alert, one }) => alert.answer === null && one.states.get(alert)?.why === values.why)
  .slice(0, show))
  out(describeAlert(alert, one))
for (const { alert, one } of all)
  if (alert.guid === values.guid || (alert.sale !== null && alert.sale.id === values.sale))
    out(describeAlert(alert, one))
