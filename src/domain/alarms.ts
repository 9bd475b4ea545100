/** What an alarm is about; the subject is its id. */
export type AlarmSubject =
  'case' | 'order' | 'orders' | 'changes' | 'source' | 'platform' | 'redis' | 'process' | 'schedule'

/** One kind of alarm. */
interface AlarmKind {
  about: AlarmSubject
  /** What a person does about it. */
  action: string
  /** Money or alerts are at stake now. */
  isUrgent: boolean
  /** Over when it was not raised again for so long, in milliseconds; null: whatever raised it clears it. */
  quietMs: number | null
  /** Each process that meets it sends it, and its end, straight to its receiver: Redis, where others wait to be sent, is what fails. */
  isDirect: boolean
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const kind = (about: AlarmSubject, action: string, more: Partial<AlarmKind> = {}): AlarmKind => ({
  about,
  action,
  isUrgent: false,
  quietMs: null,
  isDirect: false,
  ...more,
})
const URGENT = { isUrgent: true } as const

/** Every alarm there is. Pages, metrics, commands, `doctor` and outgoing hooks know no other. */
export const ALARMS = {
  'case-target': kind('case', 'Open the case: it is not answered by its target time.'),
  'case-alarm': kind('case', 'Open the case: its response deadline comes near.', URGENT),
  'case-escalated': kind('case', 'Open the case and answer it now: its hard stop is past.', URGENT),
  'case-parked': kind('case', 'Open the case: it waits for a person’s decision.'),
  'case-approval': kind('case', 'Open the case: its refund waits for approval.'),
  'case-chargeback': kind('case', 'Contest the chargeback: the order was refunded as well.', URGENT),
  'paid-twice': kind('case', 'Open the case: the customer may have been paid twice.', URGENT),
  'order-unreadable': kind('order', 'Send what the change states of the order’s money again without the fault.'),
  'order-swapped': kind('order', 'Find out whether two shops use one order id; refunds of the order ask a person.', {
    quietMs: 7 * DAY_MS,
  }),
  'order-held': kind('orders', 'See what the orders lack (`order-sync trace`): they are pushed once they are settled.'),
  'order-rejected': kind('orders', 'Correct the fields that the platform names (`order-sync rejected`).'),
  'change-rejected': kind('changes', 'Correct what the sender sends, then replay the changes (`order-sync rejected`).'),
  'changes-tied': kind('source', 'Send occurred_at in milliseconds, or a sequence that grows with every change.', {
    quietMs: DAY_MS,
  }),
  'hook-too-old': kind('source', 'Have the sender sign its deliveries with the present time and send them again.', {
    quietMs: DAY_MS,
  }),
  'source-clock-ahead': kind('source', 'Correct the clock of the sender.', { quietMs: HOUR_MS }),
  'alerts-silent': kind('platform', 'Check that the platform sends its events to this address.', URGENT),
  'subscriptions-wrong': kind('platform', 'See `order-sync subscriptions list`.', URGENT),
  'alert-unreadable': kind(
    'platform',
    'See what could not be taken (`order-sync rejected`); an alert may be among it.',
    {
      ...URGENT,
      quietMs: DAY_MS,
    },
  ),
  'platform-denied': kind('platform', 'Fix the cause; calls resume automatically.', URGENT),
  'platform-down': kind('platform', 'None: the service is probed, and calls resume automatically.'),
  'redis-lost-writes': kind('redis', 'Find out why Redis lost writes. The rest needs no person.', URGENT),
  'data-restored': kind(
    'redis',
    'Have the sources send again what they changed since, then run `order-sync quarantine release`.',
    URGENT,
  ),
  'redis-not-writable': kind(
    'redis',
    'Remove the cause that is named: nothing is accepted and nothing is pushed until then; all of it resumes automatically.',
    { ...URGENT, isDirect: true },
  ),
  'redis-memory': kind('redis', 'Raise maxmemory, or give Redis a larger machine, before its memory is full.'),
  'clock-off': kind('process', 'Have the clock of that machine set by a time service (NTP).', { quietMs: HOUR_MS }),
  'schedule-stopped': kind(
    'schedule',
    'Start the daemon `scheduler`, or restart it: deadlines are not watched and lost jobs not found.',
    URGENT,
  ),
} as const satisfies Record<string, AlarmKind>

export type AlarmName = keyof typeof ALARMS
export const ALARM_NAMES = Object.keys(ALARMS) as AlarmName[]
/** What is read off a state at any moment; it is kept only so that its beginning and its end are told. */
export const DERIVED_ALARMS = ['order-held', 'order-rejected', 'change-rejected', 'platform-denied', 'platform-down', 'redis-lost-writes', 'data-restored', 'redis-not-writable'] as const satisfies readonly AlarmName[] // prettier-ignore

export const isAlarmName = (text: string): text is AlarmName => Object.hasOwn(ALARMS, text)
export const alarmKind = (name: AlarmName): AlarmKind => ALARMS[name]

/** An alarm with a subject, as it is now. Times are milliseconds since 1970. */
export interface StandingAlarm {
  name: AlarmName
  subject: string
  /** Since when; null: not known. */
  since: number | null
  why: string
}

/** All alarms of one name. */
export interface Alarm {
  name: AlarmName
  /** When the newest of them was raised. */
  at: number | null
  since: number | null
  /** In a sentence; of many what the newest says. */
  why: string
  count: number
  /** The newest of them, at most five. */
  newest: StandingAlarm[]
  /** Who has seen them; null: no person has since the newest was raised. */
  acknowledged: Acknowledgement | null
  /** How many were acknowledged one by one. */
  silenced: number
}

/** A person has seen an alarm; null: until it is raised for another subject. */
export interface Acknowledgement {
  by: string
  at: number
  until: number | null
  note: string | null
}

/** Whether an acknowledgement of an alarm that was raised at a time (null: not known) still holds. */
export const holds = ({ at, until }: Acknowledgement, raisedAt: number | null, now: number): boolean =>
  (raisedAt === null || at >= raisedAt) && (until === null || until > now)

const SHOWN = 5
/** So many are named in one sentence. */
const NAMED = 3

/**
 * Alarms of one name as one; `standing` newest first, `count` of them in all. `silenced`: an acknowledgement for each of the `subjects` that
 * has one, of its own or of all that were raised before it.
 */
export function groupAlarm(
  name: AlarmName,
  standing: readonly StandingAlarm[],
  more: {
    count?: number
    subjects?: number
    since?: number | null
    acknowledged: Acknowledgement | null
    silenced?: readonly Acknowledgement[]
    now: number
  },
): Alarm {
  const [first] = standing
  const {
    count = standing.length,
    subjects = count,
    since = standing.at(-1)?.since ?? null,
    acknowledged,
    silenced = [],
    now,
  } = more
  const at = first?.since ?? null
  const says = first?.why ?? ''
  const all = silenced.length >= subjects ? (silenced.toSorted((a, b) => b.at - a.at)[0] ?? null) : null
  return {
    name,
    at,
    since,
    why: count > Math.max(1, standing.length) || count > NAMED ? `${count} of them, the newest: ${says}` : standing.map(({ why }) => why).join(' · '), // prettier-ignore
    count,
    newest: standing.slice(0, SHOWN),
    acknowledged: acknowledged !== null && holds(acknowledged, at, now) ? acknowledged : all,
    silenced: silenced.length,
  }
}
