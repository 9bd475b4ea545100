import type { Deps } from '../deps.ts'
import { createOps } from './ops.ts'

/**
 * The daemon `ops`: pages, routes and figures on `HOST`:`OPS_PORT`. Without `OPS_USERNAME` and `OPS_PASSWORD` everybody may
 * come in: the configuration lets that happen in the demo alone.
 */
export async function startOps(deps: Deps): Promise<{ url: string; close(ms: number): Promise<void> }> {
  const { HOST, OPS_PORT, OPS_USERNAME: username, OPS_PASSWORD: password } = deps.config
  const app = await createOps(deps, {
    auth: username === undefined || password === undefined ? null : { username, password },
  })
  const url = await app.listen({ host: HOST, port: OPS_PORT })
  return { url, close: () => app.close() }
}
