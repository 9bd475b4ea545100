import { matched, orderRefund, preventionNew } from '../../../src/sandbox/event-payloads.ts'
import { writeJson } from '../../../src/sandbox/wire-json.ts'
import { wireTime } from '../../../src/sandbox/wire-time.ts'
import { HOOK } from '../alert-line.ts'
import type { Platform } from './platform.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const { username, password } = HOOK
const written = (event: object) => writeJson({ event_timestamp: wireTime(Date.now()), ...event })

/** Midigator: Basic Auth, three events an alert, one resolution. */
export const midigator: Platform = {
  name: 'midigator',
  unconfigured: { MIDIGATOR_HOOK_USERNAME: '', MIDIGATOR_HOOK_PASSWORD: '' },
  credentials: () => ({ authorization: basic(`${username}:${password}`) }),
  strangers: () => ({
    'no header': {},
    'another scheme': { authorization: 'Bearer x' },
    'nothing after the scheme': { authorization: 'Basic' },
    'no base64': { authorization: 'Basic !!!' },
    'no password': { authorization: basic(username) },
    'nothing at all': { authorization: basic(':') },
    'an empty password': { authorization: basic(`${username}:`) },
    'an empty name': { authorization: basic(`:${password}`) },
    'a password that is too long': { authorization: basic(`${username}:${password} `) },
    'a password that is too short': { authorization: basic(`${username}:${password.slice(0, -1)}`) },
    'another account': { authorization: basic(`${username}x:${password}`) },
  }),
  vital: ['event_type', 'prevention_guid', 'chargeback_guid', 'order_guid'],
  alike: [['prevention-new.json', 'odd-texts-and-unknown-members.json']],
  raise({ sandbox: { alerts } }, orderId) {
    // Every sale has this card: only the platform's match decides which of them it is.
    const alert = alerts.add({ mid: '242', card_last_4: '1881', amount: '30.00', currency: 'USD', partner: 'ethoca' })
    const order = { order_id: orderId, order_guid: alerts.nameOrder(orderId) }
    return {
      guid: alert.prevention_guid,
      events: [
        () => written(preventionNew(alert, 'v0.6').members),
        () => {
          alerts.match(alert, orderId)
          return written(matched(alert, order, 'v0.6').members)
        },
        () => written(orderRefund(order, '30.00', 'v0.6').members),
      ],
    }
  },
  told({ sandbox }, guid) {
    const { accepted, attempted, conflicted, attempts } = sandbox.alerts.get(guid)!.resolutions
    const texts = attempts.map(({ resolution_type: type, other_description: words }) => JSON.stringify([type, words]))
    return {
      outcome: accepted?.resolution_type ?? null,
      attempted,
      conflicted,
      texts: [...new Set(texts)],
      firstAt: attempts[0]?.at ?? NaN,
    }
  },
  answerCall: 'resolution',
  outcomes: { refunded: 'issued_full_refund', other: 'other' },
  refusal: message => ({ error: 'Bad Request', message }),
  refusingRepeats: { repeatedResolution: 'refuse' },
}
