import { createHmac } from 'node:crypto'

/** The key of a `whsec_` secret. */
export const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

/** Standard Webhooks 1.0: the three headers for a body, as the sender makes them; `seconds` is the time of sending. */
export function signBody(secret: string, id: string, seconds: number, body: string): Record<string, string> {
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}
