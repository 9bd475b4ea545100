import { readRecord } from '../../../src/sandbox/chargebackhit-alerts.ts'
import { signedHeaders } from '../../../src/sandbox/chargebackhit-signature.ts'
import type { Platform } from './platform.ts'

/** Chargebackhit: signed bodies, an alert told of once or more often, one final outcome. */
export const chargebackhit: Platform = {
  name: 'chargebackhit',
  unconfigured: { CHARGEBACKHIT_PUBLIC_KEY: '', CHARGEBACKHIT_SECRET_KEY: '' },
  credentials: ({ sandbox }, raw) => signedHeaders(sandbox.chargebackhitKeys, raw),
  strangers({ sandbox: { chargebackhitKeys: keys } }, raw) {
    const right = signedHeaders(keys, raw)
    const bySecret = (secretKey: string) => signedHeaders({ ...keys, secretKey }, raw)
    return {
      'no headers': {},
      'no signature': { public_key: right.public_key },
      'no key': { signature: right.signature },
      'an empty signature': { ...right, signature: '' },
      'a signature that is too short': { ...right, signature: right.signature.slice(0, -4) },
      'a signature without its base64': { ...right, signature: Buffer.from(right.signature, 'base64').toString() },
      'a body altered at its end': signedHeaders(keys, Buffer.concat([raw, Buffer.from(' ')])),
      'a body altered by a byte': signedHeaders(keys, Buffer.concat([Buffer.from('['), raw.subarray(1)])),
      'another body': signedHeaders(keys, '{"outcome":"reversed"}'),
      'another secret': bySecret(`${keys.secretKey}x`),
      'no secret': bySecret(''),
      'another account': signedHeaders({ publicKey: 'ap_other', secretKey: 'as_other' }, raw),
      "another account's name": { ...right, public_key: 'ap_other' },
    }
  },
  vital: ['alert.id', 'alert.type'],
  alike: [['init-refund.json', 'odd-numbers-and-unknown-members.json']],
  raise({ sandbox: { chargebackhit: side } }, orderId) {
    const alert = side.add({
      type: 'init-refund',
      amount: '30.00',
      transaction: { transaction_merchant_id: `T-${orderId}`, last_four: '1881', arn: '74450006241234567890123' },
    })
    const told = () => readRecord(alert)
    const { arn: _arn, transaction_merchant_id: _merchantId, ...bare } = told().transaction
    return {
      guid: alert.id,
      // Told of again as more is known of it, as the vendor's reference has it: events come unordered, and may collide.
      events: [() => JSON.stringify({ ...told(), transaction: bare }), () => JSON.stringify(told())],
    }
  },
  told({ sandbox }, guid) {
    const { final, attempted, conflicted, attempts } = sandbox.chargebackhit.alerts.get(guid)!.answers
    return {
      outcome: final?.outcome ?? null,
      attempted,
      conflicted,
      texts: [...new Set(attempts.map(({ text }) => text))],
      firstAt: attempts[0]?.at ?? NaN,
    }
  },
  answerCall: 'update-outcome',
  outcomes: { refunded: 'reversed', other: 'reverse-error' },
  refusal: message => ({ error: { code: 'validation_error', message } }),
  refusingRepeats: { chargebackhitRepeatedUpdate: 'refuse' },
}
