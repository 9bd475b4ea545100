import { AppError } from '../../errors.ts'
import { judgeAnswer, type Answer } from '../../domain/judge-answer.ts'
import type { Said } from '../api-answer.ts'
import type { ListQuery, Page } from './list-query.ts'

const FIRST_PAGE = { method: 'token', limit: 100, page_token: '' } as const

/**
 * Every item of a list, page by page, by the method that the query's page names (by token where it names none). Throws an
 * AppError that says whether to wait, to look or to try again, when a page was not given or cannot be read, and when the
 * platform goes in circles.
 */
export async function* everyItem<Item>(
  list: (query: ListQuery) => Promise<Said<Page<Item>>>,
  query: ListQuery,
): AsyncGenerator<Item, void, void> {
  const turns = turnsOf()
  let page: ListQuery['page'] | null = query.page ?? FIRST_PAGE
  while (page) {
    const said: Said<Page<Item>> = await list({ ...query, page })
    const { items, next } = pageIn(said)
    yield* items
    page = page.method === 'token' ? turns.byToken(page, next) : turns.byOffset(page, items)
  }
}

type TokenPage = { method: 'token'; limit: number; page_token: string }
type OffsetPage = { method: 'offset'; limit: number; offset: number }

/** What the page after one is, null after the last. */
function turnsOf() {
  const tokens = new Set<string>()
  let before = ''
  return {
    byToken: (page: TokenPage, next: string | null): TokenPage | null => {
      if (next === null) return null
      tokens.add(page.page_token)
      if (tokens.has(next)) throw circling()
      return { ...page, page_token: next }
    },
    /** Until a page is empty: a short one may be all that the platform gives at once, its greatest limit is not known. */
    byOffset: (page: OffsetPage, items: readonly unknown[]): OffsetPage | null => {
      if (items.length === 0) return null
      const now = JSON.stringify(items)
      if (now === before) throw circling()
      before = now
      return { ...page, offset: page.offset + items.length }
    },
  }
}

const circling = (): AppError =>
  new AppError('list-repeats', 'expected another page, got one that was given before; ask with a smaller limit')

function pageIn<Item>({ answer, value }: Said<Page<Item>>): Page<Item> {
  if (value) return value
  throw notGiven(answer)
}

/** Why there is no page, by rule 6's table. */
function notGiven(answer: Answer): AppError {
  const got = 'failure' in answer ? answer.failure : `status ${answer.status}`
  const told = (code: 'list-denied' | 'list-throttled' | 'list-failed' | 'list-rejected', retryAfterMs?: number) =>
    new AppError(code, `expected a page of a list, got ${got}`, {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  const verdict = judgeAnswer(answer, Number.POSITIVE_INFINITY)
  switch (verdict.next) {
    case 'accept':
      return new AppError('list-unreadable', 'expected a page of a list, got what is none')
    case 'renew-token':
    case 'stop':
      return told('list-denied')
    case 'wait':
      return told('list-throttled', verdict.ms)
    case 'back-off':
      return told('list-failed')
    case 'reject':
      return told('list-rejected')
  }
}
