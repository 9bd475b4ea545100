import { REASONS, describeReason, type ReasonCode } from '../domain/case/reasons.ts'
import type { HoldReason } from '../domain/account/order-money.ts'
import { moneyText } from './case-row.ts'
import { isoTime } from './iso-time.ts'
import type { TimelineEvent } from './order-view.ts'
import { ordinal } from './ordinal.ts'
import { nameOf } from '../domain/platform-names.ts'
import { resolutionText } from './describe-case.ts'

/** A stored event with readable times and the whole of it in a sentence. */
export function describeEvent(kept: Record<string, unknown>): TimelineEvent {
  const { at, what, occurredAt, ...details } = kept
  return {
    at: isoTime(Number(at)),
    what: textOf(what),
    says: sentenceOf(kept) + unreadIn(kept.unread),
    ...(typeof occurredAt === 'number' && { occurred_at: isoTime(occurredAt) }),
    ...details,
  }
}

const unreadIn = (names: unknown): string =>
  Array.isArray(names) && names.length > 0 ? `; could not be read: ${names.join(', ')}` : ''

function sentenceOf(event: Record<string, unknown>): string {
  const fields = fieldsIn(event.fields, event.more)
  const [platform, origin, rev] = [nameOf(textOf(event.platform)), textOf(event.origin), textOf(event.rev)]
  switch (event.what) {
    case 'changed':
      return `${origin} changed ${fields} (rev ${rev})`
    case 'held':
      return `${origin} changed ${fields} (rev ${rev}); not pushed yet, because the order is not settled`
    case 'stale':
      return `${origin} sent a change older than what is stored; nothing was changed`
    case 'unchanged':
      return `${origin} sent a change; nothing was changed`
    case 'pushed':
      return `${platform} accepted ${fields}`
    case 'refused':
      return `${platform} rejected ${fields} with ${textOf(event.status)}: ${textOf(event.words)}`
    case 'refunds-held':
      return `automatic refunds are on hold: ${holdsText(event.holds)}`
    case 'failed':
      return `a push to ${platform} failed (${textOf(event.code)}), the ${ordinal(Number(event.failures))} time in a row`
    default:
      return describeAlert(event)
  }
}

/** Alerts and other cases of the order. */
function describeAlert(event: Record<string, unknown>): string {
  const id = textOf(event.case)
  const alert = `${textOf(event.partner) || 'an'} alert ${id}`
  switch (event.what) {
    case 'alert':
      return `${alert} over ${moneyText(event.amount, event.currency)} was matched to the order${by(event.by)}`
    case 'request':
      return `a refund of the order was requested (${id})`
    case 'chargeback':
      return `the order is charged back (${id})`
    case 'decided':
      return `${textOf(event.by)} ${DECISIONS[textOf(event.word)] ?? 'decided'} (${id})${after(event.reason)}`
    case 'answer-chosen':
      return `${alert} will be resolved as ${resolutionText(textOf(event.type), textOf(event.description))}`
    case 'resolved':
      return `${alert} was resolved as ${resolutionText(textOf(event.type), textOf(event.description))}`
    case 'answer-refused':
      return `the resolution of ${alert} was rejected with ${textOf(event.status)}`
    case 'parked':
      return `${alert} needs review${because(event.why)}`
    case 'awaiting-approval':
      return `the refund for ${alert} awaits approval${because(event.why)}`
    default:
      return describeRefund(event)
  }
}

const DECISIONS: Record<string, string> = {
  approve: 'approved the refund',
  decline: 'declined the refund',
  refuse: 'declined the refund',
  resolve: 'chose the resolution',
  match: 'matched the case to the order',
  close: 'closed the case',
  refunded: 'recorded a refund by hand',
}

function describeRefund(event: Record<string, unknown>): string {
  const refund = `the refund of ${moneyText(event.amount, event.currency)}`
  switch (event.what) {
    case 'refund-sent':
      return `${refund} was sent to the gateway${event.approved_by ? `, approved by ${textOf(event.approved_by)}` : ''}`
    case 'refunded':
      return `${refund} is confirmed${textOf(event.arn) === '' ? '' : `, ARN ${textOf(event.arn)}`}`
    case 'refund-pending':
      return `the gateway has accepted ${refund} and not confirmed it`
    case 'refund-uncertain':
      return `${refund} is unconfirmed${code(event)}; the gateway’s records are read before anything is sent again`
    case 'refund-refused':
      return `the gateway refused ${refund}${code(event)}${after(event.words)}`
    case 'refund-parked':
      return `${refund} needs review${code(event)}`
    default:
      return textOf(event.what)
  }
}

const code = (event: Record<string, unknown>) => (textOf(event.code) === '' ? '' : ` (${textOf(event.code)})`)
const after = (words: unknown) => (textOf(words) === '' ? '' : `: ${textOf(words)}`)
const by = (how: unknown) =>
  textOf(how) === ''
    ? ''
    : how === 'platform'
      ? ' by the platform'
      : how === 'person'
        ? ' by a person'
        : ` by its ${textOf(how)}`
const because = (why: unknown) => (isReason(why) ? `: ${describeReason(why)}` : '')
const isReason = (why: unknown): why is ReasonCode => typeof why === 'string' && Object.hasOwn(REASONS, why)

const HOLD_TEXTS: Record<HoldReason, (fields: string) => string> = {
  unreadable: fields => `a change that states ${fields} was rejected`,
  lowered: fields => `a source lowered or withdrew ${fields}`,
  swapped: () => 'one change replaced the card, the merchant account and the transaction',
}

/** Why refunds wait, from the names of the holds that were set: `reason field@origin`. */
function holdsText(list: unknown): string {
  const names = Array.isArray(list) ? list.map(textOf) : []
  const reasons = (Object.keys(HOLD_TEXTS) as HoldReason[]).filter(reason =>
    names.some(name => name.startsWith(reason)),
  )
  return reasons
    .map(reason => {
      const fields = names.filter(name => name.startsWith(reason)).map(name => name.slice(reason.length + 1))
      return HOLD_TEXTS[reason](fieldsIn(fields, undefined))
    })
    .join('; ')
}

/** A register of one origin is told as its field; `more` counts those that the event does not name. */
function fieldsIn(list: unknown, more: unknown): string {
  const names = Array.isArray(list) ? list.map(name => textOf(name).replace(/@.*$/, '')) : []
  if (names.length === 0) return 'nothing'
  return typeof more === 'number' ? `${names.join(', ')} and ${more} more fields` : names.join(', ')
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
