import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Call } from '../http-wire.ts'
import type { RefundGateway } from './gateway.ts'
import { createHttpGateway } from './http/index.ts'

type GatewayConfig = Pick<
  Config,
  'REFUND_GATEWAY' | 'REFUND_HTTP_URL' | 'REFUND_HTTP_SECRET' | 'REFUND_HTTP_KEEPS_KEYS_HOURS'
>

const HOUR_MS = 3_600_000

/** Every gateway there is, by its name in `REFUND_GATEWAY`; null where its settings are missing. A new one is a folder and a line. */
const GATEWAYS: Record<
  Config['REFUND_GATEWAY'],
  (config: GatewayConfig, http: { call: Call }) => RefundGateway | null
> = {
  http: ({ REFUND_HTTP_URL: url, REFUND_HTTP_SECRET: secret, REFUND_HTTP_KEEPS_KEYS_HOURS: hours }, http) =>
    url === undefined || secret === undefined
      ? null
      : createHttpGateway({ url, secret, keepsKeysMs: hours * HOUR_MS, http, now: Date.now, newId: randomUUID }),
  // People refund; what the CRM states, or a person records, is the account.
  manual: () => null,
}

/** Who moves the money in this process; null where none is configured, and then no money moves. */
export const createRefundGateway = (config: GatewayConfig, http: { call: Call }): RefundGateway | null =>
  GATEWAYS[config.REFUND_GATEWAY](config, http)
