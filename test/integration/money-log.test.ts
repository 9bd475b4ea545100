import { expect, it } from 'vitest'
import type { Log } from '../../src/log.ts'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useAlertLines } from './alert-line.ts'

const open = useAlertLines()

/** A log that keeps what is logged at info, a line each. */
function keptLog() {
  const lines: { message: string; fields: Record<string, unknown> }[] = []
  const nothing = () => {}
  const info = (fields: unknown, message?: unknown) =>
    void (typeof fields === 'object' && lines.push({ message: String(message), fields: fields as Record<string, unknown> })) // prettier-ignore
  return { lines, log: { fatal: nothing, error: nothing, warn: nothing, debug: nothing, trace: nothing, info } as unknown as Log } // prettier-ignore
}

it('every act on money is a line at info, with ids and outcome and nothing of the buyer', async () => {
  const { lines, log } = keptLog()
  const line = await open({}, { log })
  await line.sold('L-1', { email_address: 'quiet@example.com' })
  const alert = await line.alert()
  await line.match(alert, 'L-1')
  await line.askRefund('L-1')
  await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
  const id = `midigator:${alert.prevention_guid}`
  const logged = (message: string) => lines.filter(one => one.message === message).map(({ fields }) => fields)
  await eventually(() => expect(logged('resolution accepted')).toHaveLength(1))
  expect(logged('order pushed')[0]).toEqual({ order: 'L-1', platform: 'midigator', outcome: 'accept' })
  const about = {
    order: 'L-1',
    case: id,
    amount: '30',
    currency: 'USD',
    key: expect.stringMatching(/^refund_/) as string,
  }
  expect(logged('refund sent')).toEqual([{ ...about, outcome: 'succeeded' }])
  expect(logged('refund confirmed')).toEqual([{ ...about, refund: expect.stringMatching(/^rfd_/) as string }])
  expect(logged('resolution sent')).toEqual([{ case: id, outcome: '200' }])
  expect(logged('resolution accepted')).toEqual([{ case: id, order: 'L-1', resolution: 'issued_full_refund' }])
  expect(JSON.stringify(lines)).not.toMatch(/quiet@example|401288|1881/)
})

it.runIf(isLong)('a refund that the gateway accepts and fails later is a line when the failure is found by a look-up', async () => {
  const { lines, log } = keptLog()
  const line = await open({}, { log })
  line.sandbox.gateway.setRules([{ behave: pending(200, 'failed') }])
  await line.sold('L-2')
  const alert = await line.alert()
  await line.match(alert, 'L-2')
  await line.askRefund('L-2')
  const logged = (message: string) => lines.filter(one => one.message === message).map(({ fields }) => fields)
  await eventually(() => expect(logged('refund failed')).toHaveLength(1))
  expect(logged('refund sent')).toMatchObject([{ order: 'L-2', outcome: 'pending' }])
  expect(logged('refund failed')).toMatchObject([
    { order: 'L-2', case: `midigator:${alert.prevention_guid}`, amount: '30', currency: 'USD', code: expect.any(String) },
  ])
}) // prettier-ignore
