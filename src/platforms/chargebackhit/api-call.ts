import { OUTCOMES } from '../../domain/alert/outcomes.ts'
import type { Call, CallOptions } from '../../http-wire.ts'
import { parseJson } from '../../parse-json.ts'
import { readAnswer, type Limits, type Read, type Said } from '../api-answer.ts'
import { signatureOf, type ChargebackhitKeys } from './signature.ts'
import { ALERT_TYPES, PRODUCTS, PUBLIC_KEY_HEADER, SIGNATURE_HEADER } from './wire.ts'

interface ApiRequest<Value> {
  method: CallOptions['method']
  /** Below the API's base, its parts escaped by `pathOf`. */
  path: string
  /** JSON text; signed and sent as the very same bytes. */
  body?: string
  read?: Read<Value>
}

export type ApiCall = <Value>(request: ApiRequest<Value>, limits: Limits) => Promise<Said<Value>>

export interface ApiOptions extends ChargebackhitKeys {
  /** `https://api.chargebackhit.com`, without a path. */
  url: string
  http: { call: Call }
}

/** Calls of the one API: signed, JSON both ways, no second try. A request without a body is signed over the empty one. */
export function createApiCall({ url, publicKey, secretKey, http }: ApiOptions): ApiCall {
  return async ({ method, path, body, read }, { timeoutMs, signal }) => {
    const signature = signatureOf({ publicKey, secretKey }, body ?? '')
    const heard = await http.call({
      method,
      url: url + path,
      headers: { [SIGNATURE_HEADER]: signature, [PUBLIC_KEY_HEADER]: publicKey },
      timeoutMs,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    })
    return readAnswer(heard, { read, secret: [secretsIn(body ?? ''), publicKey, secretKey, signature] })
  }
}

/** What of a body must not come back in words: all but the vendor's own codes, which a refusal is about. */
function secretsIn(body: string): unknown {
  const parsed = parseJson(Buffer.from(body), 'all')
  return 'fault' in parsed ? body : withoutCodes(parsed.value)
}

const CODES: ReadonlySet<unknown> = new Set([...ALERT_TYPES, ...OUTCOMES, ...PRODUCTS])

function withoutCodes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCodes)
  if (typeof value !== 'object' || value === null) return CODES.has(value) ? null : value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutCodes(inner)]))
}
