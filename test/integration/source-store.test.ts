import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createSourceStore } from '../../src/store/source-store.ts'
import { runCommand } from '../support/run-command.ts'
import { useScratch } from '../support/use-scratch.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { keysOf } from '../../src/store/keys.ts'

const { redisUrl, endings, nextNamespace } = useScratch()

/** Sources on real Redis under a clock of their own, and the command over them. */
function openSources() {
  const namespace = nextNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  endings.push(() => closeRedis(redis))
  const keys = keysOf(namespace)
  const time = { now: Date.UTC(2026, 0, 10) }
  const open = () => createSourceStore(redis, { keys, clock: () => time.now })
  const cli = (...words: string[]) =>
    runCommand(['sources', ...words], { env: { REDIS_URL: redisUrl, REDIS_NAMESPACE: namespace } })
  return { redis, keys, time, open, cli, sources: open() }
}

describe('a source', () => {
  it('is complete from its first change on, whatever process sees a later one', async () => {
    const { sources, open, time } = openSources()
    const first = time.now
    await sources.seen('generic')
    time.now += 1_000
    for (const store of [sources, open()]) await store.seen('generic')
    expect(await sources.list()).toEqual([
      { name: 'generic', firstAt: first, completeSince: first, by: 'first-change' },
    ])
  })

  it('costs Redis nothing once it is on record', async () => {
    const { sources, redis, keys } = openSources()
    await sources.seen('generic')
    await redis.del(keys.sources)
    await sources.seen('generic')
    expect(await sources.list()).toEqual([])
  })

  it('is complete since what an operator states, until a gap ends that', async () => {
    const { sources, time } = openSources()
    expect(await sources.complete('generic', 5, 'ann')).toBeNull()
    await sources.seen('generic')
    expect(await sources.complete('generic', 5, 'ann')).toMatchObject({ completeSince: 5, by: 'ann' })
    await sources.gap('generic', 4)
    expect(await sources.completeSince()).toBe(5)
    await sources.gap('generic', time.now)
    await sources.gap('unknown', time.now)
    expect(await sources.list()).toMatchObject([{ name: 'generic', completeSince: time.now, by: 'gap' }])
  })

  it('is one of several: all of them are complete since the latest', async () => {
    const { sources, time } = openSources()
    expect(await sources.completeSince()).toBeNull()
    await sources.seen('shop')
    time.now += 1_000
    await sources.seen('crm')
    expect((await sources.list()).map(({ name }) => name)).toEqual(['crm', 'shop'])
    expect(await sources.completeSince()).toBe(time.now)
    await sources.complete('crm', 5, 'ann')
    expect(await sources.completeSince()).toBe(time.now - 1_000)
  })
})

describe('order-sync sources', () => {
  it('lists since when each is complete, and takes an operator’s statement', async () => {
    const { sources, cli } = openSources()
    expect(await cli()).toMatchObject({ code: 0, out: 'No change of any source was accepted yet.\n' })
    await sources.seen('generic')
    const listed = await cli('list')
    expect(listed.code).toBe(0)
    expect(listed.out).toMatch(/^source +complete since \(UTC\) +stated by +first change \(UTC\)$/m)
    expect(listed.out).toMatch(/^generic +2026-01-10 00:00:00 +first-change +2026-01-10 00:00:00$/m)
    expect(await cli('complete', 'generic', '--since', '2025-10-01', '--by', 'ann')).toMatchObject({
      code: 0,
      out: 'generic is complete since 2025-10-01 00:00:00 UTC, stated by ann.\n',
    })
    expect(await sources.completeSince()).toBe(Date.UTC(2025, 9, 1))
    const mine = await cli('complete', 'generic', '--since', '2025-10-01T02:00:00+02:00', '--json')
    const view = {
      name: 'generic',
      complete_since: '2025-10-01T00:00:00.000Z',
      stated_by: `cli:${userInfo().username}`,
    }
    expect(JSON.parse(mine.out)).toMatchObject(view)
    expect(JSON.parse((await cli('list', '--json')).out)).toMatchObject({ sources: [view] })
  })

  it('says what is wrong: an unknown source, a time that has not come, a time that is none', async () => {
    const { sources, cli } = openSources()
    const complete = (name: string, since: string) => cli('complete', name, '--since', since)
    expect(await complete('generic', '2025-10-01')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('send its first change') })
    await sources.seen('generic')
    expect(await complete('shop', '2025-10-01')).toMatchObject({ code: 1, err: expect.stringContaining('expected one of generic') })
    expect(await complete('generic', '2099-01-01')).toMatchObject({ code: 1, err: expect.stringContaining('in the future') })
    expect(await complete('generic', '1.10.2025')).toMatchObject({ code: 2, err: expect.stringContaining('ISO 8601') })
    expect(await cli('complete', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--since <date>') })
  }) // prettier-ignore
})
