import { freePort, startProcess, type Process } from './processes.ts'

/** How both sides are set up. */

export const NAMESPACE = 'bench'
export const SECRET = `whsec_${Buffer.from('a secret of the bench, no other').toString('base64')}`

/** The environment of `ingress` and `order-sync`: nothing but what they cannot do without, everything else by default. */
export const environment = (redisUrl: string, platformUrl = 'http://127.0.0.1:9'): Record<string, string> => ({
  REDIS_URL: redisUrl,
  REDIS_NAMESPACE: NAMESPACE,
  HOOK_SECRET: SECRET,
  MIDIGATOR_DATA_URL: platformUrl,
  MIDIGATOR_DATA_USERNAME: 'bench',
  MIDIGATOR_DATA_PASSWORD: 'bench',
  MIDIGATOR_HOOK_USERNAME: 'bench',
  MIDIGATOR_HOOK_PASSWORD: 'bench',
})

export type Side = 'ours' | 'baseline'

/** The ingress of a side, and its port. `more`: what it is configured with besides. */
export async function startIngress(
  side: Side,
  redisUrl: string,
  more: Record<string, string> = {},
): Promise<Process & { port: number }> {
  const port = await freePort()
  const file = side === 'ours' ? '../workers/ingress.ts' : './baselines/ingress-add-job.ts'
  return { ...(await startProcess(file, { ...environment(redisUrl), ...more, PORT: String(port) }, true)), port }
}

/** The worker of a side. */
export const startWorker = (side: Side, redisUrl: string, platformUrl: string): Promise<Process> =>
  side === 'ours'
    ? startProcess('../workers/order-sync.ts', environment(redisUrl, platformUrl), true)
    : startProcess('./baselines/worker-post.ts', { REDIS_URL: redisUrl, PLATFORM_URL: platformUrl }, true)

/** The stand-in for the platform, and its address. */
export async function startPlatform(): Promise<Process & { url: string }> {
  const port = await freePort()
  return { ...(await startProcess('./platform.ts', { PORT: String(port) })), url: `http://127.0.0.1:${port}` }
}
