import type { PlatformService } from '../platform.ts'
import { judgeAnswer } from '../../domain/judge-answer.ts'
import type { ChargebackhitApi } from './api.ts'

/** Every request is signed anew, so there is no token to ask for. */
const ACCESS = { token: '', generation: 1 }
const ONE = { page: { method: 'offset', limit: 1, offset: 0 } } as const

/** Chargebackhit's one service. Whether a signature is taken again shows in the smallest call there is. */
export function createChargebackhitService(
  api: Pick<ChargebackhitApi, 'listMerchants'>,
  { timeoutMs, throttleMaxMs }: { timeoutMs: number; throttleMaxMs: number },
): PlatformService {
  return {
    name: 'chargebackhit',
    access: () => Promise.resolve(ACCESS),
    async renew() {
      const verdict = judgeAnswer((await api.listMerchants(ONE, { timeoutMs })).answer, throttleMaxMs)
      if (verdict.next === 'accept') return { access: ACCESS }
      // 400 and the like say that the signature was taken.
      if (verdict.next === 'reject') return { access: ACCESS }
      return { verdict: verdict.next === 'renew-token' ? { next: 'stop', cause: 'credentials-refused' } : verdict }
    },
    dropAccess() {},
  }
}
