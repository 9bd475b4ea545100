import { isoTime, type TimelineEvent } from './order-view.ts'

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
    case 'failed':
      return `a push to ${platform} failed (${textOf(event.code)}), the ${ordinal(Number(event.failures))} time in a row`
    default:
      return textOf(event.what)
  }
}

/** A register of one origin is told as its field; `more` counts those that the event does not name. */
function fieldsIn(list: unknown, more: unknown): string {
  const names = Array.isArray(list) ? list.map(name => textOf(name).replace(/@.*$/, '')) : []
  if (names.length === 0) return 'nothing'
  return typeof more === 'number' ? `${names.join(', ')} and ${more} more fields` : names.join(', ')
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

function ordinal(count: number): string {
  const ending = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${ending}`
}
