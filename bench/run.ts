import { measureAnswers, measureEvents } from './alerts.ts'
import { measureDrain } from './drain.ts'
import { measureFootprint } from './footprint.ts'
import { measureHooks } from './hooks.ts'
import { measureInquiries } from './inquiries.ts'
import { startRedis } from './processes.ts'
import { sections, writeReport, type Measured } from './report.ts'
import { measureStream } from './stream.ts'

/** `npm run bench`: measures every part and writes README.md. `--quick`: small sizes, prints only. `--only a,b`: some parts, prints only. */

const { argv } = process
const quick = argv.includes('--quick')
const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '').split(',') : null
const wanted = (part: string) => only === null || only.includes(part)
const rounds = quick ? 1 : 5

const redis = await startRedis()
const measured: Measured = { redisVersion: await redis.version(), rounds }
await redis.stop()

if (wanted('a')) {
  const count = quick ? 2_000 : 20_000
  say('(a) hooks')
  const news = await measureHooks('new', count, rounds)
  measured.hooks = { count, new: news, changes: await measureHooks('changes', count, rounds) }
}
if (wanted('b')) {
  const orders = quick ? 2_000 : 10_000
  say('(b) drain')
  measured.drain = { orders, pair: await measureDrain(orders, rounds) }
}
if (wanted('c')) {
  const orders = quick ? 150 : 1_000
  say('(c) stream')
  const mixed = await measureStream('stream', orders, quick ? 1 : 3)
  measured.stream = { orders, mixed, settled: await measureStream('settled', orders, quick ? 1 : 3) }
}
if (wanted('d')) {
  say('(d) footprint')
  measured.footprint = await measureFootprint(
    quick
      ? [
          [500, 1],
          [1_000, 1],
        ]
      : [
          [1_000, 5],
          [10_000, 3],
          [100_000, 1],
        ],
  )
}
if (wanted('e')) {
  const count = quick ? 2_000 : 20_000
  say('(e) events')
  measured.events = { count, pair: await measureEvents(count, rounds) }
}
if (wanted('f')) {
  say('(f) answers')
  const alerts = quick ? 250 : 3_000
  measured.answers = [await measureAnswers(alerts, 0), await measureAnswers(alerts, 100)]
}
if (wanted('g')) {
  say('(g) inquiries')
  measured.inquiries = quick ? await measureInquiries(2_000, 500) : await measureInquiries(100_000, 3_000)
}

console.log(`\n${sections(measured).join('\n')}`)
if (!quick && only === null) {
  writeReport(measured)
  say('bench/README.md is written')
}

function say(line: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`)
}
