import type { AlertEvent } from '../domain/alert/event.ts'
import type { CaseEntry } from '../domain/case/log.ts'
import type { Mark } from '../domain/alert/deadlines.ts'
import { moneyText } from './case-row.ts'
import { isoTime, type TimelineEvent } from './order-view.ts'
import { ordinal } from './ordinal.ts'

/** The log of a case in sentences, oldest first; `platform` is who told of it. */
export const tellLog = (log: readonly CaseEntry[], platform: string): TimelineEvent[] =>
  log
    .toSorted((a, b) => a.at - b.at || RANK.indexOf(a.what) - RANK.indexOf(b.what))
    .map(entry => ({ at: isoTime(entry.at), what: entry.what, says: sentenceOf(entry, platform), ...detailsOf(entry) }))

/** What happens at one moment, in the order in which one follows from the other. */
const RANK: readonly CaseEntry['what'][] = [
  'hook', 'enriched', 'not-found', 'matched', 'said', 'worded', 'sent', 'answered', 'mark', 'alarmed',
] // prettier-ignore

function sentenceOf(entry: CaseEntry, platform: string): string {
  switch (entry.what) {
    case 'hook':
      return hookSays(entry.event, platform)
    case 'enriched':
      return `${platform} was asked, and told all it knows of it`
    case 'not-found':
      return `${platform} was asked, and does not know it`
    case 'matched':
      return `it was tied to order ${entry.orderId} by its ${BY[entry.by]}`
    case 'said':
      return `${wordSays(entry)}${entry.reason === null ? '' : `: ${entry.reason}`}`
    case 'mark':
      return MARK_SAYS[entry.mark]
    case 'alarmed':
      return `an alarm was raised: ${entry.alarm}`
    case 'worded':
      return `${entry.by === 'policy' ? 'the rules' : entry.by} chose the answer ${answerText(entry.wording.type, entry.wording.description)}`
    case 'sent':
      return entry.calls === 1
        ? `the answer was sent to ${platform}`
        : `the answer was sent to ${platform}, the ${ordinal(entry.calls)} time`
    case 'answered':
      return answeredSays(entry, platform)
  }
}

const BY = {
  platform: 'platform’s word',
  transaction_id: 'transaction id',
  arn: 'ARN',
  auth_id: 'auth code and card',
  card: 'card, amount and date',
}

const MARK_SAYS: Record<Mark, string> = {
  target: 'the time by which it should have been answered passed',
  alarm: 'it waits so long for its answer that a person was told',
  stop: 'its last safe moment passed without an answer; it was escalated',
}

/** A resolution with its own words, if it has any. */
export const answerText = (type: string, description: string): string =>
  description === '' ? type : `${type} (“${description}”)`

function hookSays({ type, facts }: AlertEvent, platform: string): string {
  const order = facts.orderId === undefined ? 'an order' : `order ${facts.orderId}`
  switch (type) {
    case 'alert':
      return `${platform} told of an alert${facts.partner === undefined ? '' : ` by ${facts.partner}`}${over(facts)}`
    case 'alert-match':
      return `${platform} tied the alert to ${order}`
    case 'refund':
      return `${platform} asked for a refund of ${order}`
    case 'chargeback':
      return `${platform} told of a chargeback${over(facts)}`
    case 'chargeback-match':
      return `${platform} tied the chargeback to ${order}`
  }
}

const over = ({ amount, currency }: AlertEvent['facts']) =>
  amount === undefined ? '' : ` over ${moneyText(amount, currency)}`

function wordSays(said: Extract<CaseEntry, { what: 'said' }>): string {
  switch (said.word) {
    case 'approve':
      return `${said.by} approved the refund of ${moneyText(said.amount, said.currency)}`
    case 'refuse':
      return `${said.by} decided against the refund`
    case 'resolve':
      return `${said.by} decided to answer ${answerText(said.wording.type, said.wording.description)}`
  }
}

function answeredSays(entry: Extract<CaseEntry, { what: 'answered' }>, platform: string): string {
  if (entry.accepted) return `${platform} accepted the answer`
  const words = entry.words === '' ? '' : `: ${entry.words}`
  const perhaps = entry.probably ? '; an earlier try was not answered, so it probably has it' : ''
  return `${platform} refused the answer with ${entry.status}${words}${perhaps}`
}

/** What a script may want of an entry beside its sentence; no raw bodies. */
function detailsOf(entry: CaseEntry): Record<string, unknown> {
  switch (entry.what) {
    case 'hook':
      return { event: entry.event.type, ...(entry.event.sentAt !== null && { sent_at: isoTime(entry.event.sentAt) }) }
    case 'matched':
      return { order_id: entry.orderId, by: entry.by }
    case 'said':
      return {
        word: entry.word,
        by: entry.by,
        reason: entry.reason,
        ...(entry.word === 'approve' && { amount: entry.amount, currency: entry.currency }),
      }
    case 'worded':
      return { by: entry.by, resolution_type: entry.wording.type, other_description: entry.wording.description }
    case 'sent':
      return { calls: entry.calls }
    case 'answered':
      return { accepted: entry.accepted, status: entry.status, words: entry.words }
    case 'mark':
      return { mark: entry.mark }
    case 'alarmed':
      return { alarm: entry.alarm }
    default:
      return {}
  }
}
