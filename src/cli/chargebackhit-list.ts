import { InvalidArgumentError, type Command } from 'commander'
import type { Said } from '../platforms/api-answer.ts'
import type { ListQuery, Page } from '../platforms/chargebackhit/list-query.ts'
import { accepted } from './with-chargebackhit.ts'

const [LISTED, MOST] = [50, 10_000]
/** What the vendor's examples ask for; the greatest that is allowed is not published. */
const PAGE = 100

/** Gives a command the two options that every list has. */
export const asList = (command: Command): Command =>
  command.option('--limit <count>', 'at most so many', toCount, LISTED).option('--json', 'print JSON')

/** What those options come to. */
export interface ListFlags {
  limit: number
  json?: boolean
}

/** The first of a list, and whether there are more. Only the alerts are known to go by token, all lists by offset. */
export async function firstOf<Item>(
  list: (query: ListQuery) => Promise<Said<Page<Item>>>,
  { limit, method, ...query }: Omit<ListQuery, 'page'> & { limit: number; method: 'token' | 'offset' },
): Promise<{ items: Item[]; more: boolean }> {
  const { everyItem } = await import('../platforms/chargebackhit/every-item.ts')
  const size = Math.min(limit + 1, PAGE)
  const page = method === 'token' ? { method, limit: size, page_token: '' } : { method, limit: size, offset: 0 }
  const items: Item[] = []
  for await (const item of everyItem(async asked => accepted(await list(asked)), { ...query, page })) {
    if (items.length === limit) return { items, more: true }
    items.push(item)
  }
  return { items, more: false }
}

function toCount(given: string): number {
  const count = Number(given)
  if (/^\d{1,5}$/.test(given) && count >= 1 && count <= MOST) return count
  throw new InvalidArgumentError(`Expected a whole number, 1 to ${MOST}.`)
}
