import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/metrics.ts'
import { createFiguresStore } from '../../src/store/figures-store.ts'
import { openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => void (ops = await openOps(redis)))
afterAll(() => ops.close())

interface Scraped {
  types: Map<string, string>
  helped: Set<string>
  samples: Map<string, number>
}

/** Reads Prometheus' text format as its own parser does, and throws at what that would not take. */
function parse(text: string): Scraped {
  const [types, helped, samples] = [new Map<string, string>(), new Set<string>(), new Map<string, number>()]
  for (const line of text.split('\n')) {
    if (line === '') continue
    const header = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (header) {
      const [, kind, name = '', rest = ''] = header
      if (kind === 'TYPE' ? types.has(name) : helped.has(name)) throw new Error(`${kind} of ${name} stands twice`)
      if (kind === 'TYPE') types.set(name, rest)
      else helped.add(name)
      continue
    }
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (NaN|[+-]?Inf|[-+.\deE]+)$/.exec(
        line,
      )
    if (!sample) throw new Error(`no sample: ${line}`)
    const key = `${sample[1]}${sample[2] ?? ''}`
    if (samples.has(key)) throw new Error(`${key} stands twice`)
    const family = sample[1]!.replace(/_(bucket|sum|count)$/, '')
    if (!types.has(sample[1]!) && !types.has(family)) throw new Error(`${key} comes before its TYPE`)
    samples.set(key, Number(sample[3]))
  }
  return { types, helped, samples }
}

const scrape = async () => {
  const answer = await ops.get('/metrics')
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  return parse(answer.text)
}

describe('/metrics', () => {
  it("shows every process's figures under its own label, each metric told once", async () => {
    const names = { sources: ['generic', 'od"d\\ {}'], platforms: ['midigator'] }
    const [one, two] = [createMetrics(names), createMetrics(names)]
    one.changes.inc({ source: 'generic', status: 'changed' }, 3)
    two.changes.inc({ source: 'generic', status: 'changed' }, 4)
    two.changes.inc({ source: 'od"d\\ {}', status: 'held' })
    two.pushSeconds.observe({ platform: 'midigator' }, 0.2)
    await ops.deps.figures.publish('ingress@a:1', await one.registry.metrics())
    await ops.deps.figures.publish('order-sync@b:2', await two.registry.metrics())
    const { samples, types } = await scrape()
    const changed = 'order_sync_changes_total{process="ingress-1",source="generic",status="changed"}'
    expect(samples.get(changed)).toBe(3)
    expect(samples.get(changed.replace('ingress-1', 'order-sync-1'))).toBe(4)
    expect([...samples.keys()].filter(key => key.includes(String.raw`source="od\"d\\ {}",status="held"`))).toHaveLength(
      1,
    )
    const own = [...samples.keys()].filter(key => key.includes('process="'))
    expect(own.filter(key => key.startsWith('order_sync_push_seconds_bucket')).length).toBeGreaterThan(5)
    expect(own.filter(key => key.startsWith('process_cpu_seconds_total'))).toHaveLength(2)
    expect(types.get('order_sync_push_seconds')).toBe('histogram')
    expect((await ops.get('/api/overview')).body.processes).toMatchObject([
      { name: 'ingress@a:1', label: 'ingress-1', started_at: expect.stringMatching(/^20/) },
      { name: 'order-sync@b:2', label: 'order-sync-1' },
    ])
  })

  it('calls processes by labels that are given out again, so that restarts add none', async () => {
    const figures = createFiguresStore(ops.deps.redis, ops.deps.keys, 60_000)
    const labelOf = async (process: string) =>
      [...(await figures.all())].find(([, one]) => one.process === process)?.[0]
    for (let pid = 1; pid <= 20; pid++) {
      await figures.publish(`alerts@a:${pid}`, 'up 1')
      await figures.publish(`alerts@a:${pid}`, 'up 2')
      expect(await labelOf(`alerts@a:${pid}`)).toBe('alerts-1')
      await figures.withdraw(`alerts@a:${pid}`)
    }
    // A process that was killed withdraws nothing; its label is free once its figures are gone.
    await figures.publish('alerts@b:1', 'up 1')
    await figures.publish('alerts@b:2', 'up 1')
    expect([await labelOf('alerts@b:1'), await labelOf('alerts@b:2')]).toEqual(['alerts-1', 'alerts-2'])
    await ops.deps.redis.del(`${ops.deps.keys.figures}alerts-1`)
    await figures.publish('alerts@b:2', 'up 2')
    await figures.publish('alerts@b:3', 'up 1')
    expect([await labelOf('alerts@b:2'), await labelOf('alerts@b:3')]).toEqual(['alerts-2', 'alerts-1'])
    for (const pid of [2, 3]) await figures.withdraw(`alerts@b:${pid}`)
    expect((await figures.all()).size).toBe(2)
  })

  it('names metrics as `promtool check metrics` asks for', async () => {
    await ops.deps.figures.publish('ops@a:3', await ops.deps.metrics.registry.metrics())
    const { types, helped } = await scrape()
    const unlike = [...types].filter(
      ([name, type]) =>
        !helped.has(name) ||
        !/^[a-z][a-z0-9_]*$/.test(name) ||
        (type === 'counter') !== name.endsWith('_total') ||
        /_(bucket|count|sum|info_total)$/.test(name) ||
        /_(counter|gauge|histogram|summary)(_|$)/.test(name) ||
        // Base units alone: seconds and bytes.
        /(^|_)(milliseconds?|microseconds?|nanoseconds?|minutes?|hours?|days?|weeks?|kilobytes?|megabytes?|percent|ms|us|ns|sec|kb|mb)(_|$)/.test(name),
    ) // prettier-ignore
    expect(unlike).toEqual([])
  })

  it('tells how many orders stand where, and since when the oldest waits', async () => {
    const before = (await scrape()).samples
    expect(before.get('order_sync_oldest_dirty_age_seconds')).toBe(0)
    await ops.accept(
      settled('m-1'),
      settled('m-2'),
      settled('m-3', { payment_state: 'pending' }),
      settled('m-4', { occurred_at: 'x' }),
    )
    const { samples } = await scrape()
    const states = ['dirty', 'held', 'rejected', 'doubtful'].map(state =>
      samples.get(`order_sync_orders{state="${state}"}`),
    )
    expect(states).toEqual([2, 1, 0, 0])
    expect(samples.get('order_sync_orders_known')).toBe(3)
    expect(samples.get('order_sync_rejected_changes')).toBe(1)
    expect(samples.get('order_sync_oldest_dirty_age_seconds')).toBeGreaterThan(0)
    expect(samples.get('order_sync_oldest_dirty_age_seconds')).toBeLessThan(60)
    expect(samples.get('order_sync_queue_jobs{queue="sync-order",state="waiting"}')).toBe(2)
    expect((await ops.get('/api/overview')).body).toMatchObject({
      orders: { known: 3, dirty: 2, held: 1, rejected: 0, doubtful: 0 },
      rejected_changes: 1,
      queues: expect.arrayContaining([
        { name: 'sync-order', paused: false, waiting: 2, active: 0, delayed: 0, failed: 0 },
      ]),
    })
  })

  it('raises its gauges when a platform denies us, asks for patience or is down, and when a queue is paused', async () => {
    const { gates, alarms } = ops.deps
    const gauge = async (name: string) => (await scrape()).samples.get(name)
    expect(await gauge('order_sync_denied{platform="midigator",cause="forbidden"}')).toBe(0)
    await gates.record('midigator', { what: 'denied', cause: 'forbidden' })
    await gates.record('midigator', { what: 'throttled', ms: 60_000 })
    await alarms.raise('source-clock-ahead', 'generic', 'the clock of generic is 9 s ahead', Date.now())
    await ops.post('/api/queues/sync-order/pause')
    const { samples } = await scrape()
    const raised = [...samples].filter(([, value]) => value === 1).map(([name]) => name)
    expect(raised).toEqual(
      expect.arrayContaining([
        'order_sync_denied{platform="midigator",cause="forbidden"}',
        'order_sync_throttled{platform="midigator"}',
        'order_sync_alarm{name="platform-denied"}',
        'order_sync_alarm{name="source-clock-ahead"}',
        'order_sync_queue_paused{queue="sync-order"}',
      ]),
    )
    expect(samples.get('order_sync_denied{platform="midigator",cause="credentials-refused"}')).toBe(0)
    expect(samples.get('order_sync_breaker_open{platform="midigator"}')).toBe(0)
    const denied = { name: 'platform-denied', why: expect.stringContaining('allow-list') as string, count: 1, acknowledged: null } // prettier-ignore
    expect((await ops.get('/api/overview')).body.alarms).toEqual([
      expect.objectContaining(denied),
      expect.objectContaining({ name: 'change-rejected', count: 1, href: '/rejected' }),
      expect.objectContaining({ name: 'source-clock-ahead', why: 'the clock of generic is 9 s ahead' }),
    ])

    await gates.record('midigator', { what: 'answered' })
    for (let i = 0; i < gates.terms.breakerFailures; i++) await gates.record('midigator', { what: 'failed' })
    expect(await gauge('order_sync_breaker_open{platform="midigator"}')).toBe(1)
    expect(await gauge('order_sync_alarm{name="platform-down"}')).toBe(1)
    expect(await gauge('order_sync_denied{platform="midigator",cause="forbidden"}')).toBe(0)
    await ops.post('/api/queues/sync-order/resume')
    expect(await gauge('order_sync_queue_paused{queue="sync-order"}')).toBe(0)
  })
})
