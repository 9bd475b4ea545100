interface Brand {
  prefix: RegExp
  lengths: number[]
}

const BRANDS: Brand[] = [
  { prefix: /^4/, lengths: [13, 16, 19] },
  { prefix: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
  { prefix: /^(30[0-5]|36|38|39)/, lengths: [14, 15, 16, 17, 18, 19] },
  { prefix: /^35(2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { prefix: /^62/, lengths: [16, 17, 18, 19] },
]

/** A run of digits, also when written in groups with one blank or dash between them. */
const RUN = /\d(?:[ -]?\d){12,}/g
const LONG_NUMBER = /\d[\d -]{11,}\d/

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function isCardNumber(digits: string): boolean {
  return BRANDS.some(b => b.lengths.includes(digits.length) && b.prefix.test(digits)) && passesLuhn(digits)
}

/** The numbers a reader could take from a text: whole runs, and the unbroken or card-like groups inside them. */
function* numbersIn(text: string): Generator<string> {
  for (const [run] of text.matchAll(RUN)) {
    yield run.replace(/[ -]/g, '')
    for (const [plain] of run.matchAll(/\d{13,}/g)) yield plain
    for (const [grouped] of run.matchAll(/(?<!\d)\d{4}([ -])(?:\d{4}\1\d{4}\1\d{4}|\d{6}\1\d{5})(?!\d)/g))
      yield grouped.replace(/[ -]/g, '')
  }
}

/** Whether a text holds digits that look like a whole card number: brand prefix, length and Luhn. */
export function holdsCardNumber(text: string): boolean {
  if (!LONG_NUMBER.test(text)) return false
  for (const number of numbersIn(text)) if (isCardNumber(number)) return true
  return false
}

/** Whether an id is this very card: a long number of its first six and last four digits that passes Luhn. */
export function isThisCard(text: string, first6: unknown, last4: unknown): boolean {
  if (typeof first6 !== 'string' || typeof last4 !== 'string' || !LONG_NUMBER.test(text)) return false
  for (const number of numbersIn(text))
    if (number.length <= 19 && number.startsWith(first6) && number.endsWith(last4) && passesLuhn(number)) return true
  return false
}
