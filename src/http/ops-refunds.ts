import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { readMode } from '../ops/read-decision.ts'
import { readRefundMode, setRefundMode, type RefundModeDeps } from '../ops/refund-mode.ts'
import { invalid } from './ops-cases.ts'
import { userOf } from './ops-guards.ts'

export type RefundRouteDeps = RefundModeDeps & Pick<Deps, 'wants'>

/** The refund mode: read and set. */
export function addRefundRoutes(app: FastifyInstance, deps: RefundRouteDeps): void {
  app.get('/api/refunds/mode', () => readRefundMode(deps))
  app.put('/api/refunds/mode', async (request, reply) => {
    const read = readMode(request.body)
    return 'errors' in read
      ? invalid(reply, read.errors)
      : setRefundMode(deps, read.mode, { by: userOf(request), reason: read.reason })
  })
}
