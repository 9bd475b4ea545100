import type { Deps } from '../deps.ts'
import type { CaseState } from '../domain/case/view.ts'
import { rowOf, type CaseRow } from './case-row.ts'

/** One page of cases, newest first; `cursor` asks for the next one and is null at the end. */
export interface CasePage {
  cases: CaseRow[]
  cursor: string | null
}

/** Cases of one state, or of all, after `cursor`. What is listed while pages are turned is neither lost nor shown twice. */
export async function listCases(
  { cases }: Pick<Deps, 'cases'>,
  { state, limit, cursor }: { state: CaseState | null; limit: number; cursor: string | null },
): Promise<CasePage> {
  const found = await cases.list(state, limit, cursor)
  return {
    cases: (await cases.records(found.ids)).map(rowOf),
    cursor: found.cursor === null ? null : Buffer.from(found.cursor).toString('base64url'),
  }
}

/** Where the page before ended, from the text that it gave for it; null when it is no such text. */
export function readCursor(text: string): string | null {
  const cursor = Buffer.from(text, 'base64url').toString()
  return /^\d{1,15}-./s.test(cursor) && Buffer.from(cursor).toString('base64url') === text ? cursor : null
}

/** Cases by an order's id, or by an alert's own with or without the platform's name; newest first. */
export async function findCases(deps: Pick<Deps, 'cases' | 'alertHooks'>, text: string): Promise<CaseRow[]> {
  const ids = [text, ...[...deps.alertHooks.keys()].map(platform => `${platform}:${text}`)]
  const [byId, ofOrder] = await Promise.all([deps.cases.records(ids), casesOfOrder(deps, text)])
  const rows = [...byId.map(rowOf), ...ofOrder]
  return rows.filter((row, i) => rows.findIndex(({ id }) => id === row.id) === i)
}

/** The cases of one order that a person deals with, newest first: an `order.refund` that an alert carries on is left out. */
export async function casesOfOrder({ cases }: Pick<Deps, 'cases'>, orderId: string): Promise<CaseRow[]> {
  const rows = (await cases.ofOrder(orderId)).map(({ record }) => rowOf(record))
  return rows.filter(row => row.why !== 'taken-over').toSorted((a, b) => (a.seen_at < b.seen_at ? 1 : -1))
}
