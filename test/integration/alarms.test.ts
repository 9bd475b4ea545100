import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { ask } from '../../src/embedded-redis/ask.ts'
import { ALARM_NAMES, type AlarmName } from '../../src/domain/alarms.ts'
import { ensureSubscriptions } from '../../src/jobs/ensure-subscriptions.ts'
import { watchAlarms } from '../../src/jobs/watch-alarms.ts'
import { watchRedis } from '../../src/jobs/watch-redis.ts'
import { watchSilence } from '../../src/jobs/watch-silence.ts'
import { lookAtWork } from '../../src/ops/doctor-work.ts'
import { preventionNew } from '../../src/sandbox/event-payloads.ts'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import { eventually } from '../support/eventually.ts'
import { createHookSender } from '../support/hook-sender.ts'
import { isLong } from '../support/long.ts'
import { LOGIN } from '../support/open-ops.ts'
import { sale } from '../support/sale.ts'
import { schedulesOf } from '../../src/queue/schedules.ts'
import { watchProcess } from '../../src/watch-process.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const IDLE = { attemptsMade: 0, signal: new AbortController().signal }
const HOUR_MS = 3_600_000
const HOOK_SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`
const ALARM_SECRET = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`
const at = (ms: number) => new Date(ms).toISOString()

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Heard {
  alarm: string
  state: string
  subject: string
}

/** A line whose alarms go out, and what those who hear them know: which alarms stand, by their hooks alone. */
async function alarmed(settings: Parameters<typeof open>[0] = {}): Promise<OpsLine & { heard: Heard[] }> {
  const heard: Heard[] = []
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    heard.push(JSON.parse(await read(request)) as Heard)
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => void hear(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise(resolve => server.close(resolve)))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { ...(await open({ ALARM_URL: url, ALARM_SECRET, HOOK_SECRET, ...settings }, { isScheduled: true })), heard }
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

type Line = Awaited<ReturnType<typeof alarmed>>

/** Whether an alarm stands, as each of those says it who can. */
async function saidOf(line: Line, name: AlarmName): Promise<Record<string, boolean>> {
  const [api, overview, page, metrics, lines] = await Promise.all([
    line.get('/api/alarms'),
    line.get('/api/overview'),
    line.get('/'),
    line.get('/metrics'),
    lookAtWork(line.deps.config, line.deps),
  ])
  const named = ({ body }: typeof api) => (body.alarms as { name: string }[]).some(one => one.name === name)
  const balance = new Map(
    line.heard.filter(({ alarm }) => alarm === name).map(({ subject, state }) => [subject, state]),
  )
  return {
    api: named(api),
    overview: named(overview),
    page: page.text.includes(`/api/alarms/${name}/acknowledge`),
    metrics: metrics.text.includes(`order_sync_alarm{name="${name}"} 1`),
    doctor: lines.some(one => one.name === `alarm ${name}`),
    hooks: [...balance.values()].includes('raised'),
  }
}

const all = (is: boolean) => ({ api: is, overview: is, page: is, metrics: is, doctor: is, hooks: is })
const agreed = (line: Line, name: AlarmName, is: boolean) =>
  eventually(
    async () => {
      const said = await saidOf(line, name)
      if (Object.values(said).some(one => one !== is)) throw new Error(`${name}: ${JSON.stringify(said)}`)
      return said
    },
    { everyMs: 100 },
  )

const DISPUTE = { mid: '242', card_last_4: '1881', amount: '30.00', currency: 'USD' }

/** A sweep, as it runs so many hours from now. */
const later = (hours: number) => async (line: Line) => {
  const redisNow = async () => Date.now() + hours * HOUR_MS
  await watchAlarms.run({}, { ...line.deps.jobDeps, redisNow }, IDLE)
}
const resolve = async (line: Line) => {
  const { ids } = await line.deps.cases.list(null, 10, null)
  for (const id of ids)
    await line.post(`/api/cases/${encodeURIComponent(id)}/resolve`, {
      resolution_type: 'other',
      other_description: 'Done.',
    })
}
const close = async (line: Line) => {
  const { ids } = await line.deps.cases.list('parked', 10, null)
  for (const id of ids) await line.post(`/api/cases/${encodeURIComponent(id)}/close`, {})
}
/** An alert that nothing matches, of so many hours ago. */
const waiting = (hours: number) => async (line: Line) => {
  const alert = line.sandbox.alerts.add({ ...DISPUTE, partner: 'ethoca' })
  const body = preventionNew(alert, 'v0.6').members
  await line.send({ ...body, event_timestamp: at(Date.now() - hours * HOUR_MS), prevention_timestamp: at(Date.now() - hours * HOUR_MS) }) // prettier-ignore
}
/** Looks for silence as if so many hours had passed, in which orders changed. */
async function silence({ deps }: Line, hours: number): Promise<void> {
  const then = async () => Date.now() + hours * HOUR_MS
  await watchSilence.run({}, { ...deps.jobDeps, redisNow: then, orders: { newestChangeAt: then } }, IDLE)
}
const send = (line: Line, change: Record<string, unknown>) => line.tell(change)
const subscribed = (email: string) => async (line: Line) => {
  const wish = { url: line.hookUrl, email, username: 'midigator', password: 'hook-password-1' }
  const deps = { ...line.deps.jobDeps, subscriptionWish: () => ({ wish }) }
  await eventually(async () => expect(await ensureSubscriptions.run({}, deps, IDLE)).toMatchObject({ outcome: 'done' }))
}

/** The watch of a daemon on a machine whose clock is so far ahead; an hour passes before each look, and all but `stuck` has just run. */
function watched(
  { deps }: Line,
  {
    aheadMs = 0,
    stuck = '',
    usedBytes = 1,
    redisRefused = () => null,
  }: { aheadMs?: number; stuck?: string; usedBytes?: number; redisRefused?: () => object | null },
) {
  let passed = 0
  const now = () => Date.now() + passed
  const clock = { now, aheadMs: () => aheadMs, measure: async () => void (passed += HOUR_MS) }
  const schedulesRan = async () =>
    new Map(schedulesOf(deps.config).map(({ job: { name } }) => [name, name === stuck ? 5 : now()]))
  const { config, log, alarms, jobDeps } = deps
  return watchProcess(
    {
      config,
      log,
      clock,
      alarms,
      due: { schedulesRan },
      redisRefused,
      health: { memory: async () => ({ usedBytes, maxBytes: 100 }) },
      postAlarm: jobDeps.postAlarm,
    },
    'alerts',
  )
}

/** A user of Redis whose rights a test takes away; the shared Redis has it while this file runs. */
const shared = new URL(inject('redisUrl'))
const USER = `alarms-${process.pid}`
const setRights = (...rules: string[]) => ask(Number(shared.port), ['ACL', 'SETUSER', USER, ...rules])
beforeAll(() => setRights('on', 'nopass', '+@all', '~*', '&*'))
afterAll(() => ask(Number(shared.port), ['ACL', 'DELUSER', USER]))

/** For every alarm what brings it about, and what ends it; with the settings that takes. */
const CAUSES: Record<AlarmName, { settings?: Parameters<typeof open>[0]; begin: (line: Line) => Promise<unknown>; end: (line: Line) => Promise<unknown> }> = {
  'case-target': { begin: waiting(5), end: resolve },
  'case-alarm': { begin: waiting(13), end: resolve },
  'case-escalated': { begin: waiting(21), end: resolve },
  'case-parked': {
    begin: line => line.alert({ partner: 'unheard-of' }),
    end: resolve,
  },
  'case-approval': {
    settings: { REFUND_MODE: 'approve' },
    begin: async line => {
      await line.sold('P-1')
      await line.match(await line.alert(), 'P-1')
      await line.askRefund('P-1')
    },
    end: async line => {
      const { ids: [id] } = await line.deps.cases.list('awaiting-approval', 1, null)
      expect((await line.post(`/api/cases/${encodeURIComponent(id!)}/approve`, {})).status).toBe(200)
    },
  },
  'case-chargeback': {
    begin: async line => {
      await line.sold('C-1')
      line.sandbox.gateway.setRules([{ behave: pending(5_000, 'failed') }])
      await line.match(await line.alert(), 'C-1')
      await line.askRefund('C-1')
      await eventually(() => expect(line.refundCalls('C-1')).toHaveLength(1))
      await line.chargeBack('C-1')
    },
    // The refund fails by itself.
    end: () => Promise.resolve(),
  },
  'paid-twice': {
    begin: async line => {
      await line.sold('C-2')
      const alert = await line.alert()
      await line.match(alert, 'C-2')
      await line.askRefund('C-2')
      await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
      await line.chargeBack('C-2')
    },
    end: close,
  },
  'order-unreadable': {
    begin: async line => {
      await line.sell('U-1')
      await send(line, { ...sale('U-1'), occurred_at: at(Date.now()), refunded_to_date: 'a lot' })
    },
    end: line => send(line, { ...sale('U-1'), occurred_at: at(Date.now()), refunded_to_date: '0' }),
  },
  'order-swapped': {
    begin: async line => {
      await line.sell('U-2')
      await send(line, { ...sale('U-2'), occurred_at: at(Date.now()), transaction_id: 'T-other', transaction_merchant_id: '7', cc_first_6: '555555', cc_last_4: '4444' })
    },
    end: later(7 * 24 + 1),
  },
  'order-held': {
    begin: async line => {
      await line.sell('H-1', { order_status: 'Complete', payment_state: 'pending' })
      await line.deps.redis.zadd(line.deps.keys.held, Date.now() - 25 * HOUR_MS, 'H-1')
    },
    end: line => send(line, { ...sale('H-1'), occurred_at: at(Date.now()), payment_state: 'captured' }),
  },
  'order-rejected': {
    begin: async line => {
      line.sandbox.faults.set([{ on: 'order', orderId: 'R-1', fault: { kind: 'status', status: 422 } }])
      await line.sell('R-1')
    },
    end: async line => {
      line.sandbox.faults.set([])
      await send(line, { ...sale('R-1'), occurred_at: at(Date.now()), order_total: '31.00' })
    },
  },
  'change-rejected': {
    begin: line => line.tell({ occurred_at: at(0) }).catch(() => {}),
    end: async line => line.deps.rejected.remove((await line.deps.rejected.list(9)).map(({ id }) => id)),
  },
  'changes-tied': {
    begin: async line => {
      const change = { ...sale('T-1'), occurred_at: at(Date.now() - 1_000) }
      await line.tell({ ...change, billing_street_address: '9 Old Road' }, { ...change, billing_street_address: '12 New Street' })
    },
    end: later(25),
  },
  'hook-too-old': {
    begin: async line => {
      const crm = createHookSender(new URL(line.hookUrl).origin, HOOK_SECRET, () => Date.now() - 100 * HOUR_MS)
      expect((await crm.sendBytes(Buffer.from(JSON.stringify(sale('O-1'))))).status).toBe(401)
      crm.close()
    },
    end: later(25),
  },
  'source-clock-ahead': {
    begin: line => send(line, { ...sale('A-1'), occurred_at: at(Date.now() + 90_000) }),
    end: later(2),
  },
  'alerts-silent': {
    begin: async line => {
      const queue = line.deps.queues.of('watch-silence')
      await queue.pause()
      await eventually(async () => expect(await queue.getActiveCount()).toBe(0))
      await line.sell('S-1')
      await silence(line, 0)
      await silence(line, 25)
    },
    end: async line => {
      // The platform's own pings may come in between.
      await eventually(async () => {
        for (const platform of line.deps.alertHooks.keys())
          await line.deps.events.countPing(platform, Date.now() + 25 * HOUR_MS)
        await silence(line, 25)
        expect(await line.deps.alarms.subjects('alerts-silent', 9)).toEqual([])
      })
    },
  },
  'subscriptions-wrong': { begin: subscribed('no address'), end: subscribed('ops@example.com') },
  'alert-unreadable': {
    begin: async line => expect(await line.send({ event_type: 'prevention.new' })).toBe(422),
    end: later(25),
  },
  'platform-denied': {
    begin: line => line.deps.gates.record('midigator', { what: 'denied', cause: 'forbidden' }),
    end: line => line.deps.gates.record('midigator', { what: 'answered' }),
  },
  'platform-down': {
    settings: { BREAKER_FAILURES: '2' },
    begin: async line => {
      for (let i = 0; i < 2; i++) await line.deps.gates.record('midigator', { what: 'failed' })
    },
    end: line => line.deps.gates.record('midigator', { what: 'answered' }),
  },
  'redis-lost-writes': {
    settings: { REFUND_LIST_LAG_MS: '60000' },
    begin: async ({ deps }) => {
      await deps.rollback.look()
      await deps.redis.hset(deps.keys.epoch, 'count', '0')
      await deps.rollback.look()
    },
    end: async ({ deps }) => {
      const redisNow = async () => Date.now() + HOUR_MS
      await eventually(async () => expect(await watchRedis.run({}, { ...deps.jobDeps, redisNow }, IDLE)).toMatchObject({ note: 'made good' })) // prettier-ignore
    },
  },
  'data-restored': {
    begin: async ({ deps }) => {
      await deps.rollback.look()
      await deps.redis.del(deps.keys.epoch)
      await deps.rollback.look()
    },
    end: line => line.post('/api/quarantine/release', { reason: 'sent again' }),
  },
  'redis-not-writable': {
    settings: { REDIS_URL: `redis://${USER}:any@${shared.host}` },
    begin: async line => {
      line.deps.writes.start({ everyMs: 100, alarmAfterMs: 0 })
      // All but the probe may be written: this is about who can report the alarm.
      const tag = line.deps.keys.queuePrefix
      await setRights('resetkeys', ...['[^w]', 'wa', 'wr[^i]'].map(start => `~${tag}:${start}*`))
      await eventually(async () => expect(line.deps.writes.refused()).toMatchObject({ refusal: 'no-permission' }))
    },
    end: async () => setRights('allkeys'),
  },
  'redis-memory': {
    begin: async line => {
      await watched(line, { usedBytes: 79 }).look()
      expect(await line.deps.alarms.subjects('redis-memory', 9)).toEqual([])
      await watched(line, { usedBytes: 80 }).look()
    },
    end: async line => {
      await watched(line, { usedBytes: 75 }).look()
      expect(await line.deps.alarms.subjects('redis-memory', 9)).toEqual(['redis'])
      await watched(line, { usedBytes: 74 }).look()
    },
  },
  'clock-off': { begin: line => watched(line, { aheadMs: 1_500 }).look(), end: line => watched(line, {}).look() },
  'schedule-stopped': {
    begin: async line => {
      const watch = watched(line, { stuck: 'sweep-cases' })
      await watch.look()
      expect(watch.stopped()).toEqual([])
      await watch.look()
      expect(watch.stopped()).toEqual(['sweep-cases'])
    },
    end: async line => {
      const watch = watched(line, {})
      for (let i = 0; i < 2; i++) await watch.look()
      expect(watch.stopped()).toEqual([])
    },
  },
} // prettier-ignore

describe('an alarm', () => {
  it.each(ALARM_NAMES.filter((_, i) => isLong || i % 3 === 0))(
    '%s stands with its cause and ends with it, by all who tell of it',
    async name => {
      const { settings = {}, begin, end } = CAUSES[name]
      const line = await alarmed(settings)
      await begin(line)
      expect(await agreed(line, name, true)).toEqual(all(true))
      await end(line)
      expect(await agreed(line, name, false)).toEqual(all(false))
    },
  )

  it('of a schedule that stopped is none for what could not run because Redis took no writes', async () => {
    const line = await alarmed()
    let refused: object | null = null
    const watch = watched(line, { stuck: 'sweep-cases', redisRefused: () => refused })
    await watch.look()
    refused = {}
    await watch.look()
    refused = null
    await watch.look()
    expect(watch.stopped()).toEqual([])
    await watch.look()
    expect(watch.stopped()).toEqual(['sweep-cases'])
  })

  it.runIf(isLong)(
    'about money that could not be read ends when a person releases the refund all the same',
    async () => {
      const line = await alarmed({ REFUND_MODE: 'auto' })
      line.sandbox.payments.set('U-3', { captured: '30.00', currency: 'USD' })
      await line.sold('U-3')
      await send(line, { ...sale('U-3'), occurred_at: at(Date.now()), refunded_to_date: 'a lot' })
      expect(await agreed(line, 'order-unreadable', true)).toEqual(all(true))
      const alert = await line.alert()
      await line.match(alert, 'U-3')
      await line.askRefund('U-3')
      const { id } = await line.caseOf(alert.prevention_guid, one => one.reason === 'order-on-hold')
      expect(await agreed(line, 'order-unreadable', true)).toEqual(all(true))
      expect((await line.post(`/api/cases/${encodeURIComponent(id)}/approve`, { amount: '30.00' })).status).toBe(200)
      expect(await agreed(line, 'order-unreadable', false)).toEqual(all(false))
    },
  )

  it.runIf(isLong)('of many cases is one, with their count and a link to all of them', async () => {
    const line = await alarmed({ ALERTS_CONCURRENCY: '8' })
    for (let i = 0; i < 24; i++) await CAUSES['case-parked'].begin(line)
    const alarm = () =>
      line.get('/api/alarms').then(({ body: { alarms } }) => (alarms as { name: string }[]).find(one => one.name === 'case-parked')) // prettier-ignore
    await eventually(async () =>
      expect(await alarm()).toMatchObject({ count: 24, href: '/cases?state=parked', newest: { length: 5 } }),
    )
    expect((await line.get('/metrics')).text).toContain('order_sync_alarm_subjects{name="case-parked"} 24')
    const { text } = await line.get('/')
    expect(text.match(/\/api\/alarms\/case-parked\/acknowledge/g)).toHaveLength(1)
    expect(text).toContain('case-parked (24)')
    await resolve(line)
    await eventually(async () => expect(await alarm()).toMatchObject({ count: 14 }))
  })
})

describe('everything that one alarm is raised for', () => {
  it.runIf(isLong)('is listed whole, by page and API, each subject with its page', async () => {
    const line = await alarmed()
    for (let i = 1; i <= 230; i++)
      await line.deps.alarms.raise('order-swapped', `O-${i}`, `O-${i} may be two sales`, Date.now() + i)
    const read = async (offset: number) => (await line.get(`/api/alarms/order-swapped?offset=${offset}`)).body
    const [first, second] = [await read(0), await read(200)]
    expect(first).toMatchObject({ count: 230, href: '/alarms/order-swapped', next: 200 })
    expect(first.subjects).toMatchObject({ length: 200, 0: { subject: 'O-230', why: 'O-230 may be two sales', href: '/orders/O-230' } })
    expect(second).toMatchObject({ next: null, subjects: { length: 30, 29: { subject: 'O-1' } } })
    const { text } = await line.get('/alarms/order-swapped')
    expect(text.match(/href="\/orders\/O-\d+"/g)).toHaveLength(200)
    expect(text).toContain('href="/alarms/order-swapped?offset=200"')
    expect((await line.get('/')).text).toContain('href="/alarms/order-swapped"')
    expect(await line.get('/api/alarms/paid-twice')).toMatchObject({ status: 404, body: { code: 'not-found' } })
    expect(await line.get('/alarms/paid-twice')).toMatchObject({ status: 404 })
    expect(await line.get('/alarms/nonsense')).toMatchObject({ status: 404 })
  }) // prettier-ignore
})

describe('an alarm that a person acknowledged', () => {
  const acknowledged = async (line: Line) =>
    ((await line.get('/api/alarms')).body.alarms as { name: string; acknowledged: unknown }[])[0]?.acknowledged

  it('stays listed with who and until when, and rings again for another subject', async () => {
    const line = await alarmed()
    const { alarms } = line.deps
    await alarms.raise('source-clock-ahead', 'one', 'the clock of one is 9 s ahead', Date.now() - 5)
    const until = at(Date.now() + HOUR_MS)
    const said = await line.post('/api/alarms/source-clock-ahead/acknowledge', { until, reason: 'told the shop' })
    expect(said).toMatchObject({ status: 200, body: { name: 'source-clock-ahead', acknowledged: { by: LOGIN.username, until, note: 'told the shop' } } }) // prettier-ignore
    expect((await line.get('/metrics')).text).toContain('order_sync_alarm_acknowledged{name="source-clock-ahead"} 1')
    expect((await line.get('/')).text).toMatch(/Acknowledged by \S+ until .*told the shop/s)
    await alarms.raise('source-clock-ahead', 'one', 'the clock of one is 8 s ahead', Date.now())
    expect(await acknowledged(line)).not.toBeNull()
    await alarms.raise('source-clock-ahead', 'two', 'the clock of two is 9 s ahead', Date.now() + 1)
    expect(await acknowledged(line)).toBeNull()
  })

  it('of one subject alone is silent for that one, and as a whole once each of them is', async () => {
    const line = await alarmed()
    const { alarms } = line.deps
    for (const shop of ['one', 'two']) await alarms.raise('source-clock-ahead', shop, `${shop} is 9 s ahead`, Date.now() - 5)
    const acknowledge = (subject: string) => line.post('/api/alarms/source-clock-ahead/acknowledge', { subject, reason: `told ${subject}` })
    expect(await acknowledge('three')).toMatchObject({ status: 409, body: { message: expect.stringContaining('for three') } })
    expect(await acknowledge('one')).toMatchObject({ status: 200, body: { count: 2, silenced: 1, acknowledged: null } })
    const subjects = async () => (await line.get('/api/alarms/source-clock-ahead')).body.subjects
    expect(await subjects()).toMatchObject([{ subject: 'two', acknowledged: null }, { subject: 'one', acknowledged: { by: LOGIN.username, note: 'told one' } }])
    expect((await line.get('/alarms/source-clock-ahead')).text).toMatch(/Acknowledged by \S+: told one/)
    expect(await acknowledge('two')).toMatchObject({ body: { silenced: 2, acknowledged: { note: 'told two' } } })
    // It ends, and is another when it begins anew.
    await alarms.clear('source-clock-ahead', 'one', Date.now())
    await alarms.raise('source-clock-ahead', 'one', 'one is 8 s ahead', Date.now())
    expect(await subjects()).toMatchObject([{ subject: 'one', acknowledged: null }, { subject: 'two', acknowledged: {} }])
    expect(await acknowledged(line)).toBeNull()
  }) // prettier-ignore

  it('by name and one by one adds up, and is shown with each subject', async () => {
    const line = await alarmed()
    const { alarms } = line.deps
    for (const shop of ['one', 'two'])
      await alarms.raise('source-clock-ahead', shop, `${shop} is ahead`, Date.now() - 5)
    const acknowledge = (body: object) => line.post('/api/alarms/source-clock-ahead/acknowledge', body)
    expect(await acknowledge({})).toMatchObject({ body: { silenced: 2, acknowledged: {} } })
    await alarms.raise('source-clock-ahead', 'three', 'three is ahead', Date.now() + 1)
    const { body } = await line.get('/api/alarms/source-clock-ahead')
    expect(body).toMatchObject({ silenced: 2, acknowledged: null })
    expect(body.subjects).toMatchObject([
      { subject: 'three', acknowledged: null },
      { acknowledged: {} },
      { acknowledged: {} },
    ])
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(await acknowledge({ subject: 'three' })).toMatchObject({ body: { silenced: 3, acknowledged: {} } })
    expect(await acknowledge({ subject: '' })).toMatchObject({ status: 422, body: { errors: [{ field: 'subject' }] } })
  })

  it('of a state is silent for one service of several', async () => {
    const line = await alarmed({ CHARGEBACKHIT_PUBLIC_KEY: 'public', CHARGEBACKHIT_SECRET_KEY: 'secret', DENIED_PROBE_MS: '600000' }) // prettier-ignore
    // A sweep that began before the denial would end what begins here.
    const sweeps = line.deps.queues.of('watch-alarms')
    await sweeps.pause()
    await eventually(async () => expect(await sweeps.getActiveCount()).toBe(0))
    for (const service of ['midigator', 'chargebackhit'])
      await line.deps.gates.record(service, { what: 'denied', cause: 'forbidden' })
    const path = '/api/alarms/platform-denied'
    expect(await line.post(`${path}/acknowledge`, { subject: 'midigator' })).toMatchObject({ body: { count: 2, silenced: 1, acknowledged: null } }) // prettier-ignore
    expect(await line.post(`${path}/acknowledge`, { subject: 'chargebackhit' })).toMatchObject({ body: { silenced: 2, acknowledged: {} } }) // prettier-ignore
    expect((await line.get(path)).body.subjects).toMatchObject([{ acknowledged: {} }, { acknowledged: {} }])
    await later(0)(line)
    expect((await line.get(path)).body).toMatchObject({ silenced: 2, acknowledged: {} })
  })

  it('is one that stands, by its name, until a time to come', async () => {
    const line = await alarmed()
    const post = (name: string, body: unknown) => line.post(`/api/alarms/${name}/acknowledge`, body)
    expect(await post('nonsense', {})).toMatchObject({ status: 404, body: { errors: [{ field: 'id' }] } })
    expect(await post('paid-twice', {})).toMatchObject({ status: 409, body: { code: 'not-now' } })
    await line.deps.alarms.raise('source-clock-ahead', 'one', 'ahead', Date.now())
    for (const until of ['tomorrow', at(Date.now() - 1), 7])
      expect(await post('source-clock-ahead', { until })).toMatchObject({ status: 422, body: { errors: [{ field: 'until', message: expect.stringContaining('ISO 8601') }] } }) // prettier-ignore
    expect(await post('source-clock-ahead', { why: 'x' })).toMatchObject({ status: 422, body: { errors: [{ field: 'why' }] } }) // prettier-ignore
  })
})
