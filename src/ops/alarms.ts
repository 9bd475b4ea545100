import type { Deps } from '../deps.ts'
import { ALARM_NAMES, alarmKind, DERIVED_ALARMS, groupAlarm, type Alarm, type AlarmName } from '../domain/alarms.ts'
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
  /** The newest subjects, at most five, each with its page where it has one. */
  newest: { subject: string; since: string | null; why: string; href: string | null }[]
  /** Where all of them are listed. */
  href: string | null
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
    const kept = stored.find(one => one.name === name)?.newest ?? []
    // Since when is kept from the first sweep on.
    const of = causes
      .filter(one => one.name === name)
      .map(one => ({ ...one, since: kept.find(({ subject }) => subject === one.subject)?.since ?? one.since ?? now }))
      .toSorted((a, b) => b.since - a.since)
    if (of.length === 0) return []
    const count = of.reduce((sum, one) => sum + (one.count ?? 1), 0)
    const group = groupAlarm(name, of, { count, acknowledged: acknowledged[name] ?? null, now })
    // What is counted as one says itself of how many.
    return [{ ...group, why: of.map(({ why }) => why).join(' · ') }]
  })
  return alarms
    .toSorted((a, b) => Number(alarmKind(b.name).isUrgent) - Number(alarmKind(a.name).isUrgent))
    .map(viewOfAlarm)
}

function viewOfAlarm({ name, at, since, why, count, newest, acknowledged }: Alarm): AlarmView {
  return {
    name,
    at: isoTimeOrNull(at),
    since: isoTimeOrNull(since),
    why,
    action: alarmKind(name).action,
    count,
    newest: newest.map(one => ({ subject: one.subject, since: isoTimeOrNull(one.since), why: one.why, href: pageOf(name, one.subject) })), // prettier-ignore
    href: LISTS[name] ?? null,
    acknowledged: acknowledged && {
      ...acknowledged,
      at: isoTime(acknowledged.at),
      until: isoTimeOrNull(acknowledged.until),
    },
  }
}

const LISTS: Partial<Record<AlarmName, string>> = {
  'case-parked': '/cases?state=parked',
  'case-approval': '/cases?state=awaiting-approval',
  'case-target': '/cases',
  'case-alarm': '/cases',
  'case-escalated': '/cases',
  'case-chargeback': '/cases',
  'paid-twice': '/cases',
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

/** How an alarm is acknowledged: by whom, until when (ms; null: until it is raised for another subject), and why. */
export interface Acknowledging {
  by: string
  until: number | null
  note: string | null
}

/** Notes that a person has seen an alarm; null: it is not raised. It stays listed, and rings again when another subject of it comes. */
export async function acknowledgeAlarm(
  deps: Pick<Deps, 'alarms' | 'alarmCauses' | 'health' | 'log'>,
  name: AlarmName,
  { by, until, note }: Acknowledging,
): Promise<AlarmView | null> {
  const now = await deps.health.now()
  if (!(await readAlarms(deps, now)).some(one => one.name === name)) return null
  await deps.alarms.acknowledge(name, { by, at: now, until, note: note === null ? null : maskCardNumbers(note) })
  deps.log.info({ alarm: name, by, until: isoTimeOrNull(until) }, 'alarm acknowledged')
  return (await readAlarms(deps, now)).find(one => one.name === name) ?? null
}
