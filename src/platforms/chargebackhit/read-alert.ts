import type { AlertEvent, ParsedAlert, ParsedReport } from '../../domain/alert/event.ts'
import { fault, readFacts, readId, readText, type Body } from '../../domain/alert/facts.ts'
import type { FieldError } from '../../domain/change.ts'
import { ALERT, ALERT_TYPES, MERCHANT, RECORD, TRANSACTION, type AlertType } from './wire.ts'

/** Where the names that all platforms' alerts are read by stand on this wire. */
const NAMES: Readonly<Record<string, readonly [part: keyof typeof RECORD, name: string][]>> = {
  partner: [['alert', ALERT.product]],
  prevention_type: [['alert', ALERT.type]],
  mid: [['alert', ALERT.cardAcceptorId]],
  amount: [['alert', ALERT.amount]],
  currency: [['alert', ALERT.currency]],
  prevention_timestamp: [['alert', ALERT.date]],
  reason_code: [['alert', ALERT.reasonCode]],
  alert_type: [['alert', ALERT.reasonGroup]],
  merchant_descriptor: [
    ['alert', ALERT.descriptor],
    ['merchant', MERCHANT.descriptor],
  ],
  card_first_6: [['transaction', TRANSACTION.bin]],
  card_last_4: [['transaction', TRANSACTION.lastFour]],
  card_brand: [['transaction', TRANSACTION.cardBrand]],
  arn: [['transaction', TRANSACTION.arn]],
  auth_code: [['transaction', TRANSACTION.authCode]],
  transaction_id: [['transaction', TRANSACTION.id]],
  transaction_merchant_id: [['transaction', TRANSACTION.merchantId]],
  transaction_timestamp: [['transaction', TRANSACTION.date]],
}

/**
 * Reads a webhook's body, its JSON parsed with all numbers kept as text (undefined: there was none). Never throws; what is wrong is told
 * by field, never with its value. An alert type that nobody knows yet is no fault. (Chargebackhit API, "Webhook".)
 */
export function readAlert(input: unknown): ParsedAlert {
  if (input === undefined) return { kind: 'ping' }
  const errors: FieldError[] = []
  const alert = partOf(input, 'alert', errors)
  if (alert === null) return { errors }
  const type = readText(alert, [ALERT.type], errors)?.toLowerCase()
  if (type === undefined && errors.length === 0) fault(errors, ALERT.type, 'the type of the alert', alert[ALERT.type])
  if (type === undefined) return { errors: errors.map(inPart('alert')) }
  if (!isAlertType(type)) return { kind: 'unknown', eventType: type }
  const read = readRecord(input)
  if ('errors' in read) return read
  return { kind: 'event', event: { type: EVENTS[type], ...read, sentAt: null } }
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
  const errors: FieldError[] = []
  const parts = {
    alert: partOf(input, 'alert', errors),
    transaction: partOf(input, 'transaction', errors),
    merchant: partOf(input, 'merchant', errors),
  }
  const { alert, transaction, merchant } = parts
  if (alert === null || transaction === null || merchant === null) return { errors }
  const flat = flatten({ alert, transaction, merchant })
  const found: FieldError[] = []
  const facts = readFacts(flat, found)
  const merchantTransactionId = readId(flat, ['transaction_merchant_id'], found)
  const guid = readGuid(alert, errors)
  errors.push(...found.map(({ field, message }) => ({ field: wireName(field), message })))
  if (guid === undefined || errors.length > 0) return { errors }
  return { guid, facts: { ...facts, ...(merchantTransactionId !== undefined && { merchantTransactionId }) } }
}

/** An id stands in keys and in paths, so it is never a step of one. */
function readGuid(alert: Body, errors: FieldError[]): string | undefined {
  const found: FieldError[] = []
  const guid = readId(alert, [ALERT.id], found)
  if (guid === undefined || /^\.{1,2}$/.test(guid)) {
    if (found.length === 0) fault(found, ALERT.id, 'the id of the alert', alert[ALERT.id])
    errors.push(...found.map(inPart('alert')))
    return undefined
  }
  return guid
}

const inPart =
  (part: string) =>
  ({ field, message }: FieldError): FieldError => ({ field: `${part}.${field}`, message })

function partOf(input: unknown, part: keyof typeof RECORD, errors: FieldError[]): Body | null {
  const whole = typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Body) : null
  if (whole === null) {
    if (errors.length === 0) fault(errors, '', 'an object with alert, transaction and merchant', input)
    return null
  }
  const value = whole[RECORD[part]]
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  return fault(errors, RECORD[part], 'an object', value) ?? null
}

function flatten(parts: Record<keyof typeof RECORD, Body>): Body {
  const given = Object.entries(NAMES).map(([name, places]) => {
    const values = places.map(([part, field]) => parts[part][field])
    return [name, values.find(value => value !== undefined && value !== null && value !== '')] as const
  })
  return Object.fromEntries(given)
}

const wireName = (field: string): string => NAMES[field]?.[0]?.join('.') ?? field
