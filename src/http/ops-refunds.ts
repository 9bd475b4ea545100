import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { readMode } from '../ops/read-word.ts'
import { readSwitch, turnSwitch, type SwitchDeps } from '../ops/refund-switch.ts'
import { invalid } from './ops-cases.ts'
import { userOf } from './ops-guards.ts'

export type RefundRouteDeps = SwitchDeps & Pick<Deps, 'wants' | 'health'>

/** The switch for refunds: how it stands, and turning it. */
export function addRefundRoutes(app: FastifyInstance, deps: RefundRouteDeps): void {
  app.get('/api/refunds/mode', () => readSwitch(deps))
  app.put('/api/refunds/mode', async (request, reply) => {
    const read = readMode(request.body)
    return 'errors' in read
      ? invalid(reply, read.errors)
      : turnSwitch(deps, read.mode, { by: userOf(request), reason: read.reason })
  })
}
