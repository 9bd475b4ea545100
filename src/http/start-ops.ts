import type { Deps } from '../deps.ts'
import { createOps, type OpsOptions } from './ops.ts'
import type { Credentials } from './ops-guards.ts'

type RunningOps = { url: string; close(ms: number): Promise<void> }

/**
 * The daemon `ops`: pages, routes and figures on `HOST`:`OPS_PORT`. Without `OPS_USERNAME` and `OPS_PASSWORD` it stays up and lets
 * no one in, so that no supervisor starts it again and again.
 */
export function startOps(deps: Deps): Promise<RunningOps> {
  const login = loginOf(deps)
  if (login === null) deps.log.warn('operations are closed: set OPS_USERNAME and OPS_PASSWORD')
  return listen(deps, login ?? 'closed')
}

/** The same for the demo: without a login everyone on this machine may come in. */
export const startOpenOps = (deps: Deps): Promise<RunningOps> => listen(deps, loginOf(deps) ?? 'open')

function loginOf({ config: { OPS_USERNAME: username, OPS_PASSWORD: password } }: Deps): Credentials | null {
  return username === undefined || password === undefined ? null : { username, password }
}

async function listen(deps: Deps, auth: OpsOptions['auth']): Promise<RunningOps> {
  const { HOST, OPS_PORT } = deps.config
  const app = await createOps(deps, { auth })
  const url = await app.listen({ host: HOST, port: OPS_PORT })
  return { url, close: () => app.close() }
}
