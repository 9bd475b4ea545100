import { fault, readFacts, readId, readText, readTime, type AlertFacts, type Body } from './facts.ts'
import type { FieldError } from '../change.ts'

export type { AlertFacts } from './facts.ts'

/** One thing that a platform tells of an alert, a chargeback, or a refund it wants. */
export interface AlertEvent {
  type: 'alert' | 'alert-match' | 'chargeback' | 'chargeback-match' | 'refund'
  /** Of the prevention alert, the chargeback or, for a refund, the order. */
  guid: string
  facts: AlertFacts
  /** When this delivery was sent, ms; null when absent or unreadable. A repeat bears another. */
  sentAt: number | null
}

/** What a hook's body is; `ping`: a test without an event. */
export type ParsedAlert =
  | { kind: 'ping' }
  | { kind: 'unknown'; eventType: string }
  | { kind: 'event'; event: AlertEvent }
  | { errors: FieldError[] }

/** Event types that a subscription can be made for, by the Events API's reference. */
export const EVENT_TYPES = [
  'chargeback.new',
  'chargeback.match',
  'prevention.new',
  'prevention.match',
  'order.refund',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

interface Reading {
  type: AlertEvent['type']
  guid: string
  partner?: string
}

/** The `rdr.` types are of a later version: Visa's automatic refunds, alerts of a kind. */
const READINGS: Readonly<Record<EventType | 'rdr.new' | 'rdr.match', Reading>> = {
  'chargeback.new': { type: 'chargeback', guid: 'chargeback_guid' },
  'chargeback.match': { type: 'chargeback-match', guid: 'chargeback_guid' },
  'prevention.new': { type: 'alert', guid: 'prevention_guid' },
  'prevention.match': { type: 'alert-match', guid: 'prevention_guid' },
  'order.refund': { type: 'refund', guid: 'order_guid' },
  'rdr.new': { type: 'alert', guid: 'rdr_guid', partner: 'rdr' },
  'rdr.match': { type: 'alert-match', guid: 'rdr_guid', partner: 'rdr' },
}

/**
 * Reads a hook's body, its JSON parsed with all numbers kept as text (undefined: there was none). Never throws; what is wrong
 * is told by field, never with its value.
 */
export function parseAlert(input: unknown): ParsedAlert {
  if (input === undefined) return { kind: 'ping' }
  const errors: FieldError[] = []
  const body = objectOf(input, errors)
  const eventType = body === null ? undefined : readText(body, ['event_type'], errors)
  if (body === null || errors.length > 0) return { errors }
  if (eventType === undefined) return { kind: 'ping' }
  if (!Object.hasOwn(READINGS, eventType)) return { kind: 'unknown', eventType }
  const { type, guid: field, partner } = READINGS[eventType as EventType]
  const guid = readGuid(body, field, errors)
  const facts = readFacts(body, errors, partner)
  if (guid === undefined || errors.length > 0) return { errors }
  return { kind: 'event', event: { type, guid, facts, sentAt: readTime(body.event_timestamp) ?? null } }
}

/** What a platform answered when it was asked for an alert, a chargeback or an order. */
export type ParsedReport = { guid: string; facts: AlertFacts } | { errors: FieldError[] }

/** Events API, `prevention` object: the answer of `GET /prevention/{prevention_guid}`. */
export const readPrevention = (input: unknown): ParsedReport => readReport(input, 'prevention_guid')

/** Events API, `chargeback` object: the answer of `GET /chargeback/{chargeback_guid}`. */
export const readChargeback = (input: unknown): ParsedReport => readReport(input, 'chargeback_guid')

/** Events API, `order` object: the answer of `GET /order/{order_guid}`; the names in it are not read. */
export const readOrder = (input: unknown): ParsedReport => readReport(input, 'order_guid')

function readReport(input: unknown, field: string): ParsedReport {
  const errors: FieldError[] = []
  const body = objectOf(input, errors)
  if (body === null) return { errors }
  const guid = readGuid(body, field, errors)
  const facts = readFacts(body, errors)
  return guid === undefined || errors.length > 0 ? { errors } : { guid, facts }
}

function objectOf(input: unknown, errors: FieldError[]): Body | null {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Body
  fault(errors, '', 'an object with event_type and the fields of its event', input)
  return null
}

/** A guid stands in keys and in paths, so it is never a step of one. */
function readGuid(body: Body, field: string, errors: FieldError[]): string | undefined {
  const before = errors.length
  const guid = readId(body, [field], errors)
  if (errors.length > before || (guid !== undefined && !/^\.{1,2}$/.test(guid))) return guid
  return fault(errors, field, 'the guid of what the event is about', body[field])
}

/** Equal for two deliveries of one content: everything but the time of sending. */
export function eventKey({ type, guid, facts }: AlertEvent): string {
  const sorted = Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([type, guid, sorted])
}

/** The case that an event of Midigator's belongs to. */
export const caseIdOf = ({ guid }: Pick<AlertEvent, 'guid'>): string => `midigator:${guid}`
