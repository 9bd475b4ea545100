import { setTimeout as pause } from 'node:timers/promises'
import { ALERT_HOOK_PATH } from '../domain/subscription-plan.ts'
import type { Sandbox } from '../sandbox/server.ts'

const LOOK_MS = 50
const ACTIVE_WITHIN_MS = 15_000

/** How many kinds of events Midigator tells `publicUrl` of, once all `wanted` are active; fewer when that takes too long. */
export async function awaitSubscriptions(
  { subscriptions }: Pick<Sandbox, 'subscriptions'>,
  publicUrl: string,
  { wanted, signal }: { wanted: number; signal: AbortSignal },
): Promise<number> {
  const active = () => {
    const ours = subscriptions.list().filter(one => one.active && one.url === `${publicUrl}${ALERT_HOOK_PATH}`)
    return new Set(ours.map(one => one.event_type)).size
  }
  for (const giveUpAt = performance.now() + ACTIVE_WITHIN_MS; performance.now() < giveUpAt;) {
    if (active() >= wanted) break
    await pause(LOOK_MS, undefined, { signal })
  }
  return active()
}
