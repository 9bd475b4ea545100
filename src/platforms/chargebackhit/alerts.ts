import type { Resolution } from '../../domain/case/log.ts'
import { outcomeOf, OUTCOMES, type Outcome } from '../../domain/alert/outcomes.ts'
import { readField, type Checked } from '../../domain/alert/read-field.ts'
import type { AlertPlatform, AnsweredAlert, PlatformService, Published, Report } from '../platform.ts'
import type { ChargebackhitApi } from './api.ts'
import type { AlertRecord } from './alerts-api.ts'
import type { Page } from './list-query.ts'
import { readAlert, readRecord } from './read-alert.ts'
import { ALERT, ALERT_FILTERS, ANSWER, ANSWER_ORDER, CREATED_AT, RECORD } from './wire.ts'

/** Chargebackhit's alerts: "Get alert by ID" tells all of one, "Update response outcome" takes its answer. */
export const createChargebackhitAlerts = (
  api: Pick<ChargebackhitApi, 'getAlert' | 'listAlerts' | 'updateOutcome'>,
  service: PlatformService,
): AlertPlatform => ({
  name: 'chargebackhit',
  asking: service,
  answering: service,
  async ask(_access, { guid }, limits) {
    const { answer, value } = await api.getAlert(guid, limits)
    const report = value === undefined ? null : reportOf(guid, value)
    return { answer, ...(report !== null && { value: report }) }
  },
  async list(_access, { sinceMs, page }, limits) {
    const query = {
      filter: { [ALERT_FILTERS.createdAtFrom]: new Date(sinceMs).toISOString() },
      sort: { field: CREATED_AT, direction: 'asc' },
      page: { method: 'token', limit: PAGE, page_token: page ?? '' },
    } as const
    const { answer, value } = await api.listAlerts(query, limits)
    return { answer, ...(value !== undefined && { value: publishedOn(value) }) }
  },
  answer: (_access, about, resolution, limits) => api.updateOutcome(about.guid, bodyOf(about, resolution), limits),
})

const PAGE = 100

function publishedOn({ items, next }: Page<AlertRecord>): Published {
  const read = items.map(raw => ({ raw, parsed: readAlert(raw) }))
  const [events, passedOver]: [Published['events'][number][], unknown[]] = [[], []]
  for (const { raw, parsed } of read)
    if ('kind' in parsed && parsed.kind === 'event') events.push({ event: parsed.event, raw })
    else passedOver.push(raw)
  return { events, passedOver, next }
}

/** A report of something else than was asked for is none. */
function reportOf(guid: string, json: AlertRecord): Report | null {
  const report = readRecord(json)
  if ('errors' in report || report.guid !== guid) return null
  const answered = readField(json.alert, [ALERT.outcome], finalOutcomeOf)
  return {
    guid,
    facts: { ...report.facts, ...(answered.value !== undefined && { answeredAs: answered.value }) },
    faults: [
      ...report.faults,
      ...answered.faults.map(error => ({ ...error, field: `${RECORD.alert}.${error.field}` })),
    ],
  }
}

/** The answer that the platform has already; `pending` leaves room for one, and `acknowledged` is none to a refund. */
function finalOutcomeOf(value: unknown): Checked<Outcome> {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  const outcome = OUTCOMES.find(one => one === text)
  if (outcome === undefined) return { expected: `one of ${OUTCOMES.join(', ')}` }
  return outcome === 'pending' || outcome === 'acknowledged' ? null : { ok: outcome }
}

/** The same bytes for the same words: the order is named where one was found. */
const bodyOf = ({ orderId }: AnsweredAlert, { type }: Resolution): string =>
  JSON.stringify({
    [ANSWER.outcome]: outcomeOf(type),
    ...(orderId !== null && { [ANSWER.order]: { [ANSWER_ORDER.orderId]: orderId } }),
  })
