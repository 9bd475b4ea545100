import { maskCardNumbers } from './card-data.ts'

/** A refused body as it may be kept: card numbers cut down wherever they stand, security codes gone. `masked`: something was. */
export function maskBody(body: unknown): { body: unknown; masked: boolean } {
  let masked = false
  const mask = (value: unknown, key: string): unknown => {
    if (typeof value === 'string' || typeof value === 'number') {
      const kept = maskScalar(String(value), key)
      if (kept === String(value)) return value
      masked = true
      return kept
    }
    if (Array.isArray(value)) return value.map(item => mask(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [maskName(name), mask(inner, name)]))
  }
  const maskName = (name: string) => {
    const kept = maskCardNumbers(name)
    masked ||= kept !== name
    return kept
  }
  return { body: mask(body, ''), masked }
}

function maskScalar(text: string, key: string): string {
  const digits = text.replace(/\P{Nd}/gu, '').length
  if (SECURITY_CODE.test(key) && digits >= 3 && text.length <= 16) return '***'
  if (CARD_PART.test(key) && digits > (key.endsWith('4') ? 4 : 6)) return '***'
  return maskCardNumbers(text)
}

const SECURITY_CODE = /cvv|cvc|cvn|csc|^cid$|security_?code/i
const CARD_PART = /^cc_(first_6|last_4)$/
