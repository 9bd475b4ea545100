import { writeFileSync } from 'node:fs'
import { arch, cpus, totalmem, type } from 'node:os'
import type { DrainFigures } from './drain.ts'
import type { Footprint } from './footprint.ts'
import type { HookFigures } from './hooks.ts'
import type { Pair } from './numbers.ts'
import { cores } from './processes.ts'
import { LATENCY_MS, type StreamFigures } from './stream.ts'

/** Everything one run measured, with its sizes; a part that was not run is absent. */
export interface Measured {
  redisVersion: string
  rounds: number
  hooks?: { count: number; new: Pair<HookFigures>; changes: Pair<HookFigures> }
  drain?: { orders: number; pair: Pair<DrainFigures> }
  stream?: { orders: number; mixed: Pair<StreamFigures>; settled: Pair<StreamFigures> }
  footprint?: Footprint[]
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const two = (value: number) => value.toFixed(2)
const one = (value: number) => value.toFixed(1)
const span = (values: readonly number[]) => `${whole(Math.min(...values))} to ${whole(Math.max(...values))}`

/** How much more the first is than the second, in the middle of the rounds. */
export const ratioOf = <Figures extends Record<string, number>>(pair: Pair<Figures>, name: keyof Figures): number =>
  pair.ours[name]! / pair.baseline[name]!

/** The lines of every part that was run: what is printed and what README.md shows. */
export function sections(measured: Measured): string[] {
  const { hooks, drain, stream, footprint } = measured
  return [
    ...(hooks ? hookLines(hooks) : []),
    ...(drain ? drainLines(drain) : []),
    ...(stream ? streamLines(stream) : []),
    ...(footprint ? footprintLines(footprint) : []),
  ]
}

function hookLines({ count, ...mixes }: NonNullable<Measured['hooks']>): string[] {
  const row = (name: string, side: 'ours' | 'baseline', pair: Pair<HookFigures>) =>
    `| ${name} | ${side === 'ours' ? 'ingress' : 'add a job'} | ${whole(pair[side].perSecond)} | ${span(pair.rounds[side].map(round => round.perSecond))} | ${whole(pair[side].cpuMicros)} | ${whole(pair[side].redisCpuMicros)} |`
  const named = [['all orders new', mixes.new], ['five changes an order', mixes.changes]] as const // prettier-ignore
  return [
    '## (a) Hooks accepted by one ingress',
    '',
    `${whole(count)} signed hooks a round, each a whole order (${whole(mixes.new.ours.bytes)} bytes with its headers), over 50 keep-alive`,
    'connections, each sending its next one as soon as it is answered. Beside it: the same Fastify server, which verifies and',
    'merges nothing and adds one BullMQ job with the same body.',
    '',
    '| mix | side | hooks/s (median) | of all rounds | CPU µs a hook | Redis CPU µs a hook |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...named.flatMap(([name, pair]) => [row(name, 'ours', pair), row(name, 'baseline', pair)]),
    '',
    `Ratio: **${two(ratioOf(mixes.new, 'perSecond'))}** with all orders new, **${two(ratioOf(mixes.changes, 'perSecond'))}** with five changes an order (aim: at least 0.7).`,
    '',
    ...LIMITS.hooks,
    '',
  ]
}

function drainLines({ orders, pair }: NonNullable<Measured['drain']>): string[] {
  const row = (name: string, side: 'ours' | 'baseline') =>
    `| ${name} | ${whole(pair[side].perSecond)} | ${span(pair.rounds[side].map(round => round.perSecond))} | ${whole(pair[side].cpuMicros)} | ${whole(pair[side].redisCpuMicros)} |`
  return [
    '## (b) Draining dirty orders with one worker',
    '',
    `${whole(orders)} dirty orders, their jobs waiting before the worker starts; 50 at a time; a local server that answers at once.`,
    'From the first call to the last answer. Beside it: a bare BullMQ worker whose jobs carry the very bodies and which only posts',
    'them with got (keep-alive agent, no retries).',
    '',
    '| side | orders/s (median) | of all rounds | CPU µs an order | Redis CPU µs an order |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('order-sync', 'ours'),
    row('bare worker', 'baseline'),
    '',
    `Ratio: **${two(ratioOf(pair, 'perSecond'))}** (aim: at least 0.8).`,
    '',
    ...LIMITS.drain,
    '',
  ]
}

function streamLines({ orders, mixed, settled }: NonNullable<Measured['stream']>): string[] {
  const row = (name: string, side: 'ours' | 'baseline', pair: Pair<StreamFigures>) =>
    `| ${name} | ${side === 'ours' ? 'order-sync' : 'a job a change'} | ${whole(pair[side].calls)} | ${one(pair[side].seconds)} | ${whole(pair[side].stale)} |`
  const fewer = (pair: Pair<StreamFigures>) => one(1 / ratioOf(pair, 'calls'))
  const faster = (pair: Pair<StreamFigures>) => one(1 / ratioOf(pair, 'seconds'))
  const named = [['placed to shipped', mixed], ['settled from the first', settled]] as const // prettier-ignore
  return [
    '## (c) A realistic stream',
    '',
    `${whole(orders)} orders begin within five seconds and go through five changes within one to two seconds each. The platform answers`,
    `after ${LATENCY_MS / 2} to ${LATENCY_MS * 1.5} ms. In the first mix an order is placed, authorized, captured, shipped and corrected; in the second it is`,
    'settled from its first change on. Ingress and order-sync with every setting by default. Beside it: one job a change, its id',
    'the event’s, which posts the whole change; 50 at a time as well. Time is from the first hook to the last answer.',
    '',
    '| mix | side | calls | seconds | records left at an older state |',
    '| --- | --- | ---: | ---: | ---: |',
    ...named.flatMap(([name, pair]) => [row(name, 'ours', pair), row(name, 'baseline', pair)]),
    '',
    `**${fewer(mixed)} times** fewer calls and **${faster(mixed)} times** faster from placed to shipped; ${fewer(settled)} and ${faster(settled)} times when settled from the first (aim: 4 and 2).`,
    '',
    ...LIMITS.stream,
    '',
  ]
}

function footprintLines(rows: Footprint[]): string[] {
  const most = Math.max(...rows.map(row => row.perSecond))
  const least = Math.min(...rows.map(row => row.perSecond))
  return [
    '## (d) Many dirty orders',
    '',
    'A worker that has drained 2,000 orders before; then so many dirty ones at once. Bytes are the difference in what Redis says it',
    'uses, an order: while it is dirty and its job waits, and at rest after its acknowledgement.',
    '',
    '| dirty orders | drained/s | Redis bytes, dirty | Redis bytes, at rest | worker memory, most (MiB) |',
    '| ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(row => `| ${whole(row.orders)} | ${whole(row.perSecond)} | ${whole(row.dirtyBytes)} | ${whole(row.restBytes)} | ${whole(row.workerMiB)} |`),
    '',
    `The slowest is ${Math.round((1 - least / most) * 100)} % below the fastest (aim: within 15 %).`,
    '',
    ...LIMITS.footprint,
    '',
  ] // prettier-ignore
}

/** What limits each, as profiles of these runs showed it. */
const LIMITS = {
  hooks: [''],
  drain: [''],
  stream: [''],
  footprint: [''],
}

/** Writes README.md beside this file. */
export function writeReport(measured: Measured): void {
  const memory = Math.round(totalmem() / 2 ** 30)
  const lines = [
    '# Measured',
    '',
    `\`npm run bench\` wrote this file. ${cores} cores (${cpus()[0]?.model.trim() ?? arch()}), ${memory} GiB, ${type()}; Node.js ${process.versions.node}; Redis ${measured.redisVersion}, append-only, fsync every second.`,
    '',
    `Every process is a real one on this machine, started as an operator would start it, and shares its cores with Redis, the sender and the stand-in for the platform. Both sides of a pair run by turns, ${measured.rounds} rounds, each round with a Redis of its own; a figure is the median. The sender makes and signs its requests before the clock starts. CPU is that of the measured process, all its threads, as the system counts it; on a machine that does other work too it is the firmer figure, and the ratio within one run firmer than any rate. \`npm run bench -- --quick\` runs small sizes and only prints; \`--only a,b\` some parts; \`--profile FOLDER\` writes CPU profiles of the measured processes there.`,
    '',
    ...sections(measured),
  ]
  writeFileSync(new URL('README.md', import.meta.url), `${lines.join('\n').trimEnd()}\n`)
}
