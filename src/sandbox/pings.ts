import type { HookCall, HookCaller } from './call-hook.ts'
import type { DeliveryLog } from './delivery-log.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'

interface PingParts {
  subscriptions: Subscriptions
  log: DeliveryLog
  caller: HookCaller
  /** Draws in [0, 1). */
  random: () => number
}

/** The forms a ping may take: the vendor does not say, so each is sent now and then. */
const FORMS: Pick<HookCall, 'method' | 'body'>[] = [
  { method: 'GET' },
  { method: 'POST' },
  { method: 'POST', body: '{}' },
  { method: 'POST', body: '{"message":"ping"}' },
]

/** Pings one subscription's address, once; a 200 makes a subscription active that waited for it. */
export async function ping(
  subscription: Subscription,
  { subscriptions, log, caller, random }: PingParts,
): Promise<void> {
  const { guid, event_type, url, auth } = subscription
  const form = FORMS[Math.floor(random() * FORMS.length)] ?? { method: 'GET' }
  const entry = log.open({
    kind: 'ping',
    event_type,
    event_id: null,
    guid: null,
    subscription: guid,
    state: 'sending',
  })
  const answer = await caller.call({ ...form, url, ...auth })
  log.note(entry, answer)
  if (answer === 200) subscriptions.answered(guid)
  else entry.state = 'failed'
}
