import type { Call, CallOptions } from '../../http-wire.ts'
import { readAnswer, type Limits, type Read, type Said } from '../api-answer.ts'
import type { Access } from '../platform.ts'

export interface ApiRequest<Value> {
  method: CallOptions['method']
  /** Below the API's base, its parts escaped by `pathOf`. */
  path: string
  /** JSON text. */
  body?: string
  /** What was sent and must not come back in the answer's words. */
  secret?: unknown
  read?: Read<Value>
}

export type ApiCall = <Value>(access: Access, request: ApiRequest<Value>, limits: Limits) => Promise<Said<Value>>

/** Calls of one of the newer APIs: a bearer token, JSON both ways, no second try. */
export function createApiCall(url: string, http: { call: Call }): ApiCall {
  return async (access, { method, path, body, secret, read }, { timeoutMs, signal }) => {
    const headers = { authorization: `Bearer ${access.token}` }
    const heard = await http.call({
      method,
      url: url + path,
      headers,
      timeoutMs,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    })
    return readAnswer(heard, { read, secret: [secret, access.token] })
  }
}
