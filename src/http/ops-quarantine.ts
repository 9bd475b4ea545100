import type { FastifyInstance } from 'fastify'
import { readQuarantine, releaseQuarantine, type QuarantineDeps, type ReleaseDeps } from '../ops/quarantine.ts'
import { readReason } from '../ops/read-decision.ts'
import { invalid } from './ops-cases.ts'
import { userOf } from './ops-guards.ts'

export type QuarantineRouteDeps = QuarantineDeps & ReleaseDeps

/** Restored data that waits for a person, and its release. */
export function addQuarantineRoutes(app: FastifyInstance, deps: QuarantineRouteDeps): void {
  app.get('/api/quarantine', async () => ({ quarantine: await readQuarantine(deps) }))
  app.post('/api/quarantine/release', async (request, reply) => {
    const read = readReason(request.body ?? {})
    return 'errors' in read
      ? invalid(reply, read.errors)
      : releaseQuarantine(deps, { by: userOf(request), reason: read.reason })
  })
}
