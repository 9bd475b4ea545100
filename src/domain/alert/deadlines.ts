/** Rule 16: how long an alert may wait, and when a person must be alerted. Pure; milliseconds. */

export interface DeadlineTerms {
  /** From the alert to its deadline, and the same where CDRN is named. */
  windowMs: number
  cdrnWindowMs: number
  /** Counted from the alert: when it should be answered, and when a person is told that it is not. */
  targetMs: number
  alarmMs: number
  /** Counted back from the deadline: when it is escalated. */
  stopMs: number
}

export type Mark = 'target' | 'alarm' | 'stop'
export const MARKS: readonly Mark[] = ['target', 'alarm', 'stop']

export interface Deadlines {
  /** When the alert's clock began. */
  startedAt: number
  respondBy: number
  marks: Record<Mark, number>
}

/** `issuedAt` is the alert's own time, else that of its event (null: neither is known); a time after first sight is none. */
export function deadlinesOf(
  alert: { seenAt: number; issuedAt: number | null; namesCdrn: boolean },
  terms: DeadlineTerms,
): Deadlines {
  const startedAt = Math.min(alert.issuedAt ?? alert.seenAt, alert.seenAt)
  const respondBy = startedAt + (alert.namesCdrn ? terms.cdrnWindowMs : terms.windowMs)
  return {
    startedAt,
    respondBy,
    marks: { target: startedAt + terms.targetMs, alarm: startedAt + terms.alarmMs, stop: respondBy - terms.stopMs },
  }
}

/** The marks that have come and were not told of yet. */
export const dueMarks = (deadlines: Deadlines, told: ReadonlySet<Mark>, now: number): Mark[] =>
  MARKS.filter(mark => deadlines.marks[mark] <= now && !told.has(mark))

/** When the next mark comes; null when all are told of. */
export function nextMarkAt(deadlines: Deadlines, told: ReadonlySet<Mark>): number | null {
  const left = MARKS.filter(mark => !told.has(mark)).map(mark => deadlines.marks[mark])
  return left.length === 0 ? null : Math.min(...left)
}

const EPOCH_MS = Date.UTC(2026, 0)
/** BullMQ: 21 bits; reached at the end of 2029. */
const LOWEST = 2_097_151

/** Less time left goes first: `respondBy` in minutes since a fixed epoch, never below 1 (0 would go before all). */
export const priorityOf = (respondBy: number): number =>
  Math.min(Math.max(1, Math.floor((respondBy - EPOCH_MS) / 60_000)), LOWEST)
