import { z } from 'zod'
import type { Generation } from './event-types.ts'
import { typesOf } from './event-types.ts'
import type { Outcome } from './exchange.ts'
import type { Subscription, SubscriptionWish } from './subscriptions.ts'
import { membersOf, refused } from './vendor-call.ts'

const text = z.string().min(1).max(2_000)
const isWebAddress = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)

const email = text.regex(/^[^\s@]+@[^\s@]+$/)
const url = text.refine(isWebAddress, 'is no web address')
const auth = z.strictObject({ username: text, password: text })
const wish = z.strictObject({ email, url, event_type: text, auth })
const update = z
  .strictObject({ email, url, event_type: text, active: z.boolean(), auth })
  .partial()
  .refine(body => Object.keys(body).length > 0, 'names nothing to update')

const reasons = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ')

/** Reads the body of `POST /subscribe` strictly: everything the schema has, and nothing else. */
export function readWish(body: unknown, generation: Generation): SubscriptionWish | Outcome {
  const read = wish.safeParse(body)
  if (!read.success) return refused(400, reasons(read.error))
  const { event_type } = read.data
  return typesOf(generation).includes(event_type)
    ? read.data
    : refused(400, `event_type "${event_type}" is not an event type`)
}

/** Reads the body of `PUT /subscribe/{guid}`: any of its members; another event type is the vendor's 418. */
export function readUpdate(body: unknown, before: Subscription): Partial<Subscription> | Outcome {
  const type = membersOf(body)['event_type']
  if (type !== undefined && type !== before.event_type)
    return refused(418, 'event_type cannot be updated: delete the subscription and add another')
  const read = update.safeParse(body)
  if (!read.success) return refused(400, reasons(read.error))
  return Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined))
}

/** Whether a reading ended in a refusal. */
export const isOutcome = (read: object): read is Outcome => 'status' in read && 'body' in read
