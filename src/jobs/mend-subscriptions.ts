import { EVENT_TYPES } from '../domain/alert/event.ts'
import {
  isOurs,
  planSubscriptions,
  type Drift,
  type Subscription,
  type SubscriptionStep,
  type SubscriptionWish,
} from '../domain/subscription-plan.ts'
import type { MidigatorEventsApi } from '../platforms/midigator/events-api.ts'
import type { SubscriptionStore } from '../store/subscription-store.ts'
import { callPlatform, type CallPlatformDeps } from './call-platform.ts'
import { again, type Outcome } from './job.ts'

/** What mending subscriptions needs; durations in milliseconds. */
export interface MendSubscriptionsDeps {
  alertPlatform: { events: MidigatorEventsApi }
  alertGate: CallPlatformDeps['gate']
  subscriptions: SubscriptionStore
  /** What subscriptions shall be, or the names of the settings that are missing for it. */
  subscriptionWish: () => { wish: SubscriptionWish } | { missing: readonly string[] }
  redisNow: () => Promise<number>
  throttleMaxMs: number
  pushTimeoutMs: number
  /** How long a new subscription may wait for its first ping. */
  subscriptionPingMs: number
}

/** A step that the platform accepted. */
export interface DoneStep {
  step: 'add' | 'update' | 'reactivate' | 'replace' | 'remove'
  eventType: string
  guid: string | null
  drift: readonly Drift[]
}

/** A step that it refused, with its masked words. */
export interface RefusedStep {
  step: DoneStep['step']
  eventType: string
  status: number
  words: string
}

export interface MendReport {
  did: DoneStep[]
  refused: RefusedStep[]
  /** Event types whose subscription waits for its first ping. */
  awaiting: string[]
  /** What was asked for and accepted and does not show. */
  stuck: string[]
}

type ActStep = Exclude<SubscriptionStep, { step: 'await-ping' }>
/** A subscription, its replacement, and what a change at their side in between makes necessary. */
const MAX_ROUNDS = 4

/** Looks, plans, acts and looks again until nothing is left to do; the lock on it is the caller's. */
export async function mendSubscriptions(
  wish: SubscriptionWish,
  deps: MendSubscriptionsDeps,
  signal?: AbortSignal,
): Promise<MendReport | { outcome: Outcome }> {
  const report: MendReport = { did: [], refused: [], awaiting: [], stuck: [] }
  let before = ''
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const seen = await look(deps, signal)
    if ('outcome' in seen) return seen
    const remembered = await deps.subscriptions.remembered()
    const terms = { now: await deps.redisNow(), graceMs: deps.subscriptionPingMs }
    const plan = planSubscriptions(wish, seen.list, remembered, terms)
    report.awaiting = plan.flatMap(step => (step.step === 'await-ping' ? step.eventType : []))
    const steps = plan.filter(step => step.step !== 'await-ping')
    if (steps.length === 0) {
      await rememberThem(seen.list, remembered, deps)
      return report
    }
    // What was accepted and stands there again would be accepted for ever.
    report.stuck = JSON.stringify(steps) === before ? steps.map(({ step, eventType }) => `${step} ${eventType}`) : []
    if (report.stuck.length > 0 || report.refused.length > 0) return report
    before = JSON.stringify(steps)
    for (const step of steps) {
      const failed = await act(step, wish, deps, report, signal)
      if (failed) return failed
    }
  }
  return report
}

/** All subscriptions of the account, ours or not. */
export async function look(
  deps: Pick<MendSubscriptionsDeps, 'alertPlatform' | 'alertGate' | 'throttleMaxMs' | 'pushTimeoutMs'>,
  signal?: AbortSignal,
): Promise<{ list: Subscription[] } | { outcome: Outcome }> {
  const said = await callPlatform(gateOf(deps), access =>
    deps.alertPlatform.events.listSubscriptions(access, limitsOf(deps, signal)),
  )
  if ('outcome' in said) return said
  if (!said.accepted) return { outcome: again(`http-${said.status}`) }
  return said.value === undefined ? { outcome: again('unreadable') } : { list: said.value }
}

async function act(
  step: ActStep,
  wish: SubscriptionWish,
  deps: MendSubscriptionsDeps,
  report: MendReport,
  signal: AbortSignal | undefined,
): Promise<{ outcome: Outcome } | null> {
  const { events } = deps.alertPlatform
  const limits = limitsOf(deps, signal)
  const gate = gateOf(deps)
  const drift = 'drift' in step ? step.drift : []
  const note = (said: { accepted: true } | { accepted: false; status: number; words: string }, guid: string | null) => {
    const { step: name, eventType } = step
    if (said.accepted) report.did.push({ step: name, eventType, guid, drift })
    else report.refused.push({ step: name, eventType, status: said.status, words: said.words })
    return null
  }
  const add = async () => {
    const { eventType } = step
    const said = await callPlatform(gate, access => events.addSubscription(access, { ...wish, eventType }, limits))
    if ('outcome' in said) return said
    const guid = said.accepted ? (said.value?.guid ?? null) : null
    if (guid !== null) await deps.subscriptions.remember(eventType, guid)
    return note(said, guid)
  }
  const replace = async (guid: string) => {
    const said = await callPlatform(gate, access => events.deleteSubscription(access, guid, limits))
    // Refused: it may be gone already, and if not, the next look finds it.
    return 'outcome' in said ? said : add()
  }
  switch (step.step) {
    case 'add':
      return add()
    case 'replace':
      return replace(step.guid)
    case 'remove': {
      const said = await callPlatform(gate, access => events.deleteSubscription(access, step.guid, limits))
      return 'outcome' in said ? said : note(said, step.guid)
    }
    case 'update':
    case 'reactivate': {
      const to = { ...wish, active: true }
      const said = await callPlatform(gate, access => events.updateSubscription(access, step.guid, to, limits))
      if ('outcome' in said) return said
      return !said.accepted && said.status === WRONG_TYPE ? replace(step.guid) : note(said, step.guid)
    }
  }
}

/** Events API: a subscription of another event type than thought. */
const WRONG_TYPE = 418

/** What is right now is ours from now on, also where its address changes later. */
async function rememberThem(
  list: readonly Subscription[],
  remembered: Readonly<Record<string, string>>,
  { subscriptions }: MendSubscriptionsDeps,
): Promise<void> {
  for (const eventType of EVENT_TYPES) {
    const one = list.find(candidate => candidate.eventType === eventType && isOurs(candidate, remembered))
    if (one !== undefined && remembered[eventType] !== one.guid) await subscriptions.remember(eventType, one.guid)
  }
}

const gateOf = (deps: { alertGate: CallPlatformDeps['gate']; throttleMaxMs: number }): CallPlatformDeps => ({
  gate: deps.alertGate,
  throttleMaxMs: deps.throttleMaxMs,
})

const limitsOf = ({ pushTimeoutMs: timeoutMs }: { pushTimeoutMs: number }, signal: AbortSignal | undefined) => ({
  timeoutMs,
  ...(signal && { signal }),
})
