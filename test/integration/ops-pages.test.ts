import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUTHORIZATION, openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { JOBS } from '../../src/jobs/index.ts'

const PERSON = {
  email_address: 'jane.doe@example.com',
  billing_first_name: 'Janequeline',
  billing_street_address: '12 Nowhere Lane',
  customers_telephone: '+15550107777',
  ip_address: '203.0.113.77',
  notes: [{ timestamp: '2026-01-02T03:04:05Z', note: 'Janequeline called' }],
  fulfillment: { shipments: [{ shipping_city: 'Nowhereville' }] },
}
const PRIVATE = /jane|Nowhere|5550107777|203\.0\.113/i

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => {
  ops = await openOps(redis)
  await ops.accept(settled('<b>"1"&\'', PERSON), settled('held-1', { payment_state: 'pending', ...PERSON }))
  await ops.accept(settled('bad-1', { ...PERSON, occurred_at: 'x' }), {
    ...settled('bad-2'),
    ['__proto__<script>']: 1,
    occurred_at: [],
  })
})
afterAll(() => ops.close())

const page = async (path: string) => {
  const answer = await ops.get(path)
  expect(answer.headers['content-type']).toMatch(/^text\/html; charset=utf-8/)
  expect(answer.text).not.toMatch(PRIVATE)
  return answer
}

describe('the pages', () => {
  it('show how everything stands, are read anew without a script, and fit a phone', async () => {
    const { status, text } = await page('/')
    expect(status).toBe(200)
    expect(text).toContain('<meta http-equiv="refresh" content="15" />')
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />')
    expect(text).toMatch(/<b>1<\/b><a href="\/orders\?state=dirty">waiting to sync<\/a>/)
    expect(text).toMatch(/<b>1<\/b><a href="\/orders\?state=held">not settled<\/a>/)
    expect(text).toMatch(/<b>2<\/b><a href="\/rejected">changes rejected on intake<\/a>/)
    expect(text).toContain('data-post="/api/queues/sync-order/pause"')
    expect(text).toMatch(/change-rejected \(2\)<\/a><\/b> since .*what they state is not stored/s)
  })

  it('show an alarm first, with what to do about it', async () => {
    await ops.deps.gates.record('midigator', { what: 'denied', cause: 'forbidden' })
    const { text } = await page('/')
    expect(text).toMatch(/platform-denied<\/a><\/b> since .*allow-list the public address/s)
    await ops.deps.gates.record('midigator', { what: 'answered' })
  })

  it('lead from the search box to an order, and say when there is none', async () => {
    const found = await ops.get('/orders?id=%3Cb%3E%221%22%26%27')
    expect([found.status, found.headers.location]).toEqual([303, "/orders/%3Cb%3E%221%22%26'"])
    expect((await page(String(found.headers.location))).status).toBe(200)
    const missing = await page('/orders/nobody%3Cscript%3E')
    expect(missing.status).toBe(404)
    expect(missing.text).toContain('No order <code>nobody&lt;script&gt;</code> is stored')
  })

  it('show an order as a timeline with a button, the command where no script runs, and no value of a person', async () => {
    const { text } = await page("/orders/%3Cb%3E%221%22%26'")
    expect(text).toContain('<h1>Order &lt;b&gt;&quot;1&quot;&amp;&#39;</h1>')
    expect(text).not.toContain('<b>"1"')
    expect(text).toContain('data-post="/api/orders/%3Cb%3E%221%22%26&#39;/sync" hidden>Send now</button>')
    expect(text).toContain(`npx order-sync sync &#39;&lt;b&gt;&quot;1&quot;&amp;&#39;\\&#39;&#39;&#39;`)
    expect(text).toContain('generic changed ')
    expect(text).toMatch(/<td>order_total<\/td>\s*<td>26\.85<\/td>\s*<td>not yet acknowledged<\/td>/)
    expect(text).toMatch(/<td>email_address<\/td>\s*<td>•••<\/td>/)
    expect((await page('/orders/held-1')).text).toContain('not settled yet (payment_state pending)')
  })

  it('list the orders of a state, and what was refused with the field at fault', async () => {
    expect((await page('/orders?state=held')).text).toContain('<a href="/orders/held-1">held-1</a>')
    const { text } = await page('/rejected')
    expect(text).toContain('<code>occurred_at</code>')
    expect(text).toMatch(/data-post="\/api\/rejected\/[\w-]+\/replay"/)
    expect(text).not.toContain('<script>')
  })

  it('load their style and script from here alone', async () => {
    const { text } = await page('/')
    expect(
      [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url).filter(url => !url?.startsWith('/')),
    ).toEqual(['data:,'])
    expect(text).not.toMatch(/<script(?! src="\/ops\.js" defer>)/)
    expect((await ops.get('/ops.css')).headers['content-type']).toMatch(/^text\/css/)
    expect((await ops.get('/ops.js')).text).toContain("'x-order-sync': 'page'")
  })
})

describe('bull-board', () => {
  it('shows the queues, and of a job its key alone', async () => {
    // Their time has come; here no worker takes them.
    const { queues } = ops.deps
    const { jobs } = await queues.due.take(['sync-order'], 10)
    await queues.addDue(JOBS.syncOrder, jobs[0]!)
    const { status, text } = await page('/queues')
    expect(status).toBe(200)
    expect(text).toContain('<base href="/queues/"')
    const script = /src="(static\/js\/main[^"]+)"/.exec(text)?.[1]
    expect((await ops.get(`/queues/${script}`)).status).toBe(200)
    const { body } = await ops.get('/queues/api/queues?activeQueue=sync-order&status=latest&page=1&jobsPerPage=10')
    const queue = body.queues.find((one: { name: string }) => one.name === 'sync-order')
    expect(queue).toMatchObject({ readOnlyMode: true, allowRetries: false })
    expect(queue.jobs.map((job: { data: unknown }) => job.data)).toEqual([{ orderId: '<b>"1"&\'' }])
    expect(JSON.stringify(body)).not.toMatch(PRIVATE)
    expect((await ops.get('/queues/api/redis/stats')).status).toBe(403)
  })

  it.each([
    ['PUT', 'pause'],
    ['PUT', 'sync-order/pause'],
    ['PUT', 'sync-order/retry/failed'],
    ['PUT', 'sync-order/clean/delayed'],
    ['PUT', 'sync-order/promote'],
    ['PUT', 'sync-order/empty'],
    ['PUT', 'sync-order/obliterate'],
    ['POST', 'sync-order/add'],
    ['PUT', 'sync-order/1/clean'],
    ['PUT', 'sync-order/1/retry'],
    ['PATCH', 'sync-order/1/update-data'],
    ['PATCH', 'sweep-orders/job-schedulers/every-sweep-orders'],
  ] as const)('does nothing on %s %s', async (method, path) => {
    const counts = await ops.deps.queues.of('sync-order').getJobCounts('waiting', 'delayed', 'active', 'failed')
    for (const headers of [
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json', 'x-order-sync': 'test' },
    ]) {
      const answer = await ops.app.inject({
        method, url: `/queues/api/queues/${path}`, headers: { authorization: AUTHORIZATION, ...headers }, payload: '{}',
      }) // prettier-ignore
      expect([403, 404, 405]).toContain(answer.statusCode)
    }
    expect(await ops.deps.queues.of('sync-order').getJobCounts('waiting', 'delayed', 'active', 'failed')).toEqual(
      counts,
    )
    expect(await ops.deps.queues.of('sync-order').isPaused()).toBe(false)
  })

  it('shows no value of an order after its job ran either', async () => {
    ops.sandbox.faults.set([
      { on: 'order', times: 1, fault: { kind: 'status', status: 400, body: { message: 'jane.doe@example.com?' } } },
    ])
    await ops.working(() =>
      eventually(async () => expect((await ops.get("/api/orders/%3Cb%3E%221%22%26'")).body.state).toBe('rejected')),
    )
    const { text } = await ops.get('/queues/api/queues?activeQueue=sync-order&status=latest&page=1&jobsPerPage=10')
    expect(text).not.toMatch(PRIVATE)
    await page('/rejected')
    await page("/orders/%3Cb%3E%221%22%26'")
  })
})
