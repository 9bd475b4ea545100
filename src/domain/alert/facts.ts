import { isThisCard, looksLikeCard, cardDigits, maskCardNumbers } from '../basics/card-data.ts'
import type { FieldError } from '../change.ts'
import { shapeOf } from '../field-values.ts'
import { parseInstant } from '../basics/instant.ts'
import { canonicalAmount } from '../basics/money.ts'

/** What a platform says of an alert or a chargeback, in canonical form; what it does not say is absent. Times are ms since 1970. */
export interface AlertFacts {
  /**
   * Who sent it, lower case: `ethoca`, `verifi`…; `verifi rdr` where the platform names a partner and a type that differ, and
   * `ethoca init-refund`, `rdr resolved` where it names what it wants.
   */
  partner?: string
  mid?: string
  arn?: string
  cardFirst6?: string
  cardLast4?: string
  cardBrand?: string
  /** Canonical decimal text. */
  amount?: string
  /** ISO 4217, upper case. */
  currency?: string
  authCode?: string
  transactionId?: string
  /** The merchant's own name of the transaction, where the platform has both. */
  merchantTransactionId?: string
  transactionAt?: number
  /** When the alert was issued. */
  issuedAt?: number
  caseNumber?: string
  orderGuid?: string
  orderId?: string
  descriptor?: string
  /** Reason code and words of alert and dispute type, lower case. */
  reason?: string
  rdrResolution?: 'accepted' | 'declined'
  /** The final answer that the platform has already, whoever gave it. */
  answeredAs?: string
  /** `YYYY-MM-DD`. */
  chargebackDate?: string
  dueDate?: string
}

export type Body = Readonly<Record<string, unknown>>

const MAX_TEXT = 255
const CONTROL = /[\u0000-\u001f\u007f]/ // oxlint-disable-line no-control-regex

/**
 * Reads both generations of payload, of hooks and of answers. Numbers must have been kept as text. Every fault is added to
 * `errors` by the name of its field; a time or date that cannot be read is left out instead.
 */
export function readFacts(body: Body, errors: FieldError[], partner?: string): AlertFacts {
  const text = (...names: string[]) => readText(body, names, errors)
  const id = (...names: string[]) => readId(body, names, errors)
  const facts = {
    partner: wordsOf([text('partner'), text('prevention_type'), partner]),
    mid: id('mid'),
    arn: id('arn'),
    cardFirst6: readDigits(body, 'card_first_6', 6, errors),
    cardLast4: readDigits(body, 'card_last_4', 4, errors),
    cardBrand: text('card_brand')?.toLowerCase(),
    amount: readAmount(body, errors),
    currency: readCurrency(body, errors),
    authCode: id('auth_code'),
    transactionId: id('transaction_id'),
    transactionAt: readTime(body.transaction_timestamp) ?? readTime(body.order_date),
    issuedAt: readTime(body.prevention_timestamp),
    caseNumber: id('prevention_case_number', 'case_number'),
    orderGuid: id('order_guid', 'matched_order_guid'),
    orderId: id('order_id', 'matched_order_id', 'crm_order_id'),
    descriptor: mask(text('merchant_descriptor', 'descriptor')),
    reason: wordsOf([text('reason_code'), text('alert_type'), text('dispute_type')]),
    rdrResolution: readResolution(body.rdr_resolution),
    chargebackDate: readDate(body.chargeback_date),
    dueDate: readDate(body.due_date),
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as AlertFacts
}

const isGiven = (value: unknown) =>
  value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '')

/** Adds a fault; never the value. */
export function fault(errors: FieldError[], field: string, expected: string, value: unknown): undefined {
  errors.push({ field, message: `expected ${expected}, got ${shapeOf(value)}` })
}

/** The first of these fields that is given. */
export function readText(body: Body, names: readonly string[], errors: FieldError[]): string | undefined {
  const name = names.find(candidate => isGiven(body[candidate]))
  if (name === undefined) return undefined
  const value = body[name]
  if (typeof value !== 'string') return fault(errors, name, 'text', value)
  const text = value.trim()
  if (text.length > MAX_TEXT) return fault(errors, name, `text of at most ${MAX_TEXT} characters`, value)
  if (CONTROL.test(text) || !text.isWellFormed())
    return fault(errors, name, 'text without control characters or lone surrogates', value)
  return text
}

/** A reference: text that is not the alert's own card number. Other numbers that happen to pass Luhn are references all the same. */
export function readId(body: Body, names: readonly string[], errors: FieldError[]): string | undefined {
  const text = readText(body, names, errors)
  if (text === undefined || !isOwnCard(text, body)) return text
  const name = names.find(candidate => isGiven(body[candidate])) ?? ''
  errors.push({ field: name, message: "expected a reference, got the alert's own card number; send another reference" })
  return undefined
}

function isOwnCard(reference: string, { card_first_6: first6, card_last_4: last4 }: Body): boolean {
  if (typeof last4 !== 'string' || !/^\d{4}$/.test(last4)) return false
  if (typeof first6 === 'string' && /^\d{6}$/.test(first6)) return isThisCard(reference, first6, last4)
  const digits = cardDigits(reference)
  return digits !== null && digits.endsWith(last4) && looksLikeCard(digits)
}

function readDigits(body: Body, name: string, count: number, errors: FieldError[]): string | undefined {
  const value = body[name]
  if (!isGiven(value)) return undefined
  if (typeof value === 'string' && new RegExp(`^\\d{${count}}$`).test(value)) return value
  return fault(errors, name, `${count} digits of the card and no more, zeros kept`, value)
}

function readAmount({ amount }: Body, errors: FieldError[]): string | undefined {
  if (!isGiven(amount)) return undefined
  const canonical = typeof amount === 'string' ? canonicalAmount(amount) : null
  return canonical ?? fault(errors, 'amount', 'a plain decimal amount such as 26.85, not negative', amount)
}

function readCurrency({ currency }: Body, errors: FieldError[]): string | undefined {
  if (!isGiven(currency)) return undefined
  if (typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency)) return currency.toUpperCase()
  return fault(errors, 'currency', 'a currency code of three letters such as "USD"', currency)
}

/** Milliseconds of a time, undefined when there is none to be read. */
export const readTime = (value: unknown): number | undefined =>
  typeof value === 'string' ? (parseInstant(value.trim()) ?? undefined) : undefined

/** The day of a date, or of a date with a time. */
function readDate(value: unknown): string | undefined {
  const day = typeof value === 'string' ? /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(value.trim())?.[0] : undefined
  return day !== undefined && parseInstant(`${day}T00:00:00Z`) !== null ? day : undefined
}

function readResolution(value: unknown): AlertFacts['rdrResolution'] {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'accepted' || word === 'declined' ? word : undefined
}

/** Those that are given and differ, joined by a space. */
function wordsOf(texts: readonly (string | undefined)[]): string | undefined {
  const words = new Set(texts.flatMap(text => (text === undefined ? [] : text.toLowerCase())))
  return words.size === 0 ? undefined : mask([...words].join(' '))
}

function mask(text: string | undefined): string | undefined {
  return text === undefined ? undefined : maskCardNumbers(text)
}
