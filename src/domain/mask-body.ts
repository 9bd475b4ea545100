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
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, name)]))
  }
  return { body: mask(body, ''), masked }
}

function maskScalar(text: string, key: string): string {
  if (SECURITY_CODE.test(key) && /^\s*\d{3,4}\s*$/.test(text)) return '***'
  if (/^cc_(first_6|last_4)$/.test(key) && /\d{7,}/.test(text)) return '***'
  return maskCardNumbers(text)
}

const SECURITY_CODE = /^(cvv|cvc|cvv2|cvc2|csc|cid|security_code)$/i
