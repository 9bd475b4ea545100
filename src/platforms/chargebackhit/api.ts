import { createAccountsApi } from './accounts-api.ts'
import { createAlertsApi } from './alerts-api.ts'
import { createApiCall, type ApiOptions } from './api-call.ts'

export type ChargebackhitApi = ReturnType<typeof createChargebackhitApi>

/**
 * Chargebackhit's API v2, all its operations. None throws or tries again; `value` is there when the answer was accepted and
 * could be read.
 */
export function createChargebackhitApi(options: ApiOptions) {
  const call = createApiCall(options)
  return { ...createAlertsApi(call), ...createAccountsApi(call) }
}
