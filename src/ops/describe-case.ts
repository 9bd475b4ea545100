import { nameOf } from '../domain/platform-names.ts'
import type { Mark } from '../domain/alert/deadlines.ts'
import type { AlertEvent } from '../domain/alert/event.ts'
import type { CaseEntry, EntryOf, MatchedBy } from '../domain/case/log.ts'
import { REASONS, type ReasonCode } from '../domain/case/reasons.ts'
import { moneyText } from './case-row.ts'
import { isoTime } from './iso-time.ts'
import type { TimelineEvent } from './order-view.ts'

/**
 * The log of a case in sentences, oldest first; `platform` is whose case it is. What the log replaces (the time of the last question to
 * the platform, the count of repeated calls) is not shown, so that nothing shown changes later.
 */
export const describeLog = (log: readonly CaseEntry[], platform: string): TimelineEvent[] =>
  log
    .filter(entry => entry.what !== 'asked')
    .toSorted((a, b) => timeOf(a) - timeOf(b) || RANK.indexOf(a.what) - RANK.indexOf(b.what))
    .map(entry => ({
      at: isoTime(timeOf(entry)),
      what: CODES[entry.what] ?? entry.what,
      says: sentenceOf(entry, nameOf(platform)),
      ...detailsOf(entry),
    }))

/** The count of calls is replaced at every call; the first one goes out when its resolution is chosen. */
const timeOf = (entry: CaseEntry): number => (entry.what === 'sent' ? entry.of : entry.at)

/** What happens at one moment, in the order in which one follows from the other. */
const RANK: readonly CaseEntry['what'][] = [
  'hook', 'read-back', 'matched', 'decision', 'flag', 'resolution', 'sent', 'answered', 'mark', 'alarmed',
] // prettier-ignore

/** Codes that programs know from before. */
const CODES: Partial<Record<CaseEntry['what'], string>> = {
  'read-back': 'enriched',
  decision: 'said',
  resolution: 'worded',
}

function sentenceOf(entry: CaseEntry, platform: string): string {
  switch (entry.what) {
    case 'hook':
      return describeHook(entry.event, platform)
    case 'read-back':
      return `Details read from ${platform}`
    case 'asked':
      return `${platform} asked for details`
    case 'matched':
      return `Matched to order ${entry.orderId} by ${MATCHED_BY[entry.by]}`
    case 'decision':
      return `${describeDecision(entry)}${entry.reason === null ? '' : `: ${entry.reason}`}`
    case 'mark':
      return MARK_TEXTS[entry.mark]
    case 'alarmed':
      return `Alarm raised: ${entry.alarm}${isReason(entry.reason) ? ` (${REASONS[entry.reason].status})` : ''}`
    case 'resolution':
      return `${entry.by === 'policy' ? 'order-sync' : entry.by} chose the resolution ${resolutionText(entry.resolution.type, entry.resolution.description)}`
    case 'sent':
      return `Sending the resolution to ${platform}`
    case 'answered':
      return describeAnswer(entry, platform)
    case 'flag':
      return `Order ${entry.orderId} ${entry.value ? 'marked' : 'no longer marked'} as ${entry.flag === 'is_fraud' ? 'fraud' : 'charged back'}`
  }
}

const isReason = (code: string): code is ReasonCode => Object.hasOwn(REASONS, code)

/** By what an alert was matched, for people. */
export const MATCHED_BY: Record<MatchedBy, string> = {
  platform: 'the platform',
  person: 'a person',
  transaction_id: 'transaction id',
  arn: 'ARN',
  auth_id: 'authorization code and card',
  card: 'card or authorization code, amount and time of sale',
}

const MARK_TEXTS: Record<Mark, string> = {
  target: 'Not answered by the target time',
  alarm: 'Still not answered: an alarm was due',
  stop: 'Not answered by the hard stop: escalated',
}

/** A resolution with its description, if it has one. */
export const resolutionText = (type: string, description: string): string =>
  description === '' ? type : `${type} (“${description}”)`

function describeHook({ type, facts, faults = [] }: AlertEvent, platform: string): string {
  const order = facts.orderId === undefined ? 'an order' : `order ${facts.orderId}`
  const unread = faults.length === 0 ? '' : `; not readable: ${faults.map(({ field }) => field || 'body').join(', ')}`
  switch (type) {
    case 'alert':
      return `${platform} sent an alert${facts.partner === undefined ? '' : ` from ${facts.partner}`}${over(facts)}${unread}`
    case 'alert-match':
      return `${platform} matched the alert to ${order}${unread}`
    case 'refund':
      return `${platform} requested a refund of ${order}${over(facts)}${unread}`
    case 'chargeback':
      return `${platform} reported a chargeback${over(facts)}${unread}`
    case 'chargeback-match':
      return `${platform} matched the chargeback to ${order}${unread}`
  }
}

const over = ({ amount, currency }: AlertEvent['facts']) =>
  amount === undefined ? '' : ` over ${moneyText(amount, currency)}`

function describeDecision(entry: EntryOf<'decision'>): string {
  switch (entry.decision) {
    case 'approve':
      return `${entry.by} approved the refund of ${moneyText(entry.amount, entry.currency)}`
    case 'decline':
      return `${entry.by} declined the refund`
    case 'resolve':
      return `${entry.by} resolved the alert as ${resolutionText(entry.resolution.type, entry.resolution.description)}`
    case 'match':
      return `${entry.by} chose order ${entry.orderId}`
    case 'close':
      return `${entry.by} closed the case`
    case 'refunded': {
      const where = entry.reference === null ? '' : `, reference ${entry.reference}`
      return `${entry.by} recorded a refund of ${moneyText(entry.amount, entry.currency)} by hand${where}`
    }
  }
}

function describeAnswer(entry: EntryOf<'answered'>, platform: string): string {
  if (entry.accepted) return `${platform} accepted the resolution`
  const words = entry.words === '' ? '' : `: ${entry.words}`
  const perhaps = entry.probably ? '; an earlier attempt was not answered, so the platform probably has the resolution' : '' // prettier-ignore
  return `${platform} rejected the resolution with ${entry.status}${words}${perhaps}`
}

/** What a program may need of an entry beside its sentence; no raw bodies. */
function detailsOf(entry: CaseEntry): Record<string, unknown> {
  switch (entry.what) {
    case 'hook':
      return { event: entry.event.type, ...(entry.event.sentAt !== null && { sent_at: isoTime(entry.event.sentAt) }) }
    case 'matched':
      return { order_id: entry.orderId, by: entry.by }
    case 'decision':
      return {
        word: entry.decision === 'decline' ? 'refuse' : entry.decision,
        by: entry.by,
        reason: entry.reason,
        ...(entry.decision === 'approve' && { amount: entry.amount, currency: entry.currency }),
        ...(entry.decision === 'match' && { order_id: entry.orderId }),
      }
    case 'resolution':
      return { by: entry.by, resolution_type: entry.resolution.type, other_description: entry.resolution.description }
    case 'answered':
      return { accepted: entry.accepted, status: entry.status, words: entry.words }
    case 'mark':
      return { mark: entry.mark }
    case 'alarmed':
      return { alarm: entry.alarm, why: entry.reason }
    case 'flag':
      return { order_id: entry.orderId, flag: entry.flag, value: entry.value }
    default:
      return {}
  }
}
