import type { Read } from '../api-answer.ts'
import { LIST } from './wire.ts'

/** Which page of a list is asked for: by offset, or by the token that the page before gave (empty for the first). */
export type PageWish =
  { method: 'offset'; limit: number; offset: number } | { method: 'token'; limit: number; page_token: string }

/** What a list is asked for; names of filters are in `wire.ts`. */
export interface ListQuery {
  filter?: Record<string, unknown>
  sort?: { field: string; direction: 'asc' | 'desc' }
  page?: PageWish
}

/** One page; `next` is the token of the next one, null at the end and where pages go by offset. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}

/** The JSON text of a list's request; what is left out is left to the platform. */
export function bodyOfQuery({ filter, sort, page }: ListQuery): string {
  return JSON.stringify({
    ...(filter && { [LIST.filter]: filter }),
    ...(sort && { [LIST.sort]: sort }),
    ...(page && { [LIST.pagination]: page }),
  })
}

/** The members of a JSON object; null of anything else. */
export const membersOf = (json: unknown): Record<string, unknown> | null =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null

/** Reads a page. One item that cannot be read spoils it: what is not seen would be missed in silence. */
export function readPage<Item>(readItem: Read<Item>): Read<Page<Item>> {
  return json => {
    const members = membersOf(json)
    const data = members?.[LIST.data]
    if (!members || !Array.isArray(data)) return null
    const items = data.map(readItem)
    if (!items.every(item => item !== null)) return null
    const token = membersOf(members[LIST.pagination])?.[LIST.nextPageToken]
    return { items, next: typeof token === 'string' && token !== '' ? token : null }
  }
}

/** One thing in an answer: below `data`, alone or as the only one of an array, or bare. */
export function oneIn(json: unknown): Record<string, unknown> | null {
  const members = membersOf(json)
  const data = members && LIST.data in members ? members[LIST.data] : members
  return membersOf(Array.isArray(data) && data.length === 1 ? data[0] : data)
}
