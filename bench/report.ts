import { writeFileSync } from 'node:fs'
import { arch, cpus, totalmem, type } from 'node:os'
import type { AnswerFigures, EventFigures } from './alerts.ts'
import type { DrainFigures } from './drain.ts'
import type { Footprint } from './footprint.ts'
import type { HookFigures } from './hooks.ts'
import type { InquiryFigures, LookUp } from './inquiries.ts'
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
  events?: { count: number; pair: Pair<EventFigures> }
  answers?: AnswerFigures[]
  inquiries?: InquiryFigures
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const two = (value: number) => value.toFixed(2)
const one = (value: number) => value.toFixed(1)
const span = (values: readonly number[]) => `${whole(Math.min(...values))} to ${whole(Math.max(...values))}`

/** How much more the first is than the second, in the middle of the rounds. */
const ratioOf = <Figures extends Record<string, number>>(pair: Pair<Figures>, name: keyof Figures): number =>
  pair.ours[name]! / pair.baseline[name]!

/** The lines of every part that was run: what is printed and what README.md shows. */
export function sections(measured: Measured): string[] {
  const { hooks, drain, stream, footprint, events, answers, inquiries } = measured
  return [
    ...(hooks ? hookLines(hooks) : []),
    ...(drain ? drainLines(drain) : []),
    ...(stream ? streamLines(stream) : []),
    ...(footprint ? footprintLines(footprint) : []),
    ...(events ? eventLines(events) : []),
    ...(answers ? answerLines(answers) : []),
    ...(inquiries ? inquiryLines(inquiries) : []),
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
    ...LIMITS.hooks(mixes),
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
    ...LIMITS.drain(pair),
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
    `${whole(orders)} orders, a new one every 5 ms, go through five changes within one to two seconds each. The platform answers`,
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
    ...LIMITS.stream(orders, mixed, settled),
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
    ...LIMITS.footprint(rows),
    '',
  ] // prettier-ignore
}

/** What limits each. Figures are the run's own; the shares of a hook were measured once, and only roughly, as the text says. */
const LIMITS = {
  hooks: ({ new: news, changes }: { new: Pair<HookFigures>; changes: Pair<HookFigures> }) => [
    `What limits: the one core of the ingress process, ${whole(news.ours.cpuMicros)} µs a hook where adding a job alone takes ${whole(news.baseline.cpuMicros)} µs (${two(news.baseline.cpuMicros / news.ours.cpuMicros)} by CPU alone; ${two(changes.baseline.cpuMicros / changes.ours.cpuMicros)} with five changes an order).`,
    'The rest buys what the other side does not do. Not part of this run, and measured once on a busy machine by leaving parts of the',
    'work out by turns, so good for proportions only: a sixth of a hook went to HTTP,',
    'a tenth on the signature, an eighth on reading JSON without trusting it, a third on checking some fifty values and writing them',
    'as registers with their stamps and ties, a sixth on the round trip that merges, and an eighth on the one that adds the job.',
    `Redis pays too, ${whole(news.ours.redisCpuMicros)} µs against ${whole(news.baseline.redisCpuMicros)}: it compares each value with the one it has. Several ingress processes side by side`,
    'share the load; there is no state between them.',
  ],
  drain: (pair: Pair<DrainFigures>) => [
    `What limits: CPU; the worker takes ${whole(pair.ours.cpuMicros)} µs an order against ${whole(pair.baseline.cpuMicros)}. Both run BullMQ's own cycle and one HTTP call. Ours also reads the`,
    'order, compares each field with what was acknowledged, asks for leave and writes the attempt down before the call, and records',
    `what was acknowledged after it: at least three round trips to Redis, which spends ${whole(pair.ours.redisCpuMicros)} µs against ${whole(pair.baseline.redisCpuMicros)}. A platform that answers in tenths`,
    'of a second is the limit long before this one.',
    "Ours posts through Node's own client: with got, before that was changed and on a busy machine, it took 790 µs where the other side took 480.",
  ],
  stream: (orders: number, mixed: Pair<StreamFigures>, settled: Pair<StreamFigures>) => [
    'What limits: 50 calls at a time to a platform that takes a quarter of a second, two hundred calls a second on either side. Ours are',
    `fewer, as changes that land while an order is held, waits to settle or waits for its turn go out as one call: ${two(mixed.ours.calls / orders)} an order, or`,
    `${two(settled.ours.calls / orders)} where the first change is already fit to be sent and the settle time ends between two changes. Where the platform`,
    'has calls to spare, nothing queues on the other side, and ours end later by the settle time: one second by default. The records',
    'left at an older state are not a matter of speed: of two jobs of one order, both on their way, the older may arrive last.',
  ],
  footprint: (rows: Footprint[]) => [
    `By design nothing grows with the backlog but Redis: what a push touches is found in logarithmic time or better, and the worker holds 50 orders at a time (${whole(Math.max(...rows.map(row => row.workerMiB)))} MiB at the most).`,
    'Redis keeps an order as its registers, what was acknowledged of each field, its timeline and its look-up keys; while it is dirty',
    'a job instead of what was acknowledged. What makes the rates differ was not profiled: the smallest row is over in about a second,',
    'so that one pause of any process shows in it, and Redis rewriting its append-only file falls into the largest.',
  ],
}

function eventLines({ count, pair }: NonNullable<Measured['events']>): string[] {
  const row = (name: string, side: 'ours' | 'baseline') =>
    `| ${name} | ${whole(pair[side].perSecond)} | ${span(pair.rounds[side].map(round => round.perSecond))} | ${whole(pair[side].cpuMicros)} | ${whole(pair[side].redisCpuMicros)} |`
  return [
    '## (e) Events accepted by one ingress',
    '',
    `${whole(count)} events a round, each a new alert, over 50 keep-alive connections, each sending its next one as soon as it is`,
    'answered. Beside it: the same Fastify server, which checks nothing and adds one BullMQ job with the same body.',
    '',
    '| side | events/s (median) | of all rounds | CPU µs an event | Redis CPU µs an event |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('ingress', 'ours'),
    row('add a job', 'baseline'),
    '',
    `Ratio: **${two(ratioOf(pair, 'perSecond'))}**. Ours checks the credentials, reads every number as text, masks the body, keeps it in the`,
    'case’s log, puts the case among the open ones, and adds a job with a priority.',
    '',
  ]
}

function answerLines(answers: AnswerFigures[]): string[] {
  const ms = (value: number) => whole(value)
  const row = (one: AnswerFigures) =>
    `| ${one.latencyMs === 0 ? 'at once' : `${one.latencyMs / 2} to ${one.latencyMs * 1.5} ms`} | ${ms(one.p50)} | ${ms(one.p90)} | ${ms(one.p99)} | ${ms(one.most)} | ${one.alertsCpuMs.toFixed(1)} | ${one.redisCpuMs.toFixed(1)} |`
  return [
    '## (f) From order.refund to the accepted resolution',
    '',
    `${whole(answers[0]?.alerts ?? 0)} alerts on as many orders, fifty a second; of each, prevention.new, prevention.match 50 ms later, order.refund 100 ms`,
    'later. One ingress, one alerts, one order-sync, one scheduler, every setting by default; a local server acts as Midigator and the',
    'gateway. Counted from when order.refund was due to be sent until the server had the resolution; in between the gateway is asked what it',
    'knows, the refund made, and the order changed by it.',
    '',
    '| the server answers | p50 ms | p90 ms | p99 ms | most ms | alerts CPU ms an alert | Redis CPU ms an alert |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...answers.map(row),
    '',
    'Aim: p50 at most 1,000 ms, p99 at most 5,000 ms.',
    '',
  ]
}

const LOOK_UP_NAMES: Record<LookUp, string> = {
  transaction_id: 'transaction id → orders',
  arn: 'ARN → orders',
  auth_id: 'auth code → orders',
  card: 'six and four → orders',
  'sold-card': 'six and four → orders by time of sale',
  'sold-customer_id': 'customer → orders by time of sale',
}

function inquiryLines(figures: InquiryFigures): string[] {
  const { orders, inquiries, p50, p90, p99, most, withOrder, withEvidence, lookups } = figures
  const percent = (share: number) => `${one(share * 100)} %`
  const bytes = lookups.reduce((sum, lookup) => sum + lookup.bytes, 0)
  return [
    '## (g) Inquiries answered while the cardholder waits',
    '',
    `${whole(orders)} stored orders, sold evenly over the last 400 days; of each hundred, 40 have a buyer of their own, 24 are three a buyer, 36`,
    `are of one buyer, half of those with two cards one after the other; besides, one reseller’s card has ${whole(orders / 100)}. Then ${whole(inquiries)} signed`,
    'Chargebackhit inquiries (reason 10.4) about orders of the last 120 days, 100 a second in the mean with random gaps, each sent when it',
    'is due, whatever became of those before it, over keep-alive connections, and a new one where all are busy. All name card, date and',
    'amount: 45 % a transaction id with them, 20 % an ARN, 15 % an auth code, 15 % nothing more; 5 % fit no order, though their card is',
    'stored. Each is also looked through for Compelling Evidence 3.0. One ingress, every setting by default, warm; Redis rewrites no file',
    'meanwhile, and no worker runs. Time is from when an inquiry was due to be sent to the end of its answer; no answer named a wrong order.',
    '',
    '| p50 ms | p90 ms | p99 ms | most ms | answered with an order | with two earlier ones | ingress CPU ms an inquiry | Redis CPU ms an inquiry |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${one(p50)} | ${one(p90)} | ${one(p99)} | ${one(most)} | ${percent(withOrder)} | ${percent(withEvidence)} | ${two(figures.ingressCpuMs)} | ${two(figures.redisCpuMs)} |`,
    '',
    `Aim: p99 at most 100 ms. The sender was late by ${one(figures.lateMs)} ms at the most, which is in the times, and needed ${figures.connections} connections. What is not`,
    'answered with an order fits none, or more than one: the answer does not state which.',
    '',
    'The look-up keys of these orders, a kind at a time: how much less Redis says it uses once they are deleted. The main table’s own',
    'slots, 8 to 16 bytes a key, do not go with them and come on top.',
    '',
    '| look-up | keys | Redis bytes an order |',
    '| --- | ---: | ---: |',
    ...lookups.map(({ kind, keys, bytes }) => `| ${LOOK_UP_NAMES[kind]} | ${whole(keys)} | ${whole(bytes)} |`),
    `| all | ${whole(lookups.reduce((sum, { keys }) => sum + keys, 0))} | ${whole(bytes)} |`,
    '',
    `The ids of these orders are digits, which Redis keeps in its smallest form: a set of one order whose id has letters in it takes ${whole(figures.letteredIdBytes)} bytes`,
    `more. An order that was never sent takes ${whole(figures.orderBytes)} bytes in all.`,
    '',
  ]
}

/** Writes README.md beside this file. */
export function writeReport(measured: Measured): void {
  const memory = Math.round(totalmem() / 2 ** 30)
  const lines = [
    '# Measured',
    '',
    `\`npm run bench\` wrote this file. ${cores} cores (${cpus()[0]?.model.trim() ?? arch()}), ${memory} GiB, ${type()}; Node.js ${process.versions.node}; Redis ${measured.redisVersion}, append-only, fsync every second.`,
    '',
    `Every process is a real one on this machine, started as an operator would start it, and shares its cores with Redis, the sender and the stand-in for the platform. Both sides of a pair run by turns, ${measured.rounds} rounds, each round with a Redis of its own; a figure is the median. The sender makes and signs its requests before the clock starts. CPU is that of the measured process, all its threads, as the system counts it; on a machine that does other work too it is the firmer figure, and the ratio within one run firmer than any rate. \`npm run bench -- --quick\` runs small sizes and only prints; \`--only a,b\` some parts, and only prints; \`--profile FOLDER\` writes CPU profiles of the measured processes there.`,
    '',
    ...sections(measured),
  ]
  writeFileSync(new URL('README.md', import.meta.url), `${lines.join('\n').trimEnd()}\n`)
}
