import type { HttpClient } from '../../http-client.ts'
import type { OrderPlatform } from '../platform.ts'
import type { MidigatorAuth } from './auth.ts'

/** Midigator's Data API 1.1.0: `POST /order` creates an order and updates it, keyed by `order_id`. */
export function createMidigatorDataApi(options: { url: string; http: HttpClient; auth: MidigatorAuth }): OrderPlatform {
  const { url, http, auth } = options
  return {
    name: 'midigator',
    access: auth.access,
    renew: auth.renew,
    dropAccess: auth.dropAccess,
    pushOrder: async (access, body, { timeoutMs, signal }) => {
      const headers = { authorization: `Bearer ${access.token}` }
      return (await http.push(`${url}/order`, { body, headers, timeoutMs, ...(signal && { signal }) })).answer
    },
  }
}
