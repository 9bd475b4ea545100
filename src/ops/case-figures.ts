import type { Deps } from '../deps.ts'
import { describeReason, type ReasonCode } from '../domain/case/reasons.ts'
import { CASE_STATES, type CaseState } from '../domain/case/view.ts'
import type { RefundMode } from '../domain/account/account.ts'
import { rowOf, type CaseRow } from './case-row.ts'
import { isoTimeOrNull } from './iso-time.ts'
import { countLate } from './refund-mode.ts'

/** Counts of cases and refunds. Times are ISO 8601. */
export interface CaseFigures {
  states: Record<CaseState, number>
  /** Unanswered cases, the least time left first. */
  nearest: (CaseRow & { minutes_left: number })[]
  /** Cases that need review or approval: of the newest ones those with the least time left first. */
  for_person: CaseRow[]
  /** How many cases wait for a person, by reason, the most frequent first; of the newest ones. */
  waiting_by_reason: { why: ReasonCode; explained: string; count: number }[]
  /** Orders with an unconfirmed refund, among those that are checked soonest. */
  uncertain_refunds: number
  /** Alarms that were not delivered yet. */
  alarms_waiting: number
  /** `late`: open cases past their deadline, which no refund mode releases. */
  refunds: { mode: RefundMode | null; set_at: string | null; set_by: string | null; late: number }
}

export type CaseFiguresDeps = Pick<Deps, 'cases' | 'refunds' | 'alarmOutbox'>

const [NEAREST, MOST_SHOWN, MOST_COUNTED, MOST_LEDGERS] = [5, 10, 1_000, 500]
const MINUTE_MS = 60_000

/** Counts of cases and refunds at `now` (ms). */
export async function readCaseFigures(deps: CaseFiguresDeps, now: number): Promise<CaseFigures> {
  const [states, nearest, parked, approvals, waiting, uncertain, mode, overdue] = await Promise.all([
    deps.cases.counts(CASE_STATES),
    deps.cases.nearest(NEAREST),
    deps.cases.list('parked', MOST_COUNTED, null),
    deps.cases.list('awaiting-approval', MOST_COUNTED, null),
    deps.alarmOutbox.count(),
    countUncertain(deps),
    deps.refunds.mode(),
    countLate(deps.cases, now),
  ])
  const forPerson = [...parked.ids, ...approvals.ids]
  const records = await deps.cases.records([...nearest.map(({ id }) => id), ...forPerson])
  const rows = new Map(records.map(record => [record.id, rowOf(record)]))
  const waitingRows = forPerson.flatMap(id => rows.get(id) ?? [])
  return {
    states,
    nearest: nearest.flatMap(({ id, respondBy }) => {
      const row = rows.get(id)
      return row === undefined ? [] : [{ ...row, minutes_left: Math.round((respondBy - now) / MINUTE_MS) }]
    }),
    for_person: waitingRows.toSorted(byDeadline).slice(0, MOST_SHOWN),
    waiting_by_reason: countByReason(waitingRows),
    uncertain_refunds: uncertain,
    alarms_waiting: waiting,
    refunds: { mode: mode.mode, set_at: isoTimeOrNull(mode.setAt), set_by: mode.setBy, late: overdue },
  }
}

function countByReason(rows: readonly CaseRow[]): CaseFigures['waiting_by_reason'] {
  const counts = new Map<ReasonCode, number>()
  for (const { why } of rows) counts.set(why, (counts.get(why) ?? 0) + 1)
  return [...counts]
    .map(([why, count]) => ({ why, explained: describeReason(why), count }))
    .toSorted((a, b) => b.count - a.count || (a.why < b.why ? -1 : 1))
}

const byDeadline = (a: CaseRow, b: CaseRow) => ((a.respond_by ?? '~') < (b.respond_by ?? '~') ? -1 : 1)

async function countUncertain({ refunds }: Pick<Deps, 'refunds'>): Promise<number> {
  const ledgers = await Promise.all((await refunds.looked(MOST_LEDGERS)).map(orderId => refunds.read(orderId)))
  return ledgers.filter(({ claims }) => claims.some(({ state }) => state === 'uncertain')).length
}
