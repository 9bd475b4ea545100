import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { isLong } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { runCli } from '../support/run-cli.ts'

const sold = (id: string, last4: string, total: string) => ({
  type: 'change',
  body: {
    order_id: id, occurred_at: '2026-09-01T10:00:00Z', order_date: '2026-09-01T10:00:00Z', order_total: total, currency: 'USD',
    payment_state: 'captured', cc_first_6: '411111', cc_last_4: last4, transaction_id: `ch_${id}`,
  },
}) // prettier-ignore
const paid = (id: string, amount: string) => ({
  type: 'payment', order_id: id, transaction_id: `ch_${id}`, currency: 'USD', captured: [{ amount, at: '2026-09-01T10:00:00Z' }],
}) // prettier-ignore
const alert = (guid: string, last4: string, amount: string) => ({
  type: 'event', at: '2026-09-20T10:00:00Z', platform: 'midigator',
  body: { event_type: 'prevention.new', prevention_guid: guid, prevention_type: 'ethoca', card_first_6: '411111', card_last_4: last4, amount, currency: 'USD' },
}) // prettier-ignore
const match = (guid: string, orderId: string) => ({
  type: 'event', at: '2026-09-20T11:00:00Z', platform: 'midigator',
  body: { event_type: 'prevention.match', prevention_guid: guid, order_guid: `ord_${orderId}`, order_id: orderId },
}) // prettier-ignore
const ended = (id: string, resolution: string, refunded: string) => ({
  type: 'outcome', id, resolution, refunded, currency: 'USD', by: 'person',
}) // prettier-ignore

const HISTORY = [
  sold('A1', '1111', '49.95'), paid('A1', '49.95'), alert('pre_1', '1111', '49.95'), match('pre_1', 'A1'), ended('pre_1', 'issued_full_refund', '49.95'),
  sold('A2', '2222', '20.00'), paid('A2', '20.00'), alert('pre_2', '2222', '20.00'), match('pre_2', 'A2'), ended('pre_2', 'issued_full_refund', '15.00'),
  // Over part of its order: a person decides how much.
  sold('A3', '3333', '90.00'), paid('A3', '90.00'), alert('pre_3', '3333', '30.00'), match('pre_3', 'A3'), ended('pre_3', 'issued_full_refund', '30.00'),
] // prettier-ignore

describe('order-sync replay', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  let calls = 0
  const door = createServer(socket => {
    calls += 1
    socket.destroy()
  })
  let env: Record<string, string> = {}
  let folder = ''

  beforeAll(async () => {
    await new Promise<void>(resolve => void door.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
    folder = await mkdtemp(join(tmpdir(), 'replay-'))
    env = {
      REDIS_URL: redisUrl,
      REDIS_NAMESPACE: namespace,
      MIDIGATOR_DATA_URL: url,
      MIDIGATOR_DATA_USERNAME: 'user',
      MIDIGATOR_DATA_PASSWORD: 'password',
      MIDIGATOR_AUTH_URL: url,
      MIDIGATOR_EVENTS_URL: url,
      MIDIGATOR_PREVENTION_URL: url,
      MIDIGATOR_API_SECRET: 'secret',
      CHARGEBACKHIT_URL: url,
      REFUND_MODE: 'approve',
      REFUND_HTTP_URL: url,
      REFUND_HTTP_SECRET: `whsec_${Buffer.alloc(32, 5).toString('base64')}`,
      ALARM_URL: url,
      ALARM_SECRET: `whsec_${Buffer.alloc(32, 6).toString('base64')}`,
    }
  })
  afterAll(async () => {
    door.close()
    await rm(folder, { recursive: true })
    await closeRedis(redis)
  })

  async function replay(lines: readonly unknown[], ...options: string[]) {
    const file = join(folder, 'history.ndjson')
    await writeFile(file, lines.map(line => JSON.stringify(line)).join('\n'))
    return runCli(['replay', file, ...options], { env })
  }

  it('says what ends otherwise and what a person would be asked, makes no call and writes nothing', async () => {
    await redis.set(`{${namespace}}:other`, 'kept')
    const before = await dumpKeys(redis, `{${namespace}}*`)
    const { code, out, err } = await replay(HISTORY, '--set', 'REFUND_MODE=auto', '--set', 'REFUND_TRIGGER=match')
    expect(err).toBe('')
    expect(out).toContain('REFUND_MODE=auto REFUND_TRIGGER=match')
    expect(out).toMatch(/3 alerts\n +1 end as they really did\n +1 end otherwise\n +1 ask a person\n/)
    expect(out).toContain('Refunded for alerts: 69.95 USD here, 94.95 USD really.')
    expect(out).toMatch(/midigator:pre_2 +A2 .*refunded 20\.00 USD, really 15\.00 USD/)
    expect(code).toBe(1)
    expect(calls).toBe(0)
    expect(await dumpKeys(redis, `{${namespace}}*`)).toEqual(before)
  })

  it.runIf(isLong)(
    'takes the settings of the environment where none is given: under approval every refund asks a person',
    async () => {
      const { code, out } = await replay(HISTORY, '--set', 'REFUND_TRIGGER=match', '--json')
      const { settings, alerts, refunded } = JSON.parse(out) as {
        settings: object
        alerts: { verdict: string }[]
        refunded: []
      }
      expect(JSON.parse(out)).toMatchObject({
        really_refunded: [{ amount: '94.95', currency: 'USD' }],
        unused: [],
        fault_count: 0,
      })
      expect(alerts[0]).toMatchObject({ order_id: 'A1', answered_at: null })
      expect(settings).toMatchObject({ REFUND_MODE: 'approve', REFUND_TRIGGER: 'match' })
      expect(alerts.map(({ verdict }) => verdict)).toEqual(['asks-person', 'asks-person', 'asks-person'])
      expect([refunded, code, calls]).toEqual([[], 0, 0])
    },
  )

  it.runIf(isLong)('names lines that cannot be read, plays the others, and exits with 1', async () => {
    const { code, out } = await replay(
      [...HISTORY.slice(0, 5), { type: 'refund', at: '2026-09-20' }],
      '--set',
      'REFUND_MODE=auto',
    )
    expect(out).toContain('1 alert\n')
    expect(out).toMatch(/Lines that could not be read:\n {2}line 6: at: expected a time such as/)
    expect(code).toBe(1)
  })

  it.runIf(isLong)(
    'tells a setting that does not exist, a file that does not exist and one without anything in it',
    async () => {
      const unknown = await replay(HISTORY, '--set', 'REFUND_MOOD=auto')
      expect([unknown.code, unknown.err]).toEqual([
        2,
        expect.stringContaining('REFUND_MOOD has no effect on a shadow run'),
      ])
      const missing = await runCli(['replay', join(folder, 'none.ndjson')], { env })
      expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/none\.ndjson: there is no such file/)])
      const empty = await replay([])
      expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('there is no change and no event in it')])
    },
  )
})
