import type { Said } from '../platforms/api-answer.ts'
import type { EnrollmentRow } from '../platforms/chargebackhit/enrollment.ts'
import { refusalOf } from './with-chargebackhit.ts'

/** What became of one row; `unknown`: it went out, and no answer came. `row` counts from 1. */
export interface SentRow {
  row: number
  status: 'sent' | 'refused' | 'unknown' | 'not-sent'
  /** Why, unless it was sent. */
  says?: string
}

/** How many rows go out in one request: no limit is published. */
export const BATCH = 1_000

/**
 * Sends rows in batches. One that is refused does not keep the next ones back; after one without an answer, or when the
 * platform lets nobody in, none goes out any more.
 */
export async function sendEnrollment(
  rows: readonly EnrollmentRow[],
  enroll: (batch: readonly EnrollmentRow[]) => Promise<Said<unknown>>,
  tellProgress: (done: number) => void,
): Promise<SentRow[]> {
  const reports: SentRow[] = []
  let stopped: string | null = null
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH)
    const outcome: Outcome = stopped === null ? judge(await enroll(batch)) : { status: 'not-sent', says: stopped }
    if (outcome.status === 'unknown' || outcome.status === 'not-sent')
      stopped ??= `not sent after row ${at + batch.length}`
    for (const i of batch.keys()) reports.push({ row: at + i + 1, ...outcome })
    tellProgress(reports.length)
  }
  return reports
}

type Outcome = Omit<SentRow, 'row'>

function judge({ answer }: Said<unknown>): Outcome {
  const error = refusalOf(answer)
  if (error === null) return { status: 'sent' }
  const status = error.kind === 'rejected' ? 'refused' : error.kind === 'uncertain' ? 'unknown' : 'not-sent'
  return { status, says: error.message }
}
