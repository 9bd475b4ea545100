import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOps } from '../../src/http/ops.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { signatureOf } from '../../src/platforms/chargebackhit/signature.ts'
import { signed } from '../support/hook-sender.ts'
import { report } from '../support/report.ts'
import { size } from '../support/sizes.ts'
import { usePipelines, type Pipeline } from './pipeline.ts'

const HOOK_SECRET = `whsec_${Buffer.from('thirty-two bytes of a hook secret').toString('base64')}`
const LOGIN = { username: 'operator', password: 'a good long password' }
const HOOK = { username: 'midigator', password: 'another good long password' }
const KEYS = { publicKey: 'public-key', secretKey: 'a secret key of the account' }
const basic = ({ username, password }: typeof LOGIN) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const open = usePipelines()
let pipeline: Pipeline
let ingress: Awaited<ReturnType<typeof startIngress>>

beforeEach(async () => {
  pipeline = await open({
    HOOK_SECRET,
    PORT: '0',
    MIDIGATOR_API_SECRET: 'secret',
    MIDIGATOR_HOOK_USERNAME: HOOK.username,
    MIDIGATOR_HOOK_PASSWORD: HOOK.password,
    CHARGEBACKHIT_PUBLIC_KEY: KEYS.publicKey,
    CHARGEBACKHIT_SECRET_KEY: KEYS.secretKey,
  })
  ingress = await startIngress(pipeline.deps)
})
afterEach(() => ingress.close(1_000))

async function send(path: string, body: string | undefined, headers: Record<string, string> = {}, method = 'POST') {
  const answer = await fetch(`${ingress.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  })
  await answer.arrayBuffer()
  return answer.status
}

describe('metrics', () => {
  /** One call of each kind, each with its own names in every place where a sender may write one. */
  async function round(name: string): Promise<void> {
    const odd = `hostile"\\${name}`
    const json = (value: unknown) => JSON.stringify(value)
    const order = (fields: object) => {
      const body = json({ order_id: odd, occurred_at: new Date(0).toISOString(), ...fields })
      return send('/hooks/orders/generic', body, signed(HOOK_SECRET, Buffer.from(body)))
    }
    const midigator = (body: string) => send('/hooks/alerts/midigator', body, { authorization: basic(HOOK) })
    const chargebackhit = (body: string) =>
      send('/hooks/alerts/chargebackhit', body, { signature: signatureOf(KEYS, body), public_key: KEYS.publicKey })
    await Promise.all([
      send(`/hooks/orders/hostile-${name}`, '{}'),
      send(`/hooks/orders/${encodeURIComponent(odd)}`, '{}'),
      send(`/hooks/alerts/hostile-${name}`, '{}'),
      send(`/hooks/alerts/midigator/hostile-${name}`, '{}', { authorization: basic({ ...HOOK, username: odd }) }),
      send(`/hostile-${name}`, undefined, { 'x-forwarded-for': odd }, 'GET'),
      send('/hooks/orders/generic', '{}', { 'webhook-id': odd }),
      order({ order_status: odd, currency: odd, payment_state: odd, [odd]: odd }),
      order({ order_status: 'Complete', order_total: '1.00', currency: 'ZZZ' }),
      midigator(json({ event_type: odd, prevention_guid: odd })),
      midigator(json({ event_type: 'prevention.new', prevention_guid: odd, partner: odd, currency: odd })),
      midigator(json({ event_type: 'prevention.new' })),
      midigator(odd),
      chargebackhit(json({ id: odd, type: odd, event: odd, outcome: odd })),
    ])
  }

  it('have the same series whatever names are sent to any port', async () => {
    const { deps } = pipeline
    const ops = await createOps(deps, { auth: LOGIN })
    const series = async () => {
      await deps.figures.publish(deps.processName, await deps.metrics.registry.metrics())
      const text = (await ops.inject({ url: '/metrics', headers: { authorization: basic(LOGIN) } })).body
      return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => line.slice(0, line.lastIndexOf(' '))).toSorted()
    }
    const odd = (name: string) => ops.inject({ url: `/hostile-${name}`, headers: { authorization: basic({ ...LOGIN, username: `hostile-${name}` }) } })
    for (const name of ['a', 'b']) {
      await round(name)
      await odd(name)
    }
    const before = await series()
    const startedAt = process.memoryUsage().rss
    for (let i = 0; i < size(5, 400); i++) {
      await round(randomUUID())
      await odd(randomUUID())
    }
    for (let i = 0; i < size(200, 10_000); i += 20)
      await Promise.all(Array.from({ length: 20 }, (_, n) => send(`/hooks/orders/name-${i + n}`, '{}')))
    const after = await series()
    await ops.close()
    expect(after.filter(line => !before.includes(line))).toEqual([])
    expect(after.filter(line => /hostile|name-|ZZZ/.test(line))).toEqual([])
    report('hostile names', { names: size(200, 10_000), series: after.length, grewMb: Math.round((process.memoryUsage().rss - startedAt) / 1e6) })
  }) // prettier-ignore
})
