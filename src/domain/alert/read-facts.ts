import { cardDigits, isThisCard, looksLikeCard, maskCardNumbers } from '../basics/card-data.ts'
import { firstSixOf, lastFourOf, visibleEnds } from '../basics/card-parts.ts'
import type { FieldError } from '../basics/field-error.ts'
import type { AlertFacts } from './facts.ts'
import {
  amountIn,
  codeOf,
  currencyOf,
  dateOf,
  proseOf,
  rdrResolutionOf,
  readField,
  referenceOf,
  timeOf,
  type Body,
  type Check,
  type FieldReading,
} from './read-field.ts'

/**
 * In which fields of its bodies a platform states each fact. The first field that can be read counts; of `partner` and `reason` all
 * count, as words side by side.
 */
export type FactFields = Readonly<
  Partial<Record<Exclude<keyof AlertFacts, 'isIssuedOnDay' | 'answeredAs'>, readonly string[]>>
>

/**
 * Reads every fact on its own: a field that cannot be read costs that fact alone and is named in `faults`, without its value. Numbers
 * must have been kept as the text they were written with. `partner`: a word of the partner that the body does not state.
 */
export function readFacts(
  body: Body,
  fields: FactFields,
  partner?: string,
): { facts: AlertFacts; faults: FieldError[] } {
  const card = readCard(body, fields)
  const first = <Value>(fact: keyof FactFields, check: Check<Value>) => readField(body, fields[fact] ?? [], check)
  const id = (fact: keyof FactFields) => first(fact, referenceBesides(card))
  const currency = first('currency', currencyOf)
  const [soldAt, issuedAt] = [first('transactionAt', timeOf), first('issuedAt', timeOf)]
  const read: { [Fact in Exclude<keyof AlertFacts, 'answeredAs'>]-?: FieldReading<AlertFacts[Fact]> } = {
    partner: readWords(body, fields.partner ?? [], partner),
    mid: id('mid'),
    arn: id('arn'),
    cardFirst6: card.first6,
    cardLast4: card.last4,
    cardBrand: first('cardBrand', wordOf),
    amount: first('amount', amountIn(currency.value)),
    currency,
    authCode: id('authCode'),
    transactionId: id('transactionId'),
    merchantTransactionId: id('merchantTransactionId'),
    transactionAt: { value: soldAt.value?.at, faults: soldAt.faults },
    issuedAt: { value: issuedAt.value?.at, faults: issuedAt.faults },
    isIssuedOnDay: { value: issuedAt.value?.isOnDay === true ? true : undefined, faults: [] },
    caseNumber: id('caseNumber'),
    orderGuid: first('orderGuid', guidBesides(card)),
    orderId: id('orderId'),
    descriptor: first('descriptor', proseOf),
    reason: readWords(body, fields.reason ?? []),
    rdrResolution: first('rdrResolution', rdrResolutionOf),
    chargebackDate: first('chargebackDate', dateOf),
    dueDate: first('dueDate', dateOf),
  }
  const entries = Object.entries<FieldReading<AlertFacts[keyof AlertFacts]>>(read)
  return {
    facts: Object.fromEntries(
      entries.filter(([, { value }]) => value !== undefined).map(([fact, { value }]) => [fact, value]),
    ),
    faults: entries.flatMap(([, { faults }]) => faults),
  }
}

/** The guid by which a body names what it is about, as `guidBesides` reads it. */
export const readGuid = (body: Body, field: string, fields: FactFields): FieldReading<string> =>
  readField(body, [field], guidBesides(readCard(body, fields)))

/** A guid is part of keys and of paths, so it is never a step of a path. */
const guidBesides = (card: Card): Check<string> => {
  const check = referenceBesides(card)
  return value => {
    const checked = check(value)
    const isStep = checked !== null && 'ok' in checked && /^\.{1,2}$/.test(checked.ok)
    return isStep ? { expected: 'the guid of what the event is about' } : checked
  }
}

/** All of these that are given and differ, joined by a space. */
function readWords(body: Body, names: readonly string[], more?: string): FieldReading<string> {
  const readings = names.map(name => readField(body, [name], wordOf))
  const words = new Set([...readings.map(({ value }) => value), more].filter(word => word !== undefined))
  return {
    value: words.size === 0 ? undefined : maskCardNumbers([...words].join(' ')),
    faults: readings.flatMap(({ faults }) => faults),
  }
}

/** What a body states of its card. `whole`: numbers in place of its parts that could be the whole card number. */
interface Card {
  first6: FieldReading<string>
  last4: FieldReading<string>
  whole: readonly string[]
}

/** A masked number in either field shows both ends; it counts for the other field where that one is not given. */
function readCard(body: Body, fields: FactFields): Card {
  const [firstNames, lastNames] = [fields.cardFirst6 ?? [], fields.cardLast4 ?? []]
  const first6 = readField(body, firstNames, firstSix)
  const last4 = readField(body, lastNames, lastFour)
  const isGivenIn = (reading: FieldReading<string>) => reading.value !== undefined || reading.faults.length > 0
  const maskedIn = (names: readonly string[], check: Check<string>) =>
    readField(body, names, value => (isMasked(value) ? check(value) : null)).value
  const texts = [...firstNames, ...lastNames].map(name => body[name])
  return {
    first6: isGivenIn(first6) ? first6 : { value: maskedIn(lastNames, firstSix), faults: [] },
    last4: isGivenIn(last4) ? last4 : { value: maskedIn(firstNames, lastFour), faults: [] },
    whole: texts.flatMap(text => (typeof text === 'string' ? (cardDigits(text.trim()) ?? []) : [])),
  }
}

const isMasked = (value: unknown): boolean => typeof value === 'string' && visibleEnds(value) !== null

/** Digits that the sender hides altogether are not given: `****1883` states no first six. */
const firstSix: Check<string> = value => {
  const text = typeof value === 'string' ? value : ''
  const digits = firstSixOf(text)
  if (digits !== null) return { ok: digits }
  return visibleEnds(text)?.leading === '' ? null : { expected: 'the first six digits of the card, zeros kept' }
}
const lastFour: Check<string> = value => {
  const text = typeof value === 'string' ? value : ''
  const digits = lastFourOf(text)
  if (digits !== null) return { ok: digits }
  return visibleEnds(text)?.trailing === '' ? null : { expected: 'the last four digits of the card, zeros kept' }
}

const wordOf: Check<string> = value => {
  const checked = codeOf(value)
  return checked !== null && 'ok' in checked ? { ok: checked.ok.toLowerCase() } : checked
}

/** References that are not the body's own card number. Other numbers that happen to pass Luhn are references all the same. */
const referenceBesides =
  (card: Card): Check<string> =>
  value => {
    const checked = referenceOf(value)
    return checked !== null && 'ok' in checked && isOwnCard(checked.ok, card)
      ? { expected: "a reference and not the alert's own card number" }
      : checked
  }

function isOwnCard(reference: string, { first6, last4, whole }: Card): boolean {
  const digits = cardDigits(reference)
  if (digits === null) return false
  if (whole.includes(digits)) return true
  const [first, last] = [first6.value, last4.value]
  if (first !== undefined && last !== undefined) return isThisCard(digits, first, last)
  if (first === undefined && last === undefined) return false
  return digits.startsWith(first ?? '') && digits.endsWith(last ?? '') && looksLikeCard(digits)
}
