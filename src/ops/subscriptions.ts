import { setTimeout as pause } from 'node:timers/promises'
import { isOurs } from '../domain/subscription-plan.ts'
import { AppError } from '../errors.ts'
import { callPlatform } from '../jobs/call-platform.ts'
import { LOCK_CALLS } from '../jobs/ensure-subscriptions.ts'
import type { Outcome } from '../jobs/job.ts'
import { look, mendSubscriptions, type MendReport, type MendSubscriptionsDeps } from '../jobs/mend-subscriptions.ts'

/** What looking at subscriptions and mending them needs: the same. */
export type SubscriptionTools = MendSubscriptionsDeps

/** A subscription for people and scripts; the address is cut to what cannot hold a credential. */
export interface SubscriptionRow {
  event_type: string
  url: string
  active: boolean
  ours: boolean
  guid: string
}

/** Every subscription of the account, by event type. Throws `AppError` when the platform cannot be asked. */
export async function listSubscriptions(tools: SubscriptionTools): Promise<SubscriptionRow[]> {
  needSecret(tools)
  const [seen, remembered] = await Promise.all([look(tools), tools.subscriptions.remembered()])
  if ('outcome' in seen) throw unasked(seen.outcome)
  return seen.list
    .map(one => ({
      event_type: one.eventType,
      url: shown(one.url),
      active: one.active,
      ours: isOurs(one, remembered),
      guid: one.guid,
    }))
    .toSorted((a, b) => (`${a.event_type} ${a.guid}` < `${b.event_type} ${b.guid}` ? -1 : 1))
}

/** Mends ours and waits for the pings of new ones. Throws `AppError` when settings are missing or the platform cannot be asked. */
export async function syncSubscriptions(tools: SubscriptionTools): Promise<MendReport> {
  const wanted = tools.subscriptionWish()
  if ('missing' in wanted) throw notConfigured(wanted.missing)
  const lockMs = tools.pushTimeoutMs * LOCK_CALLS + tools.subscriptionPingMs
  const report = await tools.subscriptions.alone(lockMs, () => mendAndWait(wanted.wish, tools))
  if (report === null)
    throw new AppError('subscriptions-busy', 'another process is changing the subscriptions; retry in a moment')
  return report
}

async function mendAndWait(
  wish: Parameters<typeof mendSubscriptions>[0],
  tools: SubscriptionTools,
): Promise<MendReport> {
  const whole: MendReport = { did: [], refused: [], awaiting: [], stuck: [] }
  const endsAt = performance.now() + tools.subscriptionPingMs + LOOK_MS
  for (;;) {
    const report = await mendSubscriptions(wish, tools)
    if ('outcome' in report) throw unasked(report.outcome)
    Object.assign(whole, report, { did: [...whole.did, ...report.did] })
    if (report.awaiting.length === 0 || report.refused.length > 0 || performance.now() > endsAt) return whole
    await pause(Math.min(LOOK_MS, tools.subscriptionPingMs / 4))
  }
}

const LOOK_MS = 1_000

/** Has the platform call the addresses subscribed to each of these types, and tells which. Throws as `listSubscriptions` does. */
export async function pingSubscriptions(
  tools: SubscriptionTools,
  eventTypes: readonly string[],
): Promise<{ event_type: string; urls: string[] }[]> {
  needSecret(tools)
  const pinged = []
  for (const eventType of eventTypes) {
    const said = await callPlatform({ gate: tools.alertGate, throttleMaxMs: tools.throttleMaxMs }, access =>
      tools.alertPlatform.events.ping(access, eventType, { timeoutMs: tools.pushTimeoutMs }),
    )
    if ('outcome' in said) throw unasked(said.outcome)
    if (!said.accepted) throw new AppError('refused', `${eventType}: refused, ${said.status} ${said.words}`)
    pinged.push({ event_type: eventType, urls: (said.value ?? []).map(shown) })
  }
  return pinged
}

/** Asking without a secret would be a refusal, and that stops everybody's calls. */
function needSecret({ subscriptionWish }: SubscriptionTools): void {
  const wanted = subscriptionWish()
  if ('missing' in wanted && wanted.missing.includes(SECRET)) throw notConfigured([SECRET])
}

const SECRET = 'MIDIGATOR_API_SECRET'

const notConfigured = (missing: readonly string[]) =>
  new AppError('not-configured', `${missing.join(', ')}: missing; set it in the environment or in .env`)

/** An address without user, password and query. */
function shown(url: string): string {
  if (!URL.canParse(url)) return 'an address that cannot be read'
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

function unasked(outcome: Outcome): AppError {
  const why = 'why' in outcome ? outcome.why : outcome.outcome
  return new AppError('unasked', `Midigator could not be asked (${why}); \`order-sync doctor\` looks why`)
}
