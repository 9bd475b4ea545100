import type { Config } from '../config.ts'
import { createRefundGateway } from '../gateways/index.ts'
import type { HttpClient } from '../http-client.ts'
import { fault, fine, type DoctorLine } from './doctor-line.ts'

const [GATEWAY, KEYS] = ['refund gateway', 'gateway keys']
/** An order that does not exist: a gateway that lists its refunds lists those of any. */
const MADE_UP_ORDER = 'order-sync-doctor'

/** Whether the gateway's refunds can be read, and what the stated lifetime of its idempotency keys means. Moves no money. */
export async function lookAtGateway(config: Config, http: HttpClient): Promise<DoctorLine[]> {
  const gateway = createRefundGateway(config, http)
  const todo = 'set REFUND_HTTP_URL and REFUND_HTTP_SECRET'
  if (config.REFUND_GATEWAY === 'manual')
    return [
      fine(GATEWAY, 'manual: people refund by hand; the CRM states the amount, or a person records it with the case'),
    ]
  if (gateway === null && config.REFUND_MODE === 'off')
    return [fine(GATEWAY, 'idle: none is configured, and refunds are off; people refund by hand and answer the alerts')]
  if (gateway === null) return [fault(GATEWAY, 'no gateway is configured: no money can be refunded', todo)]
  const about = { orderId: MADE_UP_ORDER, transactionId: null }
  const report = await gateway.findRefunds(about, { timeoutMs: config.REFUND_TIMEOUT_MS })
  return [
    report.read
      ? fine(GATEWAY, 'its refunds can be read')
      : fault(GATEWAY, `its refunds cannot be read (${report.why}): nothing is refunded`, 'check REFUND_HTTP_URL and REFUND_HTTP_SECRET'), // prettier-ignore
    fine(KEYS, describeKeys(config.REFUND_HTTP_KEEPS_KEYS_HOURS)),
  ]
}

const PROVE = '`order-sync doctor --prove-keys` proves whether the gateway replays keys'

/** What happens with a refund whose answer was lost, by how long the gateway is said to replay keys. */
function describeKeys(hours: number): string {
  return hours === 0
    ? `not relied on (REFUND_HTTP_KEEPS_KEYS_HOURS is 0). A refund whose answer was lost is looked up, and never sent again unless the gateway states refundable amounts; ${PROVE}`
    : `relied on for ${hours === 1 ? '1 hour' : `${hours} hours`} (REFUND_HTTP_KEEPS_KEYS_HOURS). A refund whose answer was lost is sent again under its key; if the gateway does not replay the key, the buyer is refunded twice. ${PROVE}`
}
