import { pathOf, type Limits, type Said } from '../api-answer.ts'
import type { ApiCall } from './api-call.ts'
import { bodyOfQuery, membersOf, oneIn, readPage, type ListQuery, type Page } from './list-query.ts'
import { ACTIONS, INCLUDE_ACTIVITIES, PATHS } from './wire.ts'

/** A merchant, a CAID or an enrolment as it is read: every member as it came, numbers as the text they were written with. */
export type AccountRecord = Record<string, unknown>

/** A new name of our own for a merchant or a CAID, at most 500 characters. */
interface Renaming {
  internal_id: string
}

/** Whether a CAID is read with its product activations. */
interface CaidOptions {
  activities?: boolean
}

/** Chargebackhit's accounts: merchants, their CAIDs (card acceptor ids), and what is enrolled for which product. */
export function createAccountsApi(call: ApiCall) {
  const read = oneIn
  const caidAt = (id: string, { activities = false }: CaidOptions) =>
    PATHS.caids + pathOf(id) + (activities ? INCLUDE_ACTIVITIES : '')
  const list = (path: string, query: ListQuery, limits: Limits): Promise<Said<Page<AccountRecord>>> =>
    call({ method: 'POST', path, body: bodyOfQuery(query), read: readPage(membersOf) }, limits)

  return {
    getMerchant: (id: string, limits: Limits): Promise<Said<AccountRecord>> =>
      call({ method: 'GET', path: PATHS.merchants + pathOf(id), read }, limits),
    updateMerchant: (id: string, to: Renaming, limits: Limits): Promise<Said<AccountRecord>> =>
      call({ method: 'PATCH', path: PATHS.merchants + pathOf(id), body: renaming(to), read }, limits),
    listMerchants: (query: ListQuery, limits: Limits) => list(PATHS.merchants + pathOf(ACTIONS.list), query, limits),
    getCaid: (id: string, options: CaidOptions, limits: Limits): Promise<Said<AccountRecord>> =>
      call({ method: 'GET', path: caidAt(id, options), read }, limits),
    updateCaid: (id: string, to: Renaming, options: CaidOptions, limits: Limits): Promise<Said<AccountRecord>> =>
      call({ method: 'PATCH', path: caidAt(id, options), body: renaming(to), read }, limits),
    listCaids: (query: ListQuery, limits: Limits) => list(PATHS.caids + pathOf(ACTIONS.list), query, limits),
    /** Refused with `validation_status_invalid` where a product is not enrolled. */
    disenroll: (id: string, products: readonly string[], limits: Limits): Promise<Said<AccountRecord>> =>
      call(
        {
          method: 'POST',
          path: PATHS.caids + pathOf(id, ACTIONS.disenroll),
          body: JSON.stringify({ products }),
          read,
        },
        limits,
      ),
    /** Rows are sent as they are: check them first, the platform may take some and refuse others. */
    enroll: (rows: readonly object[], limits: Limits): Promise<Said<unknown>> =>
      call({ method: 'POST', path: PATHS.enroll, body: JSON.stringify(rows), read: json => json }, limits),
    /** This list cannot be sorted. */
    listEnrollments: ({ filter, page }: Omit<ListQuery, 'sort'>, limits: Limits) =>
      list(PATHS.listEnrollments, { ...(filter && { filter }), ...(page && { page }) }, limits),
  }
}

const renaming = ({ internal_id }: Renaming): string => JSON.stringify({ internal_id })
