import type { StandingAlarm } from '../domain/alarms.ts'
import { describeRestore, describeTail } from '../domain/describe-rollback.ts'
import { serviceName } from '../domain/platform-names.ts'
import type { Refused } from '../redis/refusals.ts'
import type { GateState, GateStore } from '../store/gate-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RejectedStore } from '../store/rejected-store.ts'
import type { RollbackStore } from '../store/rollback-store.ts'
import type { SourceStore } from '../store/source-store.ts'

export interface AlarmCausesDeps {
  gates: Pick<GateStore, 'state'>
  /** Names of all services that are called. */
  services: readonly string[]
  orders: Pick<OrderStore, 'counts' | 'heldSince'>
  rejected: Pick<RejectedStore, 'count' | 'list'>
  /** Why Redis takes no writes of this process; null: it takes them. */
  redisRefused: () => Pick<Refused, 'since' | 'why'> | null
  rollbacks: Pick<RollbackStore, 'read'>
  sources: Pick<SourceStore, 'list'>
}

/** An alarm that follows from a state; `count`: of how many orders or changes. */
export type Cause = StandingAlarm & { count?: number }

/** Orders that are not settled after so long lack something. */
const HELD_MS = 24 * 3_600_000
/** Alarms about all of something have one subject. */
const ALL = 'all'

/** The alarms that follow from how things are now (ms): they begin and end with it. */
export async function alarmCauses(
  { gates, services, orders, rejected, redisRefused, rollbacks, sources }: AlarmCausesDeps,
  now: number,
): Promise<Cause[]> {
  const [states, held, counts, rejectedChanges, [newest], lost] = await Promise.all([
    Promise.all(services.map(async name => ({ name, gate: await gates.state(name) }))),
    orders.heldSince(now - HELD_MS),
    orders.counts(),
    rejected.count(),
    rejected.list(1),
    rollbackCauses(rollbacks, sources),
  ])
  const causes: Cause[] = [...states.flatMap(({ name, gate }) => gateCauses(name, gate)), ...lost]
  const refused = redisRefused()
  if (refused !== null)
    causes.push({ name: 'redis-not-writable', subject: 'redis', since: refused.since, why: refused.why })
  if (held.count > 0) {
    const why = `${orderCount(held.count)} not settled for more than a day, the longest ${held.oldest ?? ''}: no change states that they were paid, declined or refunded`
    causes.push({ name: 'order-held', subject: ALL, since: held.oldestAt === null ? null : held.oldestAt + HELD_MS, why, count: held.count }) // prettier-ignore
  }
  if (counts.rejected > 0) {
    const why = `the platform rejects ${orderCount(counts.rejected)}; each is tried again after its next change, and once a day`
    causes.push({ name: 'order-rejected', subject: ALL, since: null, why, count: counts.rejected })
  }
  if (rejectedChanges > 0) {
    const why = `${rejectedChanges === 1 ? '1 change was' : `${rejectedChanges} changes were`} rejected on intake, the newest from ${newest?.source ?? ''}; what they state is not stored`
    causes.push({ name: 'change-rejected', subject: ALL, since: newest?.at ?? null, why, count: rejectedChanges })
  }
  return causes
}

async function rollbackCauses(
  rollbacks: AlarmCausesDeps['rollbacks'],
  sources: AlarmCausesDeps['sources'],
): Promise<Cause[]> {
  const { tail, quarantine } = await rollbacks.read()
  const causes: Cause[] = []
  if (tail !== null) causes.push({ name: 'redis-lost-writes', subject: 'redis', since: tail.at, why: describeTail(tail) }) // prettier-ignore
  if (quarantine === null) return causes
  const names = (await sources.list()).map(({ name }) => name)
  return [...causes, { name: 'data-restored', subject: 'redis', since: quarantine.at, why: describeRestore(quarantine, names) }] // prettier-ignore
}

const orderCount = (count: number) => (count === 1 ? '1 order' : `${count} orders`)

type DenialMeans = Record<NonNullable<GateState['denied']>, string>
const DATA_MEANS: DenialMeans = {
  'credentials-refused': 'wrong user name or password. Check MIDIGATOR_DATA_USERNAME and _PASSWORD',
  forbidden: '403. Ask Midigator to allow-list the public address of this machine',
  redirected: 'a redirect, which is never followed. Check MIDIGATOR_DATA_URL',
}
const API_MEANS: DenialMeans = {
  'credentials-refused': 'wrong API secret. Check MIDIGATOR_API_SECRET',
  forbidden: '403. Ask Midigator to allow-list the public address of this machine',
  redirected: 'a redirect, which is never followed. Check MIDIGATOR_EVENTS_URL and _PREVENTION_URL',
}
const CHARGEBACKHIT_MEANS: DenialMeans = {
  'credentials-refused': 'wrong signature. Check CHARGEBACKHIT_PUBLIC_KEY and _SECRET_KEY',
  forbidden: '403. Ask Chargebackhit what this account may do',
  redirected: 'a redirect, which is never followed. Check CHARGEBACKHIT_URL',
}
const meansOf = (service: string): DenialMeans =>
  service === 'chargebackhit' ? CHARGEBACKHIT_MEANS : service.includes('-') ? API_MEANS : DATA_MEANS

function gateCauses(service: string, gate: GateState): Cause[] {
  const causes: Cause[] = []
  if (gate.denied !== null) {
    const why = `${serviceName(service)} rejected our calls: ${meansOf(service)[gate.denied]}. Nothing is lost; calls resume automatically`
    causes.push({ name: 'platform-denied', subject: service, since: gate.deniedAt, why })
  }
  if (gate.breaker === 'open') {
    const why = `${serviceName(service)} does not answer, or answers with server errors. Nothing is lost; the service is probed`
    causes.push({ name: 'platform-down', subject: service, since: gate.openedAt, why })
  }
  return causes
}
