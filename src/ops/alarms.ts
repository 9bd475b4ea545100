import type { Deps } from '../deps.ts'
import {
  ALARM_NAMES,
  alarmKind,
  DERIVED_ALARMS,
  groupAlarm,
  holds,
  type Acknowledgement,
  type Alarm,
  type AlarmName,
  type StandingAlarm,
} from '../domain/alarms.ts'
import type { Cause } from '../jobs/alarm-causes.ts'
import type { Acknowledgements } from '../store/alarm-store.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

/** Alarms with their times as text, and where they are looked at. */
export interface AlarmView {
  name: AlarmName
  /** When the newest of them was raised. */
  at: string | null
  since: string | null
  why: string
  action: string
  count: number
  /** How many of them were acknowledged one by one. */
  silenced: number
  /** The newest subjects, at most five, each with its page where it has one. */
  newest: { subject: string; since: string | null; why: string; href: string | null }[]
  /** Where all of them are listed. */
  href: string
  acknowledged: { by: string; at: string; until: string | null; note: string | null } | null
}

/** Every alarm that is raised, one entry a name, the urgent first. */
export async function readAlarms(deps: Pick<Deps, 'alarms' | 'alarmCauses'>, now: number): Promise<AlarmView[]> {
  const [stored, causes, acknowledged] = await Promise.all([
    deps.alarms.list(now),
    deps.alarmCauses(now),
    deps.alarms.acknowledged(),
  ])
  const alarms = ALARM_NAMES.flatMap((name): Alarm[] => {
    if (!DERIVED_ALARMS.some(one => one === name)) return stored.filter(one => one.name === name)
    const of = derived(name, causes, { kept: stored.find(one => one.name === name)?.newest ?? [], now })
    if (of.length === 0) return []
    const count = of.reduce((sum, one) => sum + (one.count ?? 1), 0)
    const silenced = of.flatMap(one => seenOf(acknowledged, one, now) ?? [])
    const group = groupAlarm(name, of, {
      count,
      subjects: of.length,
      acknowledged: acknowledged.of(name),
      silenced,
      now,
    })
    // What is counted as one says itself of how many.
    return [{ ...group, why: of.map(({ why }) => why).join(' · ') }]
  })
  return alarms
    .toSorted((a, b) => Number(alarmKind(b.name).isUrgent) - Number(alarmKind(a.name).isUrgent))
    .map(viewOfAlarm)
}

/** Those that follow from a state, the newest first; since when is kept from the first sweep on. */
const derived = (
  name: AlarmName,
  causes: readonly Cause[],
  { kept, now }: { kept: readonly StandingAlarm[]; now: number },
) =>
  causes
    .filter(one => one.name === name)
    .map(one => ({ ...one, since: kept.find(({ subject }) => subject === one.subject)?.since ?? one.since ?? now }))
    .toSorted((a, b) => b.since - a.since)

/** One subject of an alarm. */
export interface SubjectView {
  subject: string
  since: string | null
  why: string
  href: string | null
  acknowledged: AlarmView['acknowledged']
}

const PAGE = 200

/** One alarm with its subjects, the newest first, so many from `offset` on; null: it is not raised. */
export async function readAlarm(
  deps: Pick<Deps, 'alarms' | 'alarmCauses'>,
  name: AlarmName,
  { now, offset = 0 }: { now: number; offset?: number },
): Promise<{ alarm: AlarmView; subjects: SubjectView[]; next: number | null } | null> {
  const alarm = (await readAlarms(deps, now)).find(one => one.name === name)
  if (alarm === undefined) return null
  const seen = await deps.alarms.acknowledged()
  const kept = await deps.alarms.page(name, offset, PAGE)
  const isDerived = DERIVED_ALARMS.some(one => one === name)
  const of: StandingAlarm[] = isDerived ? derived(name, await deps.alarmCauses(now), { kept, now }) : kept
  const subjects = of.map(({ subject, since, why }): SubjectView => {
    const one = seenOf(seen, { name, subject, since }, now)
    return {
      subject,
      since: isoTimeOrNull(since),
      why,
      href: pageOf(name, subject),
      acknowledged: one && viewOfSeen(one),
    }
  })
  return { alarm, subjects, next: !isDerived && kept.length === PAGE ? offset + PAGE : null }
}

/** Who has acknowledged a subject: alone, or with all that were raised by then. */
function seenOf(
  seen: Acknowledgements,
  { name, subject, since }: Pick<StandingAlarm, 'name' | 'subject' | 'since'>,
  now: number,
) {
  const [all, own] = [seen.of(name), seen.subjectsOf(name).get(subject)]
  if (own !== undefined && holds(own, since, now)) return own
  return all !== null && holds(all, since, now) ? all : null
}

const viewOfSeen = ({ by, at, until, note }: Acknowledgement): NonNullable<AlarmView['acknowledged']> => ({
  by,
  at: isoTime(at),
  until: isoTimeOrNull(until),
  note,
})

function viewOfAlarm({ name, at, since, why, count, newest, acknowledged, silenced }: Alarm): AlarmView {
  return {
    name,
    at: isoTimeOrNull(at),
    since: isoTimeOrNull(since),
    why,
    action: alarmKind(name).action,
    count,
    silenced,
    newest: newest.map(one => ({ subject: one.subject, since: isoTimeOrNull(one.since), why: one.why, href: pageOf(name, one.subject) })), // prettier-ignore
    href: LISTS[name] ?? `/alarms/${name}`,
    acknowledged: acknowledged && viewOfSeen(acknowledged),
  }
}

/** Where a list of its own shows exactly those. */
const LISTS: Partial<Record<AlarmName, string>> = {
  'case-parked': '/cases?state=parked',
  'case-approval': '/cases?state=awaiting-approval',
  'order-held': '/orders?state=held',
  'order-rejected': '/rejected',
  'change-rejected': '/rejected',
  'alert-unreadable': '/rejected',
}

function pageOf(name: AlarmName, subject: string): string | null {
  const { about } = alarmKind(name)
  if (about === 'case') return `/cases/${encodeURIComponent(subject)}`
  return about === 'order' ? `/orders/${encodeURIComponent(subject)}` : null
}

/**
 * How an alarm is acknowledged: by whom, until when (ms; null: until it is raised for another subject), and why; `subject`: of that one
 * alone.
 */
export interface Acknowledging {
  by: string
  subject?: string | null
  until: number | null
  note: string | null
}

/**
 * Notes that a person has seen an alarm; null: it is not raised, or not for that subject. It stays listed, and rings again when another
 * subject of it comes, or the same one again.
 */
export async function acknowledgeAlarm(
  deps: Pick<Deps, 'alarms' | 'alarmCauses' | 'health' | 'log'>,
  name: AlarmName,
  { by, subject = null, until, note }: Acknowledging,
): Promise<AlarmView | null> {
  const now = await deps.health.now()
  if (!(await isRaised(deps, name, subject, now))) return null
  // What follows from a state is kept from the first sweep on; acknowledged before that, it is kept now.
  if (subject !== null && DERIVED_ALARMS.some(one => one === name)) {
    const cause = (await deps.alarmCauses(now)).find(one => one.name === name && one.subject === subject)
    await deps.alarms.raise(name, subject, cause?.why ?? subject, now)
  }
  await deps.alarms.acknowledge(name, subject, {
    by,
    at: now,
    until,
    note: note === null ? null : maskCardNumbers(note),
  })
  deps.log.info(
    { alarm: name, ...(subject !== null && { subject }), by, until: isoTimeOrNull(until) },
    'alarm acknowledged',
  )
  return (await readAlarms(deps, now)).find(one => one.name === name) ?? null
}

async function isRaised(
  deps: Pick<Deps, 'alarms' | 'alarmCauses'>,
  name: AlarmName,
  subject: string | null,
  now: number,
): Promise<boolean> {
  if (subject === null) return (await readAlarms(deps, now)).some(one => one.name === name)
  if (DERIVED_ALARMS.some(one => one === name))
    return (await deps.alarmCauses(now)).some(one => one.name === name && one.subject === subject)
  return (await deps.alarms.standing(name, subject)).isRaised
}
