import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { CallEntry as Call } from '../../src/sandbox/inbox.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { PASSWORD, startFleet, USERNAME, type Fleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import type { SentChange } from '../support/order-stream.ts'
import { opsDoor, type OpsDoor } from '../support/ops-door.ts'
import { person, valuesIn, type Person } from '../support/person.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { report } from '../support/report.ts'
import { isSoak, size } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'
import { watchQueues } from '../support/watch-queues.ts'
import { queueViews } from '../../src/queue/inspect.ts'

const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let fleet: Fleet
let ops: OpsDoor
let stores: Awaited<ReturnType<typeof openStores>>

beforeAll(async () => {
  sandbox = await startSandbox()
  fleet = await startFleet({
    redisUrl,
    namespace,
    dataUrl: sandbox.dataUrl,
    daemons: ['ingress', 'scheduler', 'order-sync', 'ops'],
    env: { LOG_LEVEL: 'trace', PUSH_TIMEOUT_MS: '1500', PUSH_DOUBT_MS: '700' },
  })
  stores = await openStores(redisUrl, namespace)
  ops = opsDoor(fleet.opsUrl)
})

afterAll(async () => {
  await fleet?.close()
  await stores?.close()
  await sandbox?.close()
})

describe('orders full of personal values, pushed to a platform that repeats them in every error', () => {
  it('leave no value in any log line, job, failed reason or dashboard page, nor in the words kept of the platform', async () => {
    const people = Array.from({ length: size(9, 60) }, (_, n) => person(n))
    const values = [...people.flatMap(({ values }) => values), PASSWORD, fleet.hookSecret.slice(6)]
    const jobs = watchQueues(stores.redis, namespace, values)
    sandbox.faults.set(people.flatMap((someone, n) => faultsFor(someone, n)))
    for (const [n, someone] of people.entries()) {
      const answer = await fleet.hooks.send(
        n % 2 === 0 ? someone.change() : [someone.change(), someone.change({ is_refund: true })],
      )
      expect(answer.status).toBe(202)
      // A door that refuses must not tell why in the customer's own words.
      const refused = await fleet.hooks.send(someone.change({ occurred_at: someone.values[0] }))
      expect(refused.status).toBe(422)
      const unread = await fleet.hooks.send(
        someone.change({ sales_tax_amount: someone.values[0], is_test_cc: someone.values[1] }),
      )
      expect(unread.body).toMatchObject({
        results: [{ faults: [{ field: 'sales_tax_amount' }, { field: 'is_test_cc' }] }],
      })
      expect(valuesIn(JSON.stringify([refused.body, unread.body]), values)).toEqual([])
      if (n % 5 === 3) await breakConnections()
    }
    sandbox.faults.addFirst({
      on: 'auth',
      times: 3,
      fault: { kind: 'status', status: 401, body: { message: `${USERNAME} with ${PASSWORD}` } },
    })
    sandbox.revokeTokens()
    for (const someone of people) await fleet.hooks.send(someone.change({ rma_number: `again ${someone.values[2]}` }))
    await stores.pushes.add('sync-order', { v: 1, email_address: 'not-a-key' })
    await eventually(async () => {
      const { dirty, rejected } = await stores.orders.counts()
      expect(dirty).toBe(0)
      expect(rejected, 'orders the platform refused').toBeGreaterThan(0)
      // What is refused every time keeps the doubt of a call that was cut off.
      const standings = await Promise.all(people.map(({ orderId }) => stores.orders.standing(orderId)))
      expect(standings.filter(({ retryAt, doubtUntil }) => retryAt === null && doubtUntil !== null)).toEqual([])
    }, { withinMs: isSoak ? 300_000 : 30_000 }) // prettier-ignore
    const token = (await stores.redis.hget(stores.keys.token('midigator-data'), 'token'))!
    expect(token).toMatch(/^\$6\$/)
    values.push(token)
    await jobs.stop()

    expect(jobs.seen, 'keys of jobs that were read').toBeGreaterThan(100)
    expect([...jobs.found], 'values in the queues').toEqual([])
    expect(await stores.pushes.getFailedCount(), 'jobs that failed for good').toBe(1)
    const output = fleet.output()
    expect(output.split('\n').length).toBeGreaterThan(100)
    expect(valuesIn(output, values), 'values in the log').toEqual([])
    const pages = await readPages(people)
    for (const [path, text] of pages) expect(valuesIn(text, values), `values on ${path}`).toEqual([])
    const words = await wordsKept(people)
    expect(words.length, 'refusals kept').toBeGreaterThan(0)
    expect(valuesIn(words.join('\n'), values), 'values in the words of the platform').toEqual([])
    expect(sandbox.inbox.stats().answers['order'], 'the faults were met').toMatchObject({ '400': expect.any(Number), '422': expect.any(Number), '500': expect.any(Number) }) // prettier-ignore
    report('privacy', {
      people: people.length,
      values: values.length,
      jobKeysRead: jobs.seen,
      logLines: output.split('\n').length,
      pages: pages.size,
      refusalsKept: words.length,
    })
  })
})

/** How an order stands when it is forgotten: what its calls meet, and how the last of them must look. */
interface ForgetCase {
  rule?: FaultRule['fault']
  fields?: Record<string, unknown>
  onWire?: true
  when: (last?: Call) => boolean
}

describe('forgetting an order', () => {
  const cases: Record<string, ForgetCase> = {
    'on the wire, then accepted': {
      rule: { kind: 'slow', ms: 1_200 },
      onWire: true,
      when: last => last?.ended === null,
    },
    'on the wire, never answered': {
      rule: { kind: 'commit-then-hang' },
      onWire: true,
      when: last => last?.ended === null,
    },
    'waiting for another try': { rule: { kind: 'status', status: 500 }, when: last => last?.status === 500 },
    'refused by the platform': { rule: { kind: 'status', status: 422 }, when: last => last?.status === 422 },
    'held, never pushed': { fields: { order_status: null }, when: last => last === undefined },
    'pushed and at rest': { fields: { is_refund: true }, when: last => last?.status === 200 },
  }
  it('in the middle of pushes leaves no value of that person in Redis, also after a redelivery, which is refused', async () => {
    const kept = person(20_000)
    expect((await fleet.hooks.send(kept.change())).status).toBe(202)
    const forgotten: Person[] = []
    const changes: SentChange[] = []
    for (const [n, [name, { rule, fields, onWire, when }]] of Object.entries(cases).entries()) {
      const someone = person(10_000 + n)
      const { orderId } = someone
      const lastCall = () => sandbox.inbox.order(orderId)?.history.at(-1)
      sandbox.faults.set(rule ? [{ on: 'order', orderId, fault: rule }] : [])
      const change = someone.change(fields)
      expect((await fleet.hooks.send({ ...change, occurred_at: 'not a time' })).status).toBe(422)
      expect((await fleet.hooks.send(change)).status).toBe(202)
      expect((await fleet.hooks.send({ ...change, affiliate: 'north' })).status).toBe(202)
      await eventually(() => expect(when(lastCall()), `${name}: its last call was so`).toBe(true), { everyMs: 5 })
      expect((await ops.press(`/api/orders/${orderId}/forget`)).status).toBe(200)
      expect(onWire === true ? lastCall()?.ended : null, `${name}: forgotten before its call ended`).toBeNull()
      forgotten.push(someone)
      changes.push(change)
    }

    expect(await left(forgotten.flatMap(({ values }) => values)), 'values left behind at once').toEqual([])
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(0))
    for (const [n, change] of changes.entries()) {
      const again = n % 2 === 0 ? change : [change, { ...change, occurred_at: new Date().toISOString() }]
      const answer = await fleet.hooks.send(again)
      expect(answer.status, 'a redelivery').toBe(422)
      expect(answer.body.errors?.every(error => error.field.endsWith('order_id'))).toBe(true)
      expect((await fleet.hooks.send({ ...change, occurred_at: 'not a time' })).status, 'a faulty redelivery').toBe(422)
    }
    await eventually(async () => expect(await queueViews(stores.queues, ['sync-order'])).toMatchObject([{ waiting: 0, active: 0, delayed: 0 }])) // prettier-ignore
    const all = forgotten.flatMap(({ orderId, values }) => [orderId, ...values])
    await eventually(async () => expect(await left(all), 'values or order ids left behind').toEqual([]))
    expect(await stores.orders.read(kept.orderId), 'another order').not.toBeNull()
    expect((await left(kept.values)).length, 'keys of another order').toBeGreaterThan(0)
    const calls = forgotten.map(({ orderId }) => sandbox.inbox.order(orderId)?.history.length ?? 0)
    await eventually(async () => expect(await sweeps()).toBeGreaterThan(2))
    expect(
      forgotten.map(({ orderId }) => sandbox.inbox.order(orderId)?.history.length ?? 0),
      'calls',
    ).toEqual(calls)
  })
})

/** How an order of this person is met: refused for good, or for a while, with its values repeated in several spellings. */
function faultsFor({ orderId, values }: Person, n: number): FaultRule[] {
  const spellings = [...values, ...values.map(value => value.toUpperCase()), ...values.map(encodeURIComponent)]
  const body = { error: 'Bad', message: spellings.join(' | '), details: [JSON.stringify(spellings)] }
  const rules: FaultRule['fault'][] = [
    { kind: 'status', status: 422, body },
    { kind: 'status', status: 400 },
    { kind: 'status', status: 500, body },
    { kind: 'html', status: 503 },
    { kind: 'commit-then-fail', status: 500 },
    { kind: 'redirect', location: `https://example.com/?who=${encodeURIComponent(values[0]!)}` },
    { kind: 'hang' },
  ]
  const fault = rules[n % rules.length]!
  // Refused for good: it must still be kept as refused when everything is looked through.
  return [{ on: 'order', orderId, fault, ...(n % rules.length > 1 && { times: 2 }) }]
}

async function readPages(people: readonly Person[]): Promise<Map<string, string>> {
  const board = '/queues/api/queues?activeQueue=sync-order&page=1&jobsPerPage=50&status='
  const paths = ['/', '/rejected', '/metrics', '/api/overview', '/queues', `${board}latest`, `${board}failed`]
  paths.push(...['dirty', 'held', 'rejected', 'doubtful'].map(state => `/orders?state=${state}`))
  paths.push(...people.slice(0, 14).map(({ orderId }) => `/orders/${orderId}`))
  const pages = new Map<string, string>()
  for (const path of paths) {
    const text = await ops.read(path)
    expect(text, `the answer of ${path}`).not.toMatch(/"code":"(not-found|bug)"/)
    pages.set(path, text)
  }
  return pages
}

/** What is kept of the platform's words: in the timelines, and in the refusals. */
async function wordsKept(people: readonly Person[]): Promise<string[]> {
  const kept: string[] = []
  for (const { orderId } of people) {
    const order = await stores.orders.read(orderId)
    if (order?.push.refusal) kept.push(JSON.stringify(order.push.refusal))
    kept.push(
      ...(await stores.orders.timeline(orderId))
        .filter(event => event['what'] === 'refused')
        .map(event => JSON.stringify(event)),
    )
  }
  return kept
}

/** Keys that hold one of these values, in their name or anywhere in what they hold. */
async function left(values: readonly string[]): Promise<string[]> {
  const dumped = await dumpKeys(stores.redis, '*')
  return [...dumped].flatMap(([key, text]) => valuesIn(text, values).map(value => `${key}: ${value}`))
}

/** Breaks every connection of the daemons; those of other test files are on the same server. */
async function breakConnections(): Promise<void> {
  const clients = String(await stores.redis.client('LIST')).split('\n')
  const ours = clients.filter(line => line.includes(` name=${namespace}`))
  expect(ours.length, 'connections of the daemons').toBeGreaterThan(3)
  for (const line of ours) await stores.redis.call('CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(line)![1]!)
}

const sweepsSeen = new Set<number>()

/** How often the sweep was seen to have run. */
async function sweeps(): Promise<number> {
  const at = (await stores.queues.due.schedulesRan()).get('sweep-orders')
  if (at !== undefined) sweepsSeen.add(at)
  return sweepsSeen.size
}
