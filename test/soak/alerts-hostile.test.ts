import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { ALERT_BASIC, ALERT_HOOK, startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import { eventually } from '../support/eventually.ts'
import { hostileAlerts, ODD_GUIDS, type HostileAlert } from '../support/hostile-alerts.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { report } from '../support/report.ts'
import { residentMb } from '../support/resident-memory.ts'
import { sendAgain } from '../support/send-again.ts'
import { seeded } from '../support/seeded.ts'
import { isSoak, size } from '../support/sizes.ts'

const BODIES = size(400, 5_000)
const AT_ONCE = 6
/** What counts as flat: a short run ends before the collector has settled on a size. */
const FLAT_MB = isSoak ? 80 : 120
const CARD = '4012888888881881'
const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let line: AlertFleet

beforeAll(async () => {
  sandbox = await startSandbox()
  line = await startAlertFleet({ redisUrl, namespace, sandbox, daemons: ['ingress', 'alerts'] })
})

afterAll(async () => {
  await line?.close()
  await sandbox?.close()
})

interface Answer {
  status: number
  text: string
}

describe('Midigator’s door, sent malformed and hostile bodies, most of them with the right password', () => {
  it('answers each 4xx with the field named, changes nothing, takes odd alerts without the odd field, and the good events in between', async () => {
    const startedAt = performance.now()
    const random = seeded(31)
    const good = Array.from({ length: 20 }, (_, i) => `pre_good${i}`)
    for (const guid of good.slice(0, 10)) expect((await sendAgain(() => send(goodEvent(guid)))).status).toBe(200)
    await eventually(async () => expect(await line.cases.counts(['received'])).toEqual({ received: 10 }))
    const [door] = line.fleet.of('ingress')
    const memory: number[] = []
    let sent = 0
    const faults: unknown[] = []
    const statuses: Record<number, number> = {}
    const refusals = new Set<string>()
    const bodies = hostileAlerts(random, BODIES, ALERT_BASIC, () => random.pick([...good, 'pre_bad1', 'pre_bad2']))
    const lane = async () => {
      for (const hostile of bodies) {
        const answer = await sendAgain(() => send(hostile))
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (sent++ % 20 === 0) memory.push(residentMb(door!.pid))
        if (answer.status === 401) refusals.add(answer.text)
        if (!isRight(hostile, answer)) faults.push({ kind: hostile.kind, sent: hostile.body.subarray(0, 200).toString(), answer })
      }
    }
    const lanes = Array.from({ length: AT_ONCE }, lane)
    for (const guid of good.slice(10)) expect((await sendAgain(() => send(goodEvent(guid)))).status).toBe(200)
    await Promise.all(lanes)

    expect(faults.slice(0, 3)).toEqual([])
    expect(Object.values(statuses).reduce((sum, n) => sum + n, 0)).toBe(BODIES)
    expect(refusals.size).toBe(1)
    const taken = [...good, ...ODD_GUIDS].map(guid => `midigator:${guid}`)
    // The platform knows of none of them. The odd alerts were sent long ago: a person must decide about them.
    await eventually(async () => expect(await line.cases.counts(['received', 'parked'])).toEqual({ received: 20, parked: ODD_GUIDS.length }))
    const { ids } = await line.cases.list(null, 1_000, null)
    expect(ids.toSorted()).toEqual(taken.toSorted())
    const logs = await Promise.all(good.map(async guid => (await line.cases.read(`midigator:${guid}`))!.log))
    expect(logs.map(log => log.filter(({ what }) => what === 'hook').length)).toEqual(good.map(() => 1))
    const odd = await Promise.all(ODD_GUIDS.map(async guid => (await line.cases.read(`midigator:${guid}`))!.log))
    const named = odd.map(log => log.some(entry => entry.what === 'hook' && (entry.event.faults ?? []).length > 0))
    expect(named).toEqual(ODD_GUIDS.map(() => true))
    expect(sandbox.refunds.list()).toEqual([])
    expect(line.fleet.of('ingress')).toEqual([door])
    const written = [line.fleet.output(), ...(await dumpKeys(line.stores.redis, `{${namespace}}*`)).values()].join('\n')
    // Where Redis is slow the door says so, and the sender sends again.
    const ownFaults = written.split('\n').filter(line => /"msg":"(request failed|job threw)"/.test(line) && !line.includes('"code":"redis-away"'))
    expect(ownFaults).toEqual([])
    expect([CARD, ALERT_HOOK.password, ALERT_BASIC.slice(6), sandbox.apiSecret].filter(text => written.includes(text))).toEqual([])
    const third = Math.floor(memory.length / 3)
    const [middle, end] = [mean(memory.slice(third, 2 * third)), mean(memory.slice(2 * third))]
    expect(end - middle).toBeLessThan(FLAT_MB)
    report('hostile alerts', {
      bodies: BODIES,
      statuses: Object.entries(statuses).map(([status, count]) => `${status}×${count}`).join(' '),
      memoryMb: `${Math.round(middle)} then ${Math.round(end)}`,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    })
  })
}) // prettier-ignore

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

const goodEvent = (guid: string) => ({
  body: Buffer.from(JSON.stringify({ event_type: 'prevention.new', prevention_guid: guid, partner: 'ethoca', amount: 30, card_last_4: '1881' })),
  headers: { 'content-type': 'application/json', authorization: ALERT_BASIC },
}) // prettier-ignore

function isRight({ statuses, field }: HostileAlert, { status, text }: Answer): boolean {
  if (!statuses.includes(status)) return false
  if (status === 200) return true
  const { code, message, errors } = JSON.parse(text) as { code?: unknown; message?: unknown; errors?: { field: string }[] }
  if (typeof code !== 'string' || typeof message !== 'string') return false
  return field === undefined || (errors ?? []).some(error => field.test(error.field))
} // prettier-ignore

function send({ body, headers }: Pick<HostileAlert, 'body' | 'headers'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-length': body.length, ...headers } }
    const call = request(line.hookUrl, options, response => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }))
    })
    call.setTimeout(30_000, () => call.destroy(new Error('no answer within 30 s')))
    call.on('error', reject)
    call.end(body)
  })
}
