import { describe, expect, it } from 'vitest'
import { callPlatform } from '../../src/jobs/call-platform.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { accessOf, LIMITS, useMidigatorApi, type Api } from './midigator-api.ts'

const newApi = useMidigatorApi()
const list = (one: ReturnType<Api['newProcess']>) =>
  callPlatform({ gate: one.gate, throttleMaxMs: 1_000 }, access => one.events.listSubscriptions(access, LIMITS))

describe('the token of the newer APIs', () => {
  it('is asked for once, however many processes want it, and serves all of them', async () => {
    const api = await newApi()
    const [one, other] = [api.newProcess(), api.newProcess()]
    const answers = await Promise.all([list(one), list(one), list(other), list(other), list(other)])
    expect(answers).toEqual(answers.map(() => ({ accepted: true, value: [] })))
    expect(api.callsOf('api-auth')).toHaveLength(1)
    expect([...one.renewals, ...other.renewals]).toEqual([true])
  })

  it('is renewed a minute before it expires, though nobody refused it', async () => {
    const api = await newApi()
    let now = Date.now()
    const one = api.newProcess({ now: () => now })
    await list(one)
    now += 3_535_000
    await list(one)
    expect(api.callsOf('api-auth')).toHaveLength(1)
    now += 8_000
    await Promise.all([list(one), list(one), list(one)])
    expect(api.callsOf('api-auth')).toHaveLength(2)
  })

  it.runIf(isLong)(
    'of a short life is renewed at the half of it, once for all processes, and never refused',
    async () => {
      const api = await newApi({ tokenLifeMs: 3_000 })
      const [one, other] = [api.newProcess(), api.newProcess()]
      await eventually(async () => {
        await Promise.all([list(one), list(other)])
        expect((await other.auth.access())?.generation).toBe(2)
      })
      expect(api.callsOf('api-auth')).toHaveLength(2)
      expect(api.callsOf('subscribe').filter(({ status }) => status !== 200)).toEqual([])
    },
  )

  it('that expired while no process ran is never sent', async () => {
    const api = await newApi()
    await list(api.newProcess())
    const later = api.newProcess({ now: () => Date.now() + 7_200_000 })
    expect(await later.auth.access()).toBeNull()
    expect(await list(later)).toMatchObject({ accepted: true })
    expect(api.callsOf('api-auth')).toHaveLength(2)
  })

  it('is not asked for again and again by a process whose clock is hours ahead', async () => {
    const api = await newApi()
    const ahead = api.newProcess({ now: () => Date.now() + 7_200_000 })
    for (let i = 0; i < 5; i++) expect(await list(ahead)).toMatchObject({ accepted: true })
    expect(api.callsOf('api-auth')).toHaveLength(1)
  })

  it('that was revoked is renewed once for two processes, and their calls go through', async () => {
    const api = await newApi()
    const [one, other] = [api.newProcess(), api.newProcess()]
    await Promise.all([list(one), list(other)])
    api.sandbox.revokeTokens()
    const answers = await Promise.all([list(one), list(other), list(one)])
    expect(answers).toEqual(answers.map(() => ({ accepted: true, value: [] })))
    expect(api.callsOf('api-auth')).toHaveLength(2)
  })

  it('is not to be had with a wrong secret: that denies, and is told of without the secret', async () => {
    const api = await newApi()
    const wrong = api.newProcess({ secret: 'wrong-secret-123' })
    expect(await wrong.auth.renew(null)).toEqual({ verdict: { next: 'stop', cause: 'credentials-refused' } })
    expect(await list(wrong)).toMatchObject({ outcome: { outcome: 'all-wait', why: 'denied' } })
    expect((await api.gates.state('midigator-api')).denied).toBe('credentials-refused')
    expect(await wrong.auth.access()).toBeNull()
  })

  it('refused though it is fresh denies; a 403 does too', async () => {
    const api = await newApi()
    const one = api.newProcess()
    api.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'status', status: 401 } }])
    expect(await list(one)).toMatchObject({ outcome: { outcome: 'all-wait', why: 'denied' } })
    expect(api.callsOf('api-auth')).toHaveLength(2)
    expect(api.callsOf('subscribe')).toHaveLength(2)
    api.sandbox.faults.set([{ on: 'subscribe', fault: { kind: 'status', status: 403 } }])
    expect(await list(one)).toMatchObject({ outcome: { outcome: 'all-wait', why: 'denied' } })
    expect((await api.gates.state('midigator-api')).denied).toBe('forbidden')
  })

  it.each([
    [{ kind: 'status', status: 500 }, 'http-500'],
    [{ kind: 'status', status: 200, body: { tokens: 'none' } }, 'no-token'],
    [{ kind: 'status', status: 200, body: { token: 'line\nbreak' } }, 'no-token'],
    [{ kind: 'reset' }, 'lost'],
    [{ kind: 'hang' }, 'timeout'],
  ] as const)('is waited for when /auth answers %j', async (fault, code) => {
    const api = await newApi()
    const one = api.newProcess()
    api.sandbox.faults.set([{ on: 'api-auth', times: 1, fault: { ...fault } }])
    expect(await one.auth.renew(null)).toMatchObject({ verdict: { next: 'back-off', code } })
    expect(await list(one)).toMatchObject({ accepted: true })
  })

  it('is kept in Redis, and the secret nowhere', async () => {
    const api = await newApi()
    const access = await accessOf(api.newProcess())
    expect(await api.redis.hgetall(api.keys.token('midigator-api'))).toEqual({ token: access.token, generation: '1' })
    const keys = await api.redis.keys(`${api.keys.queuePrefix}*`)
    const held = await Promise.all(keys.map(key => api.redis.dump(key)))
    expect(held.join(' ')).not.toContain(api.sandbox.apiSecret)
  })
})
