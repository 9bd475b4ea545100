import { z } from 'zod'
import { constraintsOf } from './chargebackhit-answer-body.ts'
import type { Constraints } from './chargebackhit-answer-body.ts'

const limit = z.int().min(1).max(1_000).default(100)

const listBody = z.strictObject({
  filter: z.record(z.string(), z.unknown()).default({}),
  sort: z.strictObject({ field: z.string(), direction: z.enum(['asc', 'desc']).default('desc') }).optional(),
  pagination: z
    .discriminatedUnion('method', [
      z.strictObject({ method: z.literal('offset'), limit, offset: z.int().min(0).default(0) }),
      z.strictObject({ method: z.literal('token'), limit, page_token: z.string().max(500).default('') }),
    ])
    .default({ method: 'offset', limit: 100, offset: 0 }),
})

type Pagination = z.infer<typeof listBody>['pagination']

/** Whether an item passes a filter's value; undefined where the value is not one that the filter takes. */
export type Filter<Item> = (value: unknown) => ((item: Item) => boolean) | undefined

/** How one kind of thing is listed: its filters, the fields it can be sorted by, and its place among equals. */
export interface ListRules<Item> {
  filters: Record<string, Filter<Item>>
  /** Milliseconds or other numbers; a list without any cannot be sorted. */
  sorts: Record<string, (item: Item) => number>
  seqOf: (item: Item) => number
}

/** Takes a list of texts, of which the item's must be one. */
export const oneOf =
  <Item>(textOf: (item: Item) => unknown): Filter<Item> =>
  value => {
    const read = z.array(z.string()).min(1).safeParse(value)
    if (!read.success) return undefined
    return item => {
      const text = textOf(item)
      return typeof text === 'string' && read.data.includes(text)
    }
  }

/** Takes one text, which the item's must be. */
export const equalTo =
  <Item>(textOf: (item: Item) => unknown): Filter<Item> =>
  value =>
    typeof value === 'string' ? item => textOf(item) === value : undefined

/** Takes a time, RFC 3339; the item's is not before it (`from`) or not after it (`to`). */
export const timed =
  <Item>(atOf: (item: Item) => number, side: 'from' | 'to'): Filter<Item> =>
  value => {
    const at = z.iso.datetime({ offset: true }).safeParse(value).success ? Date.parse(String(value)) : Number.NaN
    if (Number.isNaN(at)) return undefined
    return side === 'from' ? item => atOf(item) >= at : item => atOf(item) <= at
  }

/** A page of a list, or what is wrong with the request. */
export type Listing<Item> = { items: Item[]; pagination: Record<string, unknown> } | { constraints: Constraints }

/** Filters, sorts and cuts a list as a request has it. */
export function listOf<Item>(all: readonly Item[], body: unknown, rules: ListRules<Item>): Listing<Item> {
  const read = listBody.safeParse(body ?? {})
  if (!read.success) return { constraints: constraintsOf(read.error) }
  const { filter, sort, pagination } = read.data
  const keyOf = sort ? rules.sorts[sort.field] : () => 0
  if (!keyOf) return { constraints: { 'sort.field': 'is not indexed' } }
  const passes: ((item: Item) => boolean)[] = []
  for (const [name, value] of Object.entries(filter)) {
    const pass = Object.hasOwn(rules.filters, name) ? rules.filters[name]?.(value) : undefined
    if (!pass) return { constraints: { [`filter.${name}`]: 'is not a filter, or not a value of it' } }
    passes.push(pass)
  }
  const place = { keyOf, seqOf: rules.seqOf, sign: sort?.direction === 'asc' ? 1 : -1 }
  const sorted = all
    .filter(item => passes.every(pass => pass(item)))
    .toSorted((a, b) => place.sign * compare(positionOf(place, a), positionOf(place, b)))
  return pageOf(sorted, pagination, place)
}

interface Place<Item> {
  keyOf: (item: Item) => number
  seqOf: (item: Item) => number
  sign: number
}

type Position = [key: number, seq: number]

const positionOf = <Item>({ keyOf, seqOf }: Place<Item>, item: Item): Position => [keyOf(item), seqOf(item)]
const compare = (a: Position, b: Position): number => a[0] - b[0] || a[1] - b[1]

function pageOf<Item>(sorted: Item[], pagination: Pagination, place: Place<Item>): Listing<Item> {
  if (pagination.method === 'offset') {
    const { limit, offset } = pagination
    return { items: sorted.slice(offset, offset + limit), pagination: { limit, offset, total: sorted.length } }
  }
  const after = readToken(pagination.page_token)
  if (after === undefined) return { constraints: { 'pagination.page_token': 'is not one of ours' } }
  // What is published while somebody pages moves nothing: a token is a place, not a count.
  const rest = after ? sorted.filter(item => place.sign * compare(positionOf(place, item), after) > 0) : sorted
  const items = rest.slice(0, pagination.limit)
  const last = items.at(-1)
  const next = last !== undefined && rest.length > items.length ? tokenOf(positionOf(place, last)) : ''
  return { items, pagination: { next_page_token: next } }
}

const tokenOf = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url')

/** Null for the first page, undefined where the token is none. */
function readToken(token: string): Position | null | undefined {
  if (token === '') return null
  try {
    return z.tuple([z.number(), z.number()]).parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
  } catch {
    return undefined
  }
}
