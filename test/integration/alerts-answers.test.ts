import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { rebuildCase } from '../../src/ops/rebuild-case.ts'
import { eventually } from '../support/eventually.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()

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
    const line = await open({ ALARM_URL: url, ALARM_SECRET: SECRET, REFUND_MODE: 'approve' }, { isScheduled: true })
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
    expect(new Set(before.map(({ reason }) => reason)).size).toBeGreaterThan(3)
  })
})

async function play(line: AlertLine, orderId: string): Promise<string> {
  await line.sold(orderId)
  const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: orderId })
  await line.caseOf(guid!)
  return guid!
}
