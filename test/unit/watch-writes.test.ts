import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../src/log.ts'
import type { Refusal } from '../../src/redis/refusals.ts'
import { watchWrites } from '../../src/watch-writes.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_769_000_000_000 }))
afterEach(() => void vi.useRealTimers())

/** A process that looks every second and alarms after two, and what its receiver is sent; `set` changes what Redis and receiver do. */
function watched() {
  const world = { refusal: null as Refusal | null, isTaken: true }
  const posts: string[] = []
  const counted: Refusal[] = []
  const watch = watchWrites({
    probe: async () => world.refusal,
    log: createLog('silent', 'test'),
    now: Date.now,
    onRefusal: refusal => void counted.push(refusal),
    onAlarm: () => {},
    postAlarm: async ({ id, state, says }) => {
      posts.push(`${state} ${id.split('|').slice(2, 3).join('')} ${says}`)
      return world.isTaken
    },
    postTimeoutMs: 1_000,
  })
  watch.start({ everyMs: 1_000, alarmAfterMs: 2_000 })
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000)
  return { world, posts, counted, watch, pass }
}
const FULL = 'raised out-of-memory Redis memory is full: maxmemory is reached'
const OVER = 'cleared out-of-memory Redis takes writes again.'

describe('a process whose writes are refused', () => {
  it('counts the beginning, alarms once it lasts, and sends its end', async () => {
    const { world, posts, counted, watch, pass } = watched()
    await pass(3)
    world.refusal = 'out-of-memory'
    await pass(2)
    expect(posts).toEqual([])
    await pass(20)
    expect(posts).toEqual([FULL])
    expect(watch.refused()).toMatchObject({ refusal: 'out-of-memory', since: 1_769_000_004_000 })
    world.refusal = null
    await pass(20)
    expect([posts, counted, watch.refused()]).toEqual([[FULL, OVER], ['out-of-memory'], null])
  })

  it('alarms of nothing that is over at once, and of one refusal once a minute', async () => {
    const { world, posts, pass } = watched()
    for (let i = 0; i < 5; i++) {
      world.refusal = 'read-only'
      await pass(1)
      world.refusal = null
      await pass(5)
    }
    expect(posts).toEqual([])
    for (let i = 0; i < 6; i++) {
      world.refusal = 'out-of-memory'
      await pass(5)
      world.refusal = null
      await pass(5)
    }
    expect(posts).toEqual([FULL, OVER])
    world.refusal = 'out-of-memory'
    await pass(5)
    expect(posts).toEqual([FULL, OVER, FULL])
  })

  it('sends what was not taken again, and no end of what was never taken', async () => {
    const { world, posts, pass } = watched()
    world.isTaken = false
    world.refusal = 'out-of-memory'
    await pass(14)
    expect(posts).toEqual([FULL, FULL, FULL])
    world.refusal = null
    await pass(20)
    expect(posts).toHaveLength(3)
    world.isTaken = true
    world.refusal = 'disk'
    await pass(10)
    world.isTaken = false
    world.refusal = null
    await pass(8)
    world.isTaken = true
    await pass(20)
    expect(posts.slice(3).map(post => post.split(' ').slice(0, 2).join(' '))).toEqual(['raised disk', 'cleared disk', 'cleared disk', 'cleared disk']) // prettier-ignore
  })

  it('continues one alarm where one refusal follows another', async () => {
    const { world, posts, counted, pass } = watched()
    world.refusal = 'out-of-memory'
    await pass(10)
    world.refusal = 'unreachable'
    await pass(10)
    world.refusal = null
    await pass(10)
    expect([posts, counted]).toEqual([
      [FULL, OVER],
      ['out-of-memory', 'unreachable'],
    ])
  })
})
