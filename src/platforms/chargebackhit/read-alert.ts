import type { AlertEvent, ParsedAlert, ParsedReport } from '../../domain/alert/event.ts'
import { readFacts, readGuid, type FactFields } from '../../domain/alert/read-facts.ts'
import { codeOf, fault, readField, type Body, type FieldReading } from '../../domain/alert/read-field.ts'
import type { FieldError } from '../../domain/basics/field-error.ts'
import { isGiven } from '../../domain/basics/nothing-stated.ts'
import { ALERT, ALERT_TYPES, MERCHANT, RECORD, TRANSACTION, type AlertType } from './wire.ts'

type Part = keyof typeof RECORD
const PARTS: readonly Part[] = ['alert', 'transaction', 'merchant']
/** A member as a fault names it: `alert.amount`. */
const at = (part: Part, member: string): string => `${RECORD[part]}.${member}`
const [ID, TYPE] = [at('alert', ALERT.id), at('alert', ALERT.type)]

/** Where this wire states what all platforms' alerts are read for. */
const FIELDS: FactFields = {
  partner: [at('alert', ALERT.product), TYPE],
  mid: [at('alert', ALERT.cardAcceptorId)],
  amount: [at('alert', ALERT.amount)],
  currency: [at('alert', ALERT.currency)],
  issuedAt: [at('alert', ALERT.date)],
  reason: [at('alert', ALERT.reasonCode), at('alert', ALERT.reasonGroup)],
  descriptor: [at('alert', ALERT.descriptor), at('merchant', MERCHANT.descriptor)],
  cardFirst6: [at('transaction', TRANSACTION.bin)],
  cardLast4: [at('transaction', TRANSACTION.lastFour)],
  cardBrand: [at('transaction', TRANSACTION.cardBrand)],
  arn: [at('transaction', TRANSACTION.arn)],
  authCode: [at('transaction', TRANSACTION.authCode)],
  transactionId: [at('transaction', TRANSACTION.id)],
  merchantTransactionId: [at('transaction', TRANSACTION.merchantId)],
  transactionAt: [at('transaction', TRANSACTION.date)],
}

/**
 * Reads a webhook's body, its JSON parsed with all numbers kept as text (undefined: there was none). Never throws. Errors only where the
 * alert's id or its type cannot be read; every other member that cannot be read is named in the event's `faults`. An alert type that is
 * not known yet is no fault. (Chargebackhit API, "Webhook".)
 */
export function readAlert(input: unknown): ParsedAlert {
  if (input === undefined) return { kind: 'ping' }
  const record = openRecord(input)
  if ('errors' in record) return record
  const type = readField(record.body, [TYPE], codeOf)
  if (type.value === undefined) return { errors: faultsOf(record.body, TYPE, type, 'the type of the alert') }
  const name = type.value.toLowerCase()
  if (!isAlertType(name)) return { kind: 'unknown', eventType: name }
  const report = reportIn(record)
  if ('errors' in report) return report
  const { guid, facts, faults } = report
  const event = { type: EVENTS[name], guid, facts, ...(faults.length > 0 && { faults }), sentAt: null }
  return { kind: 'event', event }
}

const isAlertType = (text: string): text is AlertType => ALERT_TYPES.some(type => type === text)

/** A dispute is a chargeback; whatever else comes is an alert, told apart by the words of its facts. */
const EVENTS: Record<AlertType, AlertEvent['type']> = {
  inquiry: 'alert',
  prevented: 'alert',
  'init-refund': 'alert',
  resolved: 'alert',
  'fraud-notification': 'alert',
  'dispute-notification': 'chargeback',
}

/** What the platform answered when it was asked for an alert ("Get alert by ID"). */
export function readRecord(input: unknown): ParsedReport {
  const record = openRecord(input)
  return 'errors' in record ? record : reportIn(record)
}

interface OpenRecord {
  /** Every member of the three parts, by the name that a fault gives it. */
  body: Body
  /** Parts that are given and are no objects; what they would state is unknown. */
  faults: FieldError[]
}

function reportIn({ body, faults }: OpenRecord): ParsedReport {
  const guid = readGuid(body, ID, FIELDS)
  if (guid.value === undefined) return { errors: faultsOf(body, ID, guid, 'the id of the alert') }
  const read = readFacts(body, FIELDS)
  return { guid: guid.value, facts: read.facts, faults: [...faults, ...read.faults] }
}

const faultsOf = (body: Body, field: string, { faults }: FieldReading<string>, expected: string): FieldError[] =>
  faults.length > 0 ? faults : [fault(field, expected, body[field])]

function openRecord(input: unknown): OpenRecord | { errors: FieldError[] } {
  const whole = membersOf(input)
  if (whole === null) return { errors: [fault('', 'an object with alert, transaction and merchant', input)] }
  const alert = whole[RECORD.alert]
  if (membersOf(alert) === null) return { errors: [fault(RECORD.alert, 'an object', alert)] }
  const parts = PARTS.map(part => ({ part, value: whole[RECORD[part]] }))
  const entries = parts.flatMap(({ part, value }) =>
    Object.entries(membersOf(value) ?? {}).map(([member, inner]) => [at(part, member), inner] as const),
  )
  const odd = parts.filter(({ value }) => membersOf(value) === null && isGiven(value) && !isEmptyList(value))
  return {
    body: Object.fromEntries(entries),
    faults: odd.map(({ part, value }) => fault(RECORD[part], 'an object', value)),
  }
}

const membersOf = (value: unknown): Body | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null

/** An object without members, as some languages write it. */
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
