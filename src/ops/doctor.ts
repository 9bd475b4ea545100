import { partsOf, type Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { createHttpClient, type Post } from '../http-client.ts'
import { lookAtAlerts } from './doctor-alerts.ts'
import { lookAtChargebackhit } from './doctor-chargebackhit.ts'
import { lookAtConfig } from './doctor-config.ts'
import { fine, type DoctorLine } from './doctor-line.ts'
import { lookAtPlatform } from './doctor-platform.ts'
import { lookAtRedis } from './doctor-redis.ts'
import { lookAtWork } from './doctor-work.ts'
import type { OverviewDeps } from './overview.ts'

export type { DoctorLine } from './doctor-line.ts'
export type DoctorDeps = OverviewDeps & Pick<Deps, 'health' | 'writes' | 'jobDeps'>

/**
 * Looks at everything an operator would otherwise find out the hard way, one line after the other. In production what is
 * merely unwise elsewhere is a fault. Changes nothing but a probe in Redis, which expires; asks the platform for a token and throws it away.
 */
export async function* diagnose(config: Config, deps: DoctorDeps): AsyncGenerator<DoctorLine> {
  yield* lookAtConfig(config)
  const redis = await lookAtRedis(config, deps)
  yield* redis.lines
  const http = createHttpClient(1)
  const post: Post = (url, options) => http.post(url, options)
  const { subscriptions } = deps.jobDeps
  const remembered = async () => (redis.answers ? subscriptions.remembered() : {})
  try {
    yield* isPushIdle(config)
      ? [
          fine(
            'orders',
            'idle: stored for matching, and pushed nowhere, for MIDIGATOR_DATA_USERNAME and _PASSWORD are not set',
          ),
        ]
      : await lookAtPlatform(config, post)
    yield* await lookAtAlerts({ config, http, remembered, wish: deps.jobDeps.subscriptionWish })
    yield* await lookAtChargebackhit(config, http)
  } finally {
    http.close()
  }
  if (redis.answers) yield* await lookAtWork(config, deps)
}

/** Alerts alone are configured. */
function isPushIdle(config: Config): boolean {
  const { midigatorAlerts, chargebackhit } = partsOf(config)
  const isUnset = config.MIDIGATOR_DATA_USERNAME === undefined && config.MIDIGATOR_DATA_PASSWORD === undefined
  return isUnset && (midigatorAlerts || chargebackhit)
}
