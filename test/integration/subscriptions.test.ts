import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../src/domain/alert/event.ts'
import { ALERT_HOOK_PATH } from '../../src/domain/subscription-plan.ts'
import { ensureSubscriptions, type EnsureSubscriptionsDeps } from '../../src/jobs/ensure-subscriptions.ts'
import type { MendSubscriptionsDeps } from '../../src/jobs/mend-subscriptions.ts'
import { listSubscriptions, pingSubscriptions, syncSubscriptions } from '../../src/ops/subscriptions.ts'
import { createAlarmStore } from '../../src/store/alarm-store.ts'
import type { SandboxOptions } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useMidigatorApi, type Api } from './midigator-api.ts'

const PASSWORD = 'hook-password-4711'
const newApi = useMidigatorApi()

let hook: Server
let hookUrl: string
let hookStatus = 200
beforeEach(async () => {
  hookStatus = 200
  hook = createServer((_request, response) => response.writeHead(hookStatus).end())
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  hookUrl = `http://127.0.0.1:${(hook.address() as { port: number }).port}${ALERT_HOOK_PATH}`
})
afterEach(() => {
  hook.closeAllConnections()
  hook.close()
})

/** A process that mends subscriptions at a sandbox of its own. */
async function open(options: SandboxOptions = {}, more: Partial<MendSubscriptionsDeps> = {}) {
  const api = await newApi({ pingDelayMs: 20, ...options })
  const { events, gate } = api.newProcess()
  const deps: EnsureSubscriptionsDeps = {
    alarms: createAlarmStore(api.redis, api.keys),
    alertPlatform: { events },
    alertGate: gate,
    subscriptions: api.subscriptions,
    subscriptionWish: () => ({
      wish: { url: hookUrl, email: 'ops@example.com', username: 'midigator', password: PASSWORD },
    }),
    redisNow: () => Promise.resolve(Date.now()),
    throttleMaxMs: 1_000,
    pushTimeoutMs: 1_000,
    subscriptionPingMs: 4_000,
    ...more,
  }
  const run = () => ensureSubscriptions.run({}, deps, { attemptsMade: 0, signal: new AbortController().signal })
  /** Runs until nothing awaits a ping, as the queue does. */
  const runOut = () =>
    eventually(async () => {
      const outcome = await run()
      expect(outcome.outcome).toBe('done')
      return outcome
    })
  return { ...api, deps, run, runOut }
}

const standing = ({ sandbox }: Pick<Api, 'sandbox'>) =>
  sandbox.subscriptions.all().map(({ event_type, url, active, auth }) => ({ event_type, url, active, auth }))
const right = () =>
  EVENT_TYPES.map(event_type => ({
    event_type, url: hookUrl, active: true, auth: { username: 'midigator', password: PASSWORD },
  })) // prettier-ignore
const byType = <One extends { event_type: string }>(all: One[]) =>
  all.toSorted((a, b) => (a.event_type < b.event_type ? -1 : 1))
/** Steps that the first run did, and what a further run then did. */
const writes = ({ sandbox }: Pick<Api, 'sandbox'>) =>
  sandbox.inbox.requests().filter(({ call, payload }) => call === 'subscribe' && payload !== null).length
/** Changes a subscription behind our back, as a person at the platform could. */
function tamper({ sandbox }: Pick<Api, 'sandbox'>, eventType: string, change: object): string {
  const [found] = sandbox.subscriptions.ofType(eventType)
  sandbox.subscriptions.replace({ ...found!, created_at: '2020-01-01T00:00:00Z', ...change }, true)
  return found!.guid
}

describe('subscriptions as code', () => {
  it('from nothing make five that are active; a second run writes nothing', async () => {
    const setting = await open()
    expect(await setting.run()).toMatchObject({ outcome: 'later', why: expect.stringContaining('add order.refund') })
    await setting.runOut()
    expect(byType(standing(setting))).toEqual(byType(right()))
    const before = writes(setting)
    expect(before).toBe(5)
    expect(await setting.run()).toEqual({ outcome: 'done', note: 'nothing to do' })
    expect(writes(setting)).toBe(before)
  })

  it.each([
    ['another host', { url: `https://old.example.com${ALERT_HOOK_PATH}` }, 'update order.refund'],
    ['quite another address', { url: 'https://elsewhere.example.com/x' }, 'update order.refund'],
    ['another e-mail', { email: 'gone@example.com' }, 'update order.refund'],
    ['old credentials', { auth: { username: 'midigator', password: 'old' } }, 'update order.refund'],
    ['inactivity', { active: false }, 'reactivate order.refund'],
    ['another event type', { event_type: 'chargeback.new' }, 'replace order.refund'],
  ])('with %s are mended, and the others not touched', async (_what, change, note) => {
    const setting = await open()
    await setting.runOut()
    tamper(setting, 'order.refund', change)
    const others = setting.sandbox.subscriptions.all().filter(({ created_at: at }) => !at.startsWith('2020'))
    const outcome = await setting.run()
    expect(JSON.stringify(outcome)).toContain(note)
    await setting.runOut()
    expect(byType(standing(setting))).toEqual(byType(right()))
    expect(setting.sandbox.subscriptions.all()).toEqual(expect.arrayContaining(others))
  })

  it('whose event type the platform will not believe (418) are replaced', async () => {
    const setting = await open()
    await setting.runOut()
    const guid = tamper(setting, 'order.refund', { email: 'gone@example.com' })
    setting.sandbox.faults.set([{ on: 'subscribe', guid, times: 1, fault: { kind: 'status', status: 418 } }])
    await setting.runOut()
    expect(setting.sandbox.subscriptions.get(guid)).toBeUndefined()
    expect(byType(standing(setting))).toEqual(byType(right()))
  })

  it('of others are left alone', async () => {
    const setting = await open()
    const { subscriptions } = setting.sandbox
    const foreign = EVENT_TYPES.map(event_type =>
      subscriptions.draft({ email: 'a@b.example', url: 'https://crm.example.com/midigator', event_type, auth: { username: 'a', password: 'b' } }),
    ) // prettier-ignore
    for (const one of foreign) subscriptions.add(one)
    await setting.runOut()
    expect(subscriptions.all()).toHaveLength(10)
    for (const one of foreign) expect(subscriptions.get(one.guid)).toEqual(one)
  })

  it('more than one of a type are cut down to one', async () => {
    const setting = await open()
    await setting.runOut()
    const { subscriptions } = setting.sandbox
    const auth = { username: 'midigator', password: PASSWORD }
    const spare = subscriptions.draft({ email: 'ops@example.com', url: hookUrl, event_type: 'order.refund', auth })
    subscriptions.add({ ...spare, active: true })
    expect(await setting.run()).toEqual({ outcome: 'done', note: 'remove order.refund' })
    expect(subscriptions.ofType('order.refund')).toHaveLength(1)
    expect(subscriptions.get(spare.guid)).toBeUndefined()
  })

  it('whose addition was accepted unseen are not added twice', async () => {
    const setting = await open({}, { pushTimeoutMs: 200 })
    setting.sandbox.faults.set([{ on: 'subscribe', probability: 1, times: 3, fault: { kind: 'commit-then-reset' } }])
    await eventually(() => setting.runOut())
    expect(byType(standing(setting))).toEqual(byType(right()))
  })

  it.runIf(isLong)('that the platform cannot reach are waited for, then made active', async () => {
    const setting = await open({}, { subscriptionPingMs: 1_500 })
    hookStatus = 500
    expect(await setting.run()).toMatchObject({ outcome: 'later', why: expect.stringContaining('awaiting ping') })
    expect(writes(setting)).toBe(5)
    expect(JSON.stringify(await setting.runOut())).toContain('reactivate order.refund')
    expect(byType(standing(setting))).toEqual(byType(right()))
  })

  it('that are refused are told of, by type and status, and tried no further in this run', async () => {
    const setting = await open()
    setting.sandbox.faults.set([])
    const deps = { ...setting.deps, subscriptionWish: () => ({ wish: { url: hookUrl, email: 'no address', username: 'u', password: PASSWORD } }) } // prettier-ignore
    const outcome = await ensureSubscriptions.run({}, deps, { attemptsMade: 0, signal: new AbortController().signal })
    expect(outcome).toMatchObject({
      outcome: 'done',
      note: expect.stringContaining('add order.refund refused with 400'),
    })
    expect(await createAlarmStore(setting.redis, setting.keys).list(Date.now())).toMatchObject([
      { name: 'subscriptions-wrong' },
    ])
    expect(writes(setting)).toBe(5)
    expect(JSON.stringify(outcome)).not.toContain(PASSWORD)
  })

  it('are not made without their settings', async () => {
    const setting = await open({}, { subscriptionWish: () => ({ missing: ['PUBLIC_URL', 'MIDIGATOR_EMAIL'] }) })
    expect(await setting.run()).toEqual({ outcome: 'done', note: 'not configured: PUBLIC_URL, MIDIGATOR_EMAIL' })
    expect(setting.sandbox.inbox.requests()).toEqual([])
  })

  it('are mended by one process at a time', async () => {
    const setting = await open()
    await setting.subscriptions.alone(10_000, async () => {
      expect(await setting.run()).toMatchObject({ outcome: 'later', why: 'another process is changing them' })
      await expect(syncSubscriptions(setting.deps)).rejects.toMatchObject({ code: 'subscriptions-busy' })
    })
    expect(setting.sandbox.inbox.requests()).toEqual([])
    await setting.runOut()
  })

  it('wait while the platform does not answer', async () => {
    const setting = await open({}, { pushTimeoutMs: 150 })
    setting.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'hang' } }])
    expect(await setting.run()).toEqual({ outcome: 'again', why: 'timeout' })
    setting.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'status', status: 429, retryAfterS: 600 } }])
    expect(await setting.run()).toMatchObject({ outcome: 'all-wait', ms: 1_000 })
  })
})

describe('the commands', () => {
  it('sync makes them and waits for the pings, and has nothing to do the second time', async () => {
    const setting = await open()
    const report = await syncSubscriptions(setting.deps)
    expect(report).toMatchObject({ refused: [], awaiting: [], stuck: [] })
    expect(report.did.map(({ step, eventType }) => `${step} ${eventType}`)).toEqual(EVENT_TYPES.map(type => `add ${type}`))
    expect(byType(standing(setting))).toEqual(byType(right()))
    expect(await syncSubscriptions(setting.deps)).toEqual({ did: [], refused: [], awaiting: [], stuck: [] })
    expect(JSON.stringify(report)).not.toContain(PASSWORD)
  }) // prettier-ignore

  it('list shows ours and others, without anything secret', async () => {
    const setting = await open()
    await setting.runOut()
    const { subscriptions } = setting.sandbox
    subscriptions.add(
      subscriptions.draft({ email: 'a@b.example', url: 'https://user:word@crm.example.com/in?token=abc', event_type: 'order.refund', auth: { username: 'a', password: 'b-secret' } }),
    ) // prettier-ignore
    const rows = await listSubscriptions(setting.deps)
    expect(rows.filter(({ ours }) => ours).map(({ event_type: type }) => type)).toEqual([...EVENT_TYPES].toSorted())
    expect(rows.find(({ ours }) => !ours)).toMatchObject({ url: 'https://crm.example.com/in', active: false })
    expect(JSON.stringify(rows)).not.toMatch(/hook-password|b-secret|word|token/)
  })

  it('ping has the addresses called', async () => {
    const setting = await open()
    await setting.runOut()
    expect(await pingSubscriptions(setting.deps, ['order.refund'])).toEqual([
      { event_type: 'order.refund', urls: [hookUrl] },
    ])
    expect(await pingSubscriptions(setting.deps, EVENT_TYPES)).toHaveLength(5)
  })

  it('say what is missing, and ask nothing', async () => {
    const setting = await open({}, { subscriptionWish: () => ({ missing: ['MIDIGATOR_API_SECRET'] }) })
    for (const use of [listSubscriptions, syncSubscriptions, (deps: MendSubscriptionsDeps) => pingSubscriptions(deps, ['order.refund'])])
      await expect(use(setting.deps)).rejects.toThrow('MIDIGATOR_API_SECRET: missing')
    expect(setting.sandbox.inbox.requests()).toEqual([])
  }) // prettier-ignore
})
