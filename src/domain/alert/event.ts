import type { FieldError } from '../basics/field-error.ts'
import type { AlertEvent, AlertFacts } from './facts.ts'

export type { AlertEvent, AlertFacts } from './facts.ts'

/** What a hook's body is; `ping`: a test without an event. */
export type ParsedAlert =
  | { kind: 'ping' }
  | { kind: 'unknown'; eventType: string }
  | { kind: 'event'; event: AlertEvent }
  | { errors: FieldError[] }

/** What a platform answered when it was asked for an alert, a chargeback or an order; `faults` as in an event. */
export type ParsedReport = { guid: string; facts: AlertFacts; faults: FieldError[] } | { errors: FieldError[] }

/** Event types that a subscription can be made for, by the Events API's reference. */
export const EVENT_TYPES = [
  'chargeback.new',
  'chargeback.match',
  'prevention.new',
  'prevention.match',
  'order.refund',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Equal for two deliveries of one content: all that could be read of it but the time of sending. */
export function eventKey({ type, guid, facts }: AlertEvent): string {
  const names = (Object.keys(facts) as (keyof AlertFacts)[]).toSorted()
  return JSON.stringify([type, guid, names.map(name => [name, facts[name]])])
}

/** The case that an event of Midigator's belongs to. */
export const caseIdOf = ({ guid }: Pick<AlertEvent, 'guid'>): string => `midigator:${guid}`
