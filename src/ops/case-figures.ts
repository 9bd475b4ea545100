import type { Deps } from '../deps.ts'
import { CASE_STATES, type CaseState } from '../domain/case/view.ts'
import type { RefundMode } from '../domain/refund/plan.ts'
import { rowOf, type CaseRow } from './case-row.ts'
import { isoTimeOrNull } from './order-view.ts'

/** How cases and refunds stand. Times are ISO 8601. */
export interface CaseFigures {
  states: Record<CaseState, number>
  /** Unanswered cases, the least time left first. */
  nearest: (CaseRow & { minutes_left: number })[]
  /** Cases that wait for a person, parked or for approval: of the newest ones those with the least time left first. */
  for_person: CaseRow[]
  /** Orders with a refund that nobody knows the end of, among those that are looked after soonest. */
  uncertain_refunds: number
  /** Alarms on their way out that nobody has taken yet. */
  alarms_waiting: number
  refunds: { mode: RefundMode | null; set_at: string | null; set_by: string | null }
}

export type CaseFiguresDeps = Pick<Deps, 'cases' | 'refunds' | 'alarmOutbox'>

const [NEAREST, MOST_SHOWN, MOST_LEDGERS] = [5, 10, 500]
const MINUTE_MS = 60_000

/** How cases and refunds stand at `now` (ms). */
export async function readCaseFigures(deps: CaseFiguresDeps, now: number): Promise<CaseFigures> {
  const [states, nearest, parked, approvals, waiting, uncertain, mode] = await Promise.all([
    deps.cases.counts(CASE_STATES),
    deps.cases.nearest(NEAREST),
    deps.cases.list('parked', MOST_SHOWN, null),
    deps.cases.list('awaiting-approval', MOST_SHOWN, null),
    deps.alarmOutbox.count(),
    countUncertain(deps),
    deps.refunds.mode(),
  ])
  const forPerson = [...parked.ids, ...approvals.ids]
  const records = await deps.cases.records([...nearest.map(({ id }) => id), ...forPerson])
  const rows = new Map(records.map(record => [record.id, rowOf(record)]))
  return {
    states,
    nearest: nearest.flatMap(({ id, respondBy }) => {
      const row = rows.get(id)
      return row === undefined ? [] : [{ ...row, minutes_left: Math.round((respondBy - now) / MINUTE_MS) }]
    }),
    for_person: forPerson
      .flatMap(id => rows.get(id) ?? [])
      .toSorted(byDeadline)
      .slice(0, MOST_SHOWN),
    uncertain_refunds: uncertain,
    alarms_waiting: waiting,
    refunds: { mode: mode.mode, set_at: isoTimeOrNull(mode.setAt), set_by: mode.setBy },
  }
}

const byDeadline = (a: CaseRow, b: CaseRow) => ((a.respond_by ?? '~') < (b.respond_by ?? '~') ? -1 : 1)

async function countUncertain({ refunds }: Pick<Deps, 'refunds'>): Promise<number> {
  const ledgers = await Promise.all((await refunds.looked(MOST_LEDGERS)).map(orderId => refunds.read(orderId)))
  return ledgers.filter(({ claims }) => claims.some(({ state }) => state === 'uncertain')).length
}
