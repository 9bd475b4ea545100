import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/domain/judge-answer.ts'
import type { AlertLink } from '../../src/jobs/call-platform.ts'
import { catchUpAlerts, type CatchUpAlertsDeps } from '../../src/jobs/catch-up-alerts.ts'
import { again, done } from '../../src/jobs/job.ts'
import type { Published } from '../../src/platforms/platform.ts'
import { event, HOUR_MS, NOW } from './build-case.ts'

const OK: Answer = { status: 200, words: '', retryAfterMs: null }
const published = (guids: string[], next: string | null = null): Published => ({
  events: guids.map(guid => ({ event: event('alert', guid, {}), raw: { guid } })),
  passedOver: [],
  next,
})

type Pages = (page: string | null) => { answer: Answer; value?: Published }

/** One catch-up over platforms that publish these pages; `known`: guids that hooks had brought. */
async function catchUp(pages: Record<string, Pages | undefined>, known: string[] = [], lastLook: number | null = null) {
  const wishes: string[] = []
  const accepted: string[] = []
  const missed: string[] = []
  const kept: string[] = []
  const [unread, rung]: [string[], string[]] = [[], []]
  const gate = {
    enter: async () => ({ access: { token: 't', generation: 1 } }),
    renewOrDeny: async () => ({ outcome: again('never') }),
    tell: async () => {},
    outcomeOf: () => again('platform away'),
  }
  const linkOf = (name: string, of: Pages | undefined): AlertLink => {
    const list: NonNullable<AlertLink['platform']['list']> = async (_access, { sinceMs, page }, { timeoutMs }) => {
      wishes.push(`${name} ${sinceMs} ${page} ${timeoutMs}`)
      return of!(page)
    }
    return { platform: { ...(of && { list }) } as AlertLink['platform'], asking: gate, answering: gate }
  }
  const deps: CatchUpAlertsDeps = {
    acceptMissed: async (platform, { guid }, raw) => {
      accepted.push(`${platform} ${guid} ${JSON.stringify(raw)}`)
      return !known.includes(guid)
    },
    alertLinks: new Map(Object.entries(pages).map(([name, of]) => [name, linkOf(name, of)])),
    events: {
      caughtUpTo: async () => lastLook,
      keepCaughtUp: async (name, at) => void kept.push(`${name} ${at}`),
      keepListed: async (name, body) => {
        const text = `${name} ${JSON.stringify(body)}`
        return !unread.includes(text) && unread.push(text) > 0
      },
    },
    alarms: {
      raise: async (name, subject) => rung.push(`${name} ${subject}`) > 0,
    },
    redisNow: async () => NOW,
    throttleMaxMs: 1_000,
    pushTimeoutMs: 500,
    catchUpOverlapMs: 60_000,
    onCaughtUp: platform => void missed.push(platform),
  }
  const outcome = await catchUpAlerts.run({}, deps, { attemptsMade: 0, signal: new AbortController().signal })
  return { outcome, wishes, accepted, missed, kept, unread, rung }
}

describe('what platforms published', () => {
  it('is read from three days back at first, and from the last look on afterwards, each with an overlap', async () => {
    const first = await catchUp({ hit: () => ({ answer: OK, value: published([]) }) })
    expect(first.wishes).toEqual([`hit ${NOW - 72 * HOUR_MS - 60_000} null 500`])
    const next = await catchUp({ hit: () => ({ answer: OK, value: published([]) }) }, [], NOW - 9)
    expect(next.wishes).toEqual([`hit ${NOW - 9 - 60_000} null 500`])
  })

  it('is stored to the last page; what no hook had brought is counted', async () => {
    const pages: Pages = page => ({ answer: OK, value: page === null ? published(['a', 'b'], 'p2') : published(['c']) })
    const { outcome, wishes, accepted, missed, kept } = await catchUp({ quiet: undefined, hit: pages }, ['b'])
    expect(accepted).toEqual(['hit a {"guid":"a"}', 'hit b {"guid":"b"}', 'hit c {"guid":"c"}'])
    expect(wishes.map(wish => wish.split(' ')[2])).toEqual(['null', 'p2'])
    expect(missed).toEqual(['hit', 'hit'])
    expect(kept).toEqual([`hit ${NOW}`])
    expect(outcome).toEqual(done('hit: 2 missed'))
    expect(catchUpAlerts.key({})).toBe('all')
  })

  it('and cannot be read is kept once, masked, and rings', async () => {
    const odd = { type: 'new', card: '4012888888881881' }
    const pages: Pages = page => ({ answer: OK, value: { ...published(['a'], page === null ? 'p2' : null), passedOver: [odd, 7] } }) // prettier-ignore
    const { outcome, unread, rung } = await catchUp({ hit: pages })
    expect(unread).toEqual([expect.not.stringContaining('4012888888881881'), 'hit 7'])
    expect(rung).toEqual(['alert-unreadable hit', 'alert-unreadable hit'])
    expect(outcome).toEqual(done('hit: 2 missed'))
  })

  it('and cannot be read rings once while it is listed, and is left out where it is over 64 KiB', async () => {
    const listed = (...items: unknown[]) =>
      catchUp({ hit: () => ({ answer: OK, value: { ...published([]), passedOver: items } }) })
    expect((await listed(7)).rung).toEqual(['alert-unreadable hit'])
    expect((await listed(7, 7, 7)).rung).toEqual(['alert-unreadable hit'])
    const ofLength = (length: number) => 'x'.repeat(length - 2)
    expect((await listed(ofLength(65_536))).unread).toEqual([`hit "${ofLength(65_536)}"`])
    expect((await listed(ofLength(65_537))).unread).toEqual(['hit "left out: over 64 KiB"'])
  })

  it('of each platform is read; one without such a list is passed over', async () => {
    const pages: Pages = () => ({ answer: OK, value: published(['a']) })
    expect((await catchUp({ one: pages, quiet: undefined, two: pages })).outcome).toEqual(done('one: 1 missed; two: 1 missed')) // prettier-ignore
  })

  it.each<[says: string, answer: { answer: Answer; value?: Published }, why: string]>([
    ['is refused', { answer: { status: 400, words: 'no', retryAfterMs: null } }, 'refused-400'],
    ['cannot be read', { answer: OK }, 'unreadable'],
    ['is not to be had now', { answer: { failure: 'timeout' } }, 'platform away'],
  ])('and %s is asked for again from the same time on', async (_says, answer, why) => {
    const { outcome, kept } = await catchUp({ hit: () => answer })
    expect(outcome).toEqual(again(why))
    expect(kept).toEqual([])
  })

  it('without end is given up after a thousand pages', async () => {
    const { outcome, wishes, kept } = await catchUp({ hit: () => ({ answer: OK, value: published([], 'more') }) })
    expect(outcome).toEqual(again('too-many-pages'))
    expect(wishes).toHaveLength(1_000)
    expect(kept).toEqual([])
  })
})
