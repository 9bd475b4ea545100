import type { AlertWish } from '../../src/sandbox/alerts.ts'
import { matched, orderRefund, preventionNew } from '../../src/sandbox/event-payloads.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { writeJson } from '../../src/sandbox/wire-json.ts'
import type { InputFile } from './input-file.ts'

/** An alert that was sent: what our door answered each event, and how its story shows. */
export interface SentAlert {
  answers: number[]
  /** Our cases of it. */
  caseIds: string[]
  /** The final answer that the platform has. */
  resolution: () => string | null
}

interface AlertDoors {
  sandbox: Sandbox
  /** Where Midigator's events go, and the header that they bear. */
  hook: { url: string; authorization: string }
}

/** Makes the alert of an input at its platform and sends what the platform sends of it, back to back. */
export const sendAlert = (input: InputFile, orderId: string, doors: AlertDoors): Promise<SentAlert> =>
  input.alert.platform === 'midigator' ? sendMidigator(input, orderId, doors) : sendChargebackhit(input, doors)

async function sendMidigator({ alert: wanted }: InputFile, orderId: string, { sandbox, hook }: AlertDoors) {
  const { amount, currency, refundAmount = amount, events = ['new', 'match', 'refund'], generation = 'v0.6' } = wanted
  const usual = {
    partner: 'ethoca',
    mid: '189250002',
    card_first_6: '401288',
    card_last_4: orderId.replace(/\D/g, '').padStart(4, '0'),
    amount,
    currency,
  }
  const alert = sandbox.alerts.add(withMembers(usual, wanted.fields) as unknown as AlertWish)
  sandbox.alerts.match(alert, orderId)
  const order = { order_id: orderId, order_guid: sandbox.alerts.nameOrder(orderId) }
  const bodies = {
    new: preventionNew(alert, generation).members,
    match: matched(alert, order, generation).members,
    refund: orderRefund(order, refundAmount, generation).members,
  }
  const answers: number[] = []
  for (const event of events) answers.push(await post(hook, bodies[event]))
  return {
    answers,
    caseIds: [alert.prevention_guid, order.order_guid].map(guid => `midigator:${guid}`),
    resolution: () => sandbox.alerts.get(alert.prevention_guid)?.resolutions.accepted?.resolution_type ?? null,
  }
}

async function post({ url, authorization }: AlertDoors['hook'], members: Record<string, unknown>): Promise<number> {
  const body = writeJson({ event_timestamp: wireTime(Date.now()), ...members })
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  await answer.text()
  return answer.status
}

async function sendChargebackhit({ alert: wanted }: InputFile, { sandbox }: AlertDoors) {
  const { amount, currency, fields = {} } = wanted
  const side = sandbox.chargebackhit
  const transaction = withMembers({}, fields)
  const merchant = { internal_id: '189250002' }
  const alert = side.add({ type: 'init-refund', product: 'ethoca', amount, currency, transaction, merchant })
  const { status } = await side.send(alert)
  return {
    answers: [typeof status === 'number' ? status : 0],
    caseIds: [`chargebackhit:${alert.id}`],
    resolution: () => side.alerts.get(alert.id)?.answers.final?.outcome ?? null,
  }
}

const withMembers = (usual: Record<string, unknown>, given: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ ...usual, ...given }).filter(([, value]) => value !== null))
