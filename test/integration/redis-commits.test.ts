import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCommits, type StartCommit } from '../../src/redis/commits.ts'
import { closeRedis, connectRedis, whenReady, type Redis } from '../../src/redis/connect.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { startRedisServer, type RedisServer } from '../support/redis-servers.ts'

const WAIT_MS = 300
testNamespace()
let main: RedisServer
let redis: Redis
let startCommit: StartCommit

beforeAll(async () => {
  main = await startRedisServer()
})
afterAll(() => main.close())
beforeEach(async () => {
  redis = connectRedis(`redis://127.0.0.1:${main.port}`, 'commits', 'patient')
  startCommit = createCommits(redis, '{commits}', WAIT_MS)
  await whenReady(redis, 10_000)
})
afterEach(() => closeRedis(redis))

async function write(): Promise<void> {
  const commit = startCommit()
  await redis.incr('{commits}:count')
  await commit()
}

describe('without a replica', () => {
  it('a commit is the write alone: nothing is waited for', async () => {
    await Promise.all(Array.from({ length: 20 }, write))
    expect(await main.ask('INFO', 'commandstats')).not.toContain('cmdstat_wait')
    expect(await redis.get('{commits}:count')).toBe('20')
  })
})

describe('with a replica', () => {
  let replica: RedisServer
  beforeAll(async () => {
    replica = await startRedisServer(() => ['--replicaof', '127.0.0.1', String(main.port)])
    await eventually(async () => {
      if (!(await main.ask('INFO', 'replication'))?.includes('state=online')) throw new Error('no replica follows yet')
    })
  })
  afterAll(() => replica.close())

  it('a commit waits until the replica has what was written, and many share one wait', async () => {
    await eventually(write)
    const waits = async () =>
      Number(/cmdstat_wait:calls=(\d+)/.exec((await main.ask('INFO', 'commandstats')) ?? '')?.[1] ?? 0)
    const before = await waits()
    await Promise.all(Array.from({ length: 20 }, write))
    expect(await replica.ask('GET', '{commits}:count')).toBe(await redis.get('{commits}:count'))
    expect((await waits()) - before).toBeGreaterThan(0)
    expect((await waits()) - before).toBeLessThan(20)
  })

  it('a commit fails while no replica confirms, and not once one does', async () => {
    replica.signal('SIGSTOP')
    await expect(write()).rejects.toThrow('no replica confirmed')
    replica.signal('SIGCONT')
    await eventually(write)
  })

  it('a commit fails where the connection was lost between the write and its confirmation', async () => {
    await eventually(write)
    const commit = startCommit()
    await redis.incr('{commits}:count')
    redis.stream.destroy()
    await eventually(() => expect(redis.status).toBe('ready'))
    // WAIT on the new connection would confirm at once: it wrote nothing.
    expect(await redis.wait(1, WAIT_MS)).toBe(1)
    await expect(commit()).rejects.toThrow('connection changed')
    await write()
  })

  it('a commit fails at first where the only replica has gone: the primary may be the one that was cut off', async () => {
    await eventually(write)
    await replica.kill()
    await eventually(async () => expect(await main.ask('INFO', 'replication')).toContain('connected_slaves:0'))
    await expect(write()).rejects.toThrow('no replica confirmed')
  })
})
