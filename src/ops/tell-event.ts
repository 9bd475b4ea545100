import { saysOf, WHYS, type WhyCode } from '../domain/case/reasons.ts'
import type { HoldReason } from '../domain/order.ts'
import { moneyText } from './case-row.ts'
import { isoTime, type TimelineEvent } from './order-view.ts'
import { ordinal } from './ordinal.ts'
import { answerText } from './tell-case.ts'

/** An event as it is kept, with readable times and the whole of it in a sentence. */
export function tellEvent(kept: Record<string, unknown>): TimelineEvent {
  const { at, what, occurredAt, ...details } = kept
  return {
    at: isoTime(Number(at)),
    what: textOf(what),
    says: sentenceOf(kept),
    ...(typeof occurredAt === 'number' && { occurred_at: isoTime(occurredAt) }),
    ...details,
  }
}

function sentenceOf(event: Record<string, unknown>): string {
  const fields = fieldsIn(event.fields, event.more)
  const [platform, origin, rev] = [textOf(event.platform), textOf(event.origin), textOf(event.rev)]
  switch (event.what) {
    case 'changed':
      return `${origin} changed ${fields} (rev ${rev})`
    case 'held':
      return `${origin} changed ${fields} (rev ${rev}); held, because the order is not settled yet`
    case 'stale':
      return `${origin} sent a change older than what is known; nothing of it won`
    case 'pushed':
      return `${platform} accepted ${fields}`
    case 'refused':
      return `${platform} refused ${fields} with ${textOf(event.status)}: ${textOf(event.words)}`
    case 'refunds-held':
      return `automatic refunds are on hold: ${holdsText(event.holds)}`
    case 'failed':
      return `a push to ${platform} failed (${textOf(event.code)}), the ${ordinal(Number(event.failures))} time in a row`
    default:
      return alertSays(event)
  }
}

/** What alerts brought, and what became of them. */
function alertSays(event: Record<string, unknown>): string {
  const id = textOf(event.case)
  const alert = `${textOf(event.partner) || 'an'} alert ${id}`
  switch (event.what) {
    case 'alert':
      return `${alert} over ${moneyText(event.amount, event.currency)} was tied to it${by(event.by)}`
    case 'request':
      return `a refund of it was asked for (${id})`
    case 'chargeback':
      return `it is charged back (${id})`
    case 'decided':
      return `${textOf(event.by)} ${WORDS[textOf(event.word)] ?? 'decided'} (${id})${after(event.reason)}`
    case 'answer-chosen':
      return `${alert} is to be answered ${answerText(textOf(event.type), textOf(event.description))}`
    case 'resolved':
      return `${alert} was answered ${answerText(textOf(event.type), textOf(event.description))}`
    case 'answer-refused':
      return `the answer to ${alert} was refused with ${textOf(event.status)}`
    case 'parked':
      return `${alert} needs a person${because(event.why)}`
    case 'awaiting-approval':
      return `the refund for ${alert} waits to be approved${because(event.why)}`
    default:
      return refundSays(event)
  }
}

const WORDS: Record<string, string> = {
  approve: 'approved the refund',
  refuse: 'decided against the refund',
  resolve: 'chose the answer',
}

function refundSays(event: Record<string, unknown>): string {
  const refund = `the refund of ${moneyText(event.amount, event.currency)}`
  switch (event.what) {
    case 'refund-sent':
      return `${refund} was sent to the gateway${event.approved_by ? `, released by ${textOf(event.approved_by)}` : ''}`
    case 'refunded':
      return `${refund} is confirmed${textOf(event.arn) === '' ? '' : `, ARN ${textOf(event.arn)}`}`
    case 'refund-pending':
      return `the gateway has ${refund} and is not done with it`
    case 'refund-uncertain':
      return `nobody knows yet whether ${refund} took effect${code(event)}; it is looked up before anything is sent again`
    case 'refund-refused':
      return `the gateway refused ${refund}${code(event)}${after(event.words)}`
    case 'refund-parked':
      return `${refund} needs a person${code(event)}`
    default:
      return textOf(event.what)
  }
}

const code = (event: Record<string, unknown>) => (textOf(event.code) === '' ? '' : ` (${textOf(event.code)})`)
const after = (words: unknown) => (textOf(words) === '' ? '' : `: ${textOf(words)}`)
const by = (how: unknown) =>
  textOf(how) === '' ? '' : how === 'platform' ? ' by the platform' : ` by its ${textOf(how)}`
const because = (why: unknown) => (isWhy(why) ? `: ${saysOf(why)}` : '')
const isWhy = (why: unknown): why is WhyCode => typeof why === 'string' && Object.hasOwn(WHYS, why)

const HOLD_TEXTS: Record<HoldReason, (fields: string) => string> = {
  unreadable: fields => `a change that states ${fields} was rejected`,
  lowered: fields => `a source lowered ${fields}`,
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
