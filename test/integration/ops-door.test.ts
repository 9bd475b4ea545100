import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOps } from '../../src/http/ops.ts'
import { startOps } from '../../src/http/start-ops.ts'
import { LOGIN, openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => {
  ops = await openOps(redis)
  await ops.accept(settled('741258'))
})
afterAll(() => ops.close())

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
const READS = ['/', '/orders', '/orders/741258', '/rejected', '/queues', '/queues/api/queues', '/metrics', '/ops.css', '/ops.js',
  '/api/overview', '/api/orders/741258', '/api/rejected', '/cases', '/cases/midigator:1', '/api/cases', '/api/cases/midigator:1',
  '/api/refunds/mode', '/nowhere'] // prettier-ignore
const WRITES = ['/api/orders/741258/sync', '/api/orders/741258/forget', '/api/rejected/1/replay', '/api/queues/sync-order/pause',
  '/api/queues/sync-order/resume', '/api/cases/midigator:1/approve', '/api/cases/midigator:1/refuse', '/api/cases/midigator:1/resolve'] // prettier-ignore

describe('who may come in', () => {
  it('answers /healthz to everybody', async () => {
    const answer = await ops.app.inject('/healthz')
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'alive' }])
  })

  it.each([...READS, ...WRITES])('wants a user name and a password for %s', async url => {
    const method = WRITES.includes(url) ? 'POST' : 'GET'
    const headers = { 'content-type': 'application/json', 'x-order-sync': 'test' }
    // Too many wrong passwords of one address would have it wait.
    const remoteAddress = `192.0.2.${[...READS, ...WRITES].indexOf(url)}`
    for (const authorization of [
      undefined,
      basic('operator', 'wrong'),
      basic('wrong', LOGIN.password),
      basic('', ''),
      'Bearer x',
    ]) {
      const answer = await ops.app.inject({
        method, url, remoteAddress, headers: { ...headers, ...(authorization !== undefined && { authorization }) }, ...(method === 'POST' && { payload: '{}' }),
      }) // prettier-ignore
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="order-sync"/)
      expect(answer.json()).toMatchObject({ code: 'unverified', errors: [{ message: expect.any(String) }] })
      expect(answer.body).not.toContain('26.85')
    }
    expect(await ops.deps.orders.read('741258')).not.toBeNull()
  })

  it('needs no login in the demo', async () => {
    const open = await createOps(ops.deps, { auth: 'open' })
    expect((await open.inject('/api/overview')).statusCode).toBe(200)
    await open.close()
  })

  it('stays up where no login is configured, lets no one in, and says what to set', async () => {
    const config = { ...ops.deps.config, OPS_PORT: 0, OPS_USERNAME: undefined, OPS_PASSWORD: undefined }
    const running = await startOps({ ...ops.deps, config })
    try {
      expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
      for (const headers of [{}, { authorization: basic(LOGIN.username, LOGIN.password) }]) {
        const answer = await fetch(`${running.url}/api/overview`, { headers })
        expect(answer.status).toBe(503)
        const { code, message } = (await answer.json()) as { code: string; message: string }
        expect({ code, message }).toEqual({ code: 'unconfigured', message: 'set OPS_USERNAME and OPS_PASSWORD' })
      }
    } finally {
      await running.close(1_000)
    }
  })

  it('listens where it is told, with the login of the configuration', async () => {
    const deps = {
      ...ops.deps,
      config: { ...ops.deps.config, OPS_PORT: 0, OPS_USERNAME: LOGIN.username, OPS_PASSWORD: LOGIN.password },
    }
    const running = await startOps(deps)
    try {
      expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
      expect((await fetch(`${running.url}/`)).status).toBe(401)
      const headers = { authorization: basic(LOGIN.username, LOGIN.password) }
      expect((await fetch(`${running.url}/`, { headers })).status).toBe(200)
    } finally {
      await running.close(1_000)
    }
  })
})

describe('what a foreign page could send', () => {
  it.each(WRITES)('refuses %s without the header x-order-sync, and without JSON', async path => {
    const bare = await ops.app.inject({
      method: 'POST',
      url: path,
      headers: { authorization: basic(LOGIN.username, LOGIN.password), 'content-type': 'application/json' },
      payload: '{}',
    })
    expect(bare.statusCode).toBe(403)
    expect(bare.json()).toMatchObject({ code: 'no-header', errors: [{ field: 'x-order-sync' }] })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      const typed = await ops.post(path, { 'content-type': type })
      expect(typed.status).toBe(415)
      expect(typed.body).toMatchObject({ code: 'not-json-type', errors: [{ field: 'content-type' }] })
    }
    expect(await ops.deps.orders.read('741258')).not.toBeNull()
    expect(await ops.deps.queues.of('sync-order').isPaused()).toBe(false)
  })

  it('refuses to turn the switch for refunds without a login, without the header, and without JSON', async () => {
    const authorization = basic(LOGIN.username, LOGIN.password)
    const json = { 'content-type': 'application/json' }
    const put = async (headers: Record<string, string>) =>
      (await ops.app.inject({ method: 'PUT', url: '/api/refunds/mode', headers, payload: '{"mode":"auto"}' }))
        .statusCode
    expect(await put({ ...json, 'x-order-sync': 'test' })).toBe(401)
    expect(await put({ ...json, authorization })).toBe(403)
    expect(await put({ 'content-type': 'text/plain', 'x-order-sync': 'test', authorization })).toBe(415)
    expect(await ops.deps.refunds.mode()).toMatchObject({ mode: null, setBy: null })
  })

  it('refuses a body that is not the JSON it says it is', async () => {
    const answer = await ops.app.inject({
      method: 'POST',
      url: '/api/orders/741258/sync',
      headers: {
        authorization: basic(LOGIN.username, LOGIN.password),
        'content-type': 'application/json',
        'x-order-sync': 'test',
      },
      payload: '{"a',
    })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'bad-request'])
  })

  it('keeps every answer out of caches, frames and foreign scripts', async () => {
    for (const path of ['/', '/orders/741258', '/queues', '/api/overview', '/metrics', '/nowhere']) {
      const { headers } = await ops.get(path)
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('http')
    }
  })
})

describe('what is not there', () => {
  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api/orders/no-such-order'],
    ['GET', '/api/cases/midigator:none'],
    ['POST', '/api/cases/midigator:none/approve'],
    ['POST', '/api/orders/no-such-order/sync'],
    ['POST', '/api/rejected/no-such-id/replay'],
    ['POST', '/api/queues/no-such-queue/pause'],
    ['POST', '/api/queues/no-such-queue/resume'],
    ['POST', '/hooks/orders/generic'],
  ])('answers %s %s with 404', async (method, path) => {
    const answer = await (method === 'GET' ? ops.get(path) : ops.post(path))
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ code: 'not-found', errors: [{}] })
  })

  it('is ready for everybody to see, and not ready while periodic work has stopped, which it names', async () => {
    const answered = async (stopped: string[]) => {
      const app = await createOps(
        { ...ops.deps, watch: { look: async () => {}, stopped: () => stopped } },
        { auth: LOGIN },
      )
      const answer = await app.inject('/readyz')
      await app.close()
      return [answer.statusCode, answer.json()]
    }
    expect(await answered([])).toEqual([200, { status: 'ready' }])
    expect(await answered(['sweep-cases'])).toMatchObject([
      503,
      { code: 'not-ready', message: expect.stringMatching(/^sweep-cases: /) as string },
    ])
  })

  it('answers 503 in the one shape of refusals while Redis is away', async () => {
    const away = await createOps(
      { ...ops.deps, redis: Object.create(ops.deps.redis, { status: { value: 'reconnecting' } }) },
      { auth: 'open' },
    )
    const answer = await away.inject('/api/overview')
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'redis-away'])
    expect((await away.inject('/healthz')).statusCode).toBe(200)
    await away.close()
  })
})
