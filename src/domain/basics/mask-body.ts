import { maskCardNumbers } from './card-data.ts'

/** A body as it may be kept: card numbers cut down wherever they stand, security codes gone. `masked`: something was. */
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
  if ((FIRST_PART.test(key) && digits > 8) || (LAST_PART.test(key) && digits > 4)) return maskedPart(text)
  return maskCardNumbers(text)
}

const SECURITY_CODE = /cvv|cvc|cvn|csc|^cid$|security_?code/i
const CARD_PART = /^cc_(first_6|last_4)$/
/** The same parts as dispute platforms name them; their BINs may have eight digits. */
const [FIRST_PART, LAST_PART] = [/^(card_first_6|bin)$/, /^(card_last_4|last_four)$/]
/** The ends of a card that PCI SSC FAQ 1091 lets be kept, with something else than digits between them. */
const MASKED_CARD = /^\d{0,8}\P{Nd}+\d{0,4}$/u
const maskedPart = (text: string) => (MASKED_CARD.test(text.trim().replace(/[\s-]/g, '')) ? text : '***')
