import type { FieldError } from '../basics/field-error.ts'
import { isGiven } from '../basics/nothing-stated.ts'
import type { AlertEvent, EventType, ParsedAlert, ParsedReport } from './event.ts'
import { readFacts, readGuid, type FactFields } from './read-facts.ts'
import { codeOf, fault, readField, timeOf, type Body, type FieldReading } from './read-field.ts'

/** Where both generations of payload state their facts, in hooks and in answers. */
const FIELDS: FactFields = {
  partner: ['partner', 'prevention_type'],
  mid: ['mid'],
  arn: ['arn'],
  cardFirst6: ['card_first_6'],
  cardLast4: ['card_last_4'],
  cardBrand: ['card_brand'],
  amount: ['amount'],
  currency: ['currency'],
  authCode: ['auth_code'],
  transactionId: ['transaction_id'],
  transactionAt: ['transaction_timestamp', 'order_date'],
  issuedAt: ['prevention_timestamp'],
  caseNumber: ['prevention_case_number', 'case_number'],
  orderGuid: ['order_guid', 'matched_order_guid'],
  orderId: ['order_id', 'matched_order_id', 'crm_order_id'],
  descriptor: ['merchant_descriptor', 'descriptor'],
  reason: ['reason_code', 'alert_type', 'dispute_type'],
  rdrResolution: ['rdr_resolution'],
  chargebackDate: ['chargeback_date'],
  dueDate: ['due_date'],
}

interface Kind {
  type: AlertEvent['type']
  guid: string
  partner?: string
}

/** The `rdr.` types are of a later version: Visa's automatic refunds, alerts of a kind. */
const KINDS: Readonly<Record<EventType | 'rdr.new' | 'rdr.match', Kind>> = {
  'chargeback.new': { type: 'chargeback', guid: 'chargeback_guid' },
  'chargeback.match': { type: 'chargeback-match', guid: 'chargeback_guid' },
  'prevention.new': { type: 'alert', guid: 'prevention_guid' },
  'prevention.match': { type: 'alert-match', guid: 'prevention_guid' },
  'order.refund': { type: 'refund', guid: 'order_guid' },
  'rdr.new': { type: 'alert', guid: 'rdr_guid', partner: 'rdr' },
  'rdr.match': { type: 'alert-match', guid: 'rdr_guid', partner: 'rdr' },
}

/** What a body without a readable event type is, by the guid it holds. Never a refund: none was asked for. */
const UNTYPED: readonly Kind[] = [KINDS['prevention.new'], KINDS['rdr.new'], KINDS['chargeback.new']]

/**
 * Reads a hook's body, its JSON parsed with all numbers kept as text (undefined: there was none). Never throws. Errors only where the
 * body names nothing that it could be about; every other field that cannot be read is named in the event's `faults`.
 */
export function parseAlert(input: unknown): ParsedAlert {
  if (input === undefined) return { kind: 'ping' }
  const body = objectOf(input)
  if (body === null) return { errors: [notAnObject(input)] }
  const named = readField(body, ['event_type'], codeOf)
  if (named.value === undefined) return parseUntyped(body, named.faults)
  const name = named.value.toLowerCase()
  if (!Object.hasOwn(KINDS, name)) return { kind: 'unknown', eventType: named.value }
  const kind = KINDS[name as EventType]
  return eventOf(body, kind, readGuid(body, kind.guid, FIELDS))
}

function parseUntyped(body: Body, faults: FieldError[]): ParsedAlert {
  const given = UNTYPED.filter(({ guid }) => isGiven(body[guid]))
  const read = given.map(kind => ({ kind, guid: readGuid(body, kind.guid, FIELDS) }))
  const found = read.find(({ guid }) => guid.value !== undefined)
  const untyped = faults.length > 0 ? faults : [fault('event_type', 'the type of the event', body.event_type)]
  if (found === undefined) {
    if (given.length === 0 && faults.length === 0) return { kind: 'ping' }
    return { errors: [...untyped, ...read.flatMap(({ guid }) => guid.faults)] }
  }
  return eventOf(body, found.kind, { ...found.guid, faults: [...untyped, ...found.guid.faults] })
}

function eventOf(body: Body, { type, guid: field, partner }: Kind, guid: FieldReading<string>): ParsedAlert {
  const { facts, faults } = readFacts(body, FIELDS, partner)
  const sent = readField(body, ['event_timestamp'], timeOf)
  const about = guid.value ?? standIn(type, facts.orderId)
  if (about === undefined) return { errors: faultsOfGuid(body, field, guid) }
  const all = uniqueFaults([
    ...faults,
    ...(guid.value === undefined ? faultsOfGuid(body, field, guid) : guid.faults),
    ...sent.faults,
  ])
  const event: AlertEvent = {
    type,
    guid: about,
    ...(guid.value === undefined && { hasGuid: false }),
    facts,
    ...(all.length > 0 && { faults: all }),
    sentAt: sent.value?.at ?? null,
  }
  return { kind: 'event', event }
}

/** A refund is about its order: where no guid names it, its id does. */
const standIn = (type: AlertEvent['type'], orderId: string | undefined): string | undefined =>
  type === 'refund' && orderId !== undefined ? `order:${orderId}` : undefined

const faultsOfGuid = (body: Body, field: string, { faults }: FieldReading<string>): FieldError[] =>
  faults.length > 0 ? faults : [fault(field, 'the guid of what the event is about', body[field])]

/** A field that states two facts is named once. */
const uniqueFaults = (faults: readonly FieldError[]): FieldError[] =>
  faults.filter(({ field }, i) => faults.findIndex(other => other.field === field) === i)

/** Events API, `prevention` object: the answer of `GET /prevention/{prevention_guid}`. */
export const readPrevention = (input: unknown): ParsedReport => readReport(input, 'prevention_guid')

/** Events API, `chargeback` object: the answer of `GET /chargeback/{chargeback_guid}`. */
export const readChargeback = (input: unknown): ParsedReport => readReport(input, 'chargeback_guid')

/** Events API, `order` object: the answer of `GET /order/{order_guid}`; the names in it are not read. */
export const readOrder = (input: unknown): ParsedReport => readReport(input, 'order_guid')

/** An answer that does not name what it is about is none: it may be about something else. */
function readReport(input: unknown, field: string): ParsedReport {
  const body = objectOf(input)
  if (body === null) return { errors: [notAnObject(input)] }
  const guid = readGuid(body, field, FIELDS)
  if (guid.value === undefined) return { errors: faultsOfGuid(body, field, guid) }
  const { facts, faults } = readFacts(body, FIELDS)
  return { guid: guid.value, facts, faults: uniqueFaults([...faults, ...guid.faults]) }
}

const objectOf = (input: unknown): Body | null =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Body) : null

const notAnObject = (input: unknown): FieldError =>
  fault('', 'an object with event_type and the fields of its event', input)
