import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { rebuildCase } from '../../src/ops/rebuild-case.ts'
import { eventually } from '../support/eventually.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()

describe('a resolution', () => {
  it('that is not answered, or answered 5xx, is sent again in the same bytes until it is accepted', async () => {
    const line = await open()
    line.sandbox.faults.set([
      { on: 'resolution', times: 2, fault: { kind: 'status', status: 503 } },
      { on: 'resolution', times: 1, fault: { kind: 'hang' } },
      { on: 'resolution', times: 1, fault: { kind: 'reset' } },
      { on: 'resolution', times: 1, fault: { kind: 'commit-then-fail', status: 500 } },
    ])
    const guid = await play(line, 'V-1')
    await line.caseOf(guid, one => one.state === 'resolved')
    const { attempted, conflicted, attempts } = line.sandbox.alerts.get(guid)!.resolutions
    expect({ attempted, conflicted }).toEqual({ attempted: 6, conflicted: 0 })
    const bodies = line.sandbox.inbox.requests(1_000).filter(({ call }) => call === 'resolution')
    expect(new Set(bodies.map(({ payload }) => JSON.stringify(payload)))).toHaveProperty('size', 1)
    expect(new Set(attempts.map(({ resolution_type: type }) => type))).toEqual(new Set(['issued_full_refund']))
  })

  it('that is refused parks the case with the platform’s words, and a person’s other answer goes out', async () => {
    const line = await open()
    line.sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'status', status: 400, body: { error: 'Bad Request', message: 'the alert has expired' } } }])
    const guid = await play(line, 'V-2')
    expect((await line.caseOf(guid, one => one.state === 'parked')).why).toBe('answer-refused')
    expect((await entriesOf(line, guid)).find(({ what }) => what === 'answered')).toMatchObject({ status: 400, words: expect.stringContaining('the alert has expired') as string })
    await line.say(guid, { word: 'resolve', wording: { type: 'other', description: 'Refunded in full on our side.' } })
    await line.caseOf(guid, one => one.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions).toMatchObject({ attempted: 2, accepted: { resolution_type: 'other' } })
  }) // prettier-ignore

  it('that is refused after a try without an answer parks the case as probably answered', async () => {
    const line = await open({}, { repeatedResolution: 'refuse' })
    line.sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'commit-then-fail', status: 504 } }])
    const guid = await play(line, 'V-3')
    expect((await line.caseOf(guid, one => one.state === 'parked')).why).toBe('probably-answered')
    expect(line.sandbox.alerts.get(guid)?.resolutions).toMatchObject({ attempted: 2, acceptedTimes: 1 })
  })

  it('does not go out before its refund is confirmed', async () => {
    const line = await open()
    line.sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'commit-then-hang' } }])
    const guid = await play(line, 'V-4')
    await line.caseOf(guid, one => one.state === 'resolved')
    const [claim] = (await line.deps.refunds.read('V-4')).claims
    const firstAt = line.sandbox.alerts.get(guid)!.resolutions.attempts[0]!.at
    expect(firstAt).toBeGreaterThanOrEqual(claim!.confirmedAt!)
  })
})

describe('an alarm', () => {
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => void (await Promise.all(closers.splice(0).map(close => close()))))
  const SECRET = `whsec_${Buffer.from('a secret for the alarms of tests').toString('base64')}`

  it('goes out signed, again until it is taken, with the case and what to decide and nothing of the customer', async () => {
    const got: { verified: { case?: string }; headers: Record<string, string> }[] = []
    let refusals = 3
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
        const headers = request.headers as Record<string, string>
        const body = Buffer.concat(parts).toString()
        if (refusals-- > 0) return response.writeHead(503).end()
        got.push({ verified: new Webhook(SECRET).verify(body, headers) as { case?: string }, headers })
        return response.writeHead(204).end()
      })
    }) // prettier-ignore
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise(resolve => server.close(resolve)))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`
    const line = await open({ ALARM_URL: url, ALARM_SECRET: SECRET, REFUND_MODE: 'approve' })
    const guid = await play(line, 'V-5')
    await line.caseOf(guid, one => one.state === 'awaiting-approval')
    const about = () => got.filter(({ verified }) => verified.case === `midigator:${guid}`)
    await eventually(() => expect(about()).toHaveLength(1))
    expect(about()[0]!.verified).toMatchObject({ alarm: 'case-approval', case: `midigator:${guid}`, order_id: 'V-5', decide: expect.stringContaining('Approve') as string })
    expect(JSON.stringify(got)).not.toMatch(/401288|1881/)
    await eventually(async () => expect(await line.deps.alarmOutbox.count()).toBe(0))
    expect(refusals).toBeLessThan(0)
  }) // prettier-ignore
})

describe('a case whose record was thrown away', () => {
  it('is decided again from its log alone, and is the same', async () => {
    const line = await open({ RESOLVE_3DS: 'on' })
    const guids = [await play(line, 'X-1')]
    const more = [
      ['ethoca-unmatched', {}],
      ['refund-refused', { order_id: await line.sold('X-2') }],
      ['rdr-notice', { order_id: await line.sold('X-3') }],
      ['chargeback-first', { order_id: await line.sold('X-4') }],
      ['two-alerts', { order_id: await line.sold('X-5') }],
    ] as const
    for (const [name, options] of more) guids.push(...(await line.play(name, options)).prevention_guids)
    const rest = ['resolved', 'resolved', 'parked', 'noted', 'parked', 'resolved', 'resolved']
    const records = () => line.deps.cases.records(guids.map(guid => `midigator:${guid}`))
    await eventually(async () => expect((await records()).map(({ state }) => state)).toEqual(rest))
    const before = await records()
    for (const { id } of before) expect(await rebuildCase(line.deps, id)).toEqual({ id, equal: true, differs: [] })
    expect(await records()).toEqual(before)
    expect(new Set(before.map(({ why }) => why)).size).toBeGreaterThan(3)
  })
})

async function play(line: AlertLine, orderId: string): Promise<string> {
  await line.sold(orderId)
  const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: orderId })
  await line.caseOf(guid!)
  return guid!
}

const entriesOf = async ({ deps }: AlertLine, guid: string) => (await deps.cases.read(`midigator:${guid}`))!.log
