import { pathOf, type Limits, type Said } from '../api-answer.ts'
import type { ApiCall } from './api-call.ts'
import { bodyOfQuery, membersOf, oneIn, readPage, type ListQuery, type Page } from './list-query.ts'
import { ACTIONS, ALERT, LIST, PATHS, RECORD } from './wire.ts'

type Members = Record<string, unknown>

/** An alert as it is read: every member as it came, numbers as the text they were written with. */
export interface AlertRecord {
  alert: Members
  transaction: Members
  merchant: Members
}

/** Chargebackhit's alerts: generated and validated for a test, read, listed, and answered later than in the webhook. */
export function createAlertsApi(call: ApiCall) {
  return {
    /** Sandbox accounts only: has the platform publish such an alert. */
    generateAlert: (bodyText: string, limits: Limits): Promise<Said<unknown>> =>
      call({ method: 'POST', path: PATHS.generateAlert, body: bodyText, read: asIs }, limits),
    /** Asks whether an answer would be taken; nothing is answered by it. */
    validateOutcome: (bodyText: string, limits: Limits): Promise<Said<unknown>> =>
      call({ method: 'POST', path: PATHS.validateOutcome, body: bodyText, read: asIs }, limits),
    /** Sends the final outcome of an alert that was answered `pending`, as it was stored: `bodyText` goes out byte for byte. */
    updateOutcome: (id: string, bodyText: string, limits: Limits): Promise<Said<never>> =>
      call({ method: 'POST', path: PATHS.alerts + pathOf(id, ACTIONS.updateOutcome), body: bodyText }, limits),
    getAlert: (id: string, limits: Limits): Promise<Said<AlertRecord>> =>
      call({ method: 'GET', path: PATHS.alerts + pathOf(id), read: json => readAsked(json, id) }, limits),
    listAlerts: (query: ListQuery, limits: Limits): Promise<Said<Page<AlertRecord>>> =>
      call(
        {
          method: 'POST',
          path: PATHS.alerts + pathOf(ACTIONS.list),
          body: bodyOfQuery(query),
          read: readPage(readAlert),
        },
        limits,
      ),
  }
}

const asIs = (json: unknown): unknown => json

/** An answer about another alert is none. The reference shows an array even for one; others show the bare record. */
function readAsked(json: unknown, id: string): AlertRecord | null {
  const data = membersOf(json)?.[LIST.data]
  const found = (Array.isArray(data) ? data : [oneIn(json)]).map(readAlert)
  return found.find(record => record?.alert[ALERT.id] === id) ?? null
}

/** A record without an alert that can be named is none; its other two parts may be missing. */
function readAlert(json: unknown): AlertRecord | null {
  const members = membersOf(json)
  const alert = membersOf(members?.[RECORD.alert])
  if (!members || !alert || typeof alert[ALERT.id] !== 'string' || alert[ALERT.id] === '') return null
  const [transaction, merchant] = [membersOf(members[RECORD.transaction]), membersOf(members[RECORD.merchant])]
  return { alert, transaction: transaction ?? {}, merchant: merchant ?? {} }
}
