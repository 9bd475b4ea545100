import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { eventually } from './eventually.ts'

const sockets = new Set<Socket>()
subscribe('net.client.socket', message => void sockets.add((message as { socket: Socket }).socket))

/**
 * A namespace of the calling test file's own, and the Redis to use it on. When the file has ended it fails if a
 * connection to that Redis, a child process, or a key outside every namespace is left; then it deletes its keys.
 *
 * Call it above the file's own `afterAll`: vitest runs those last to first, so that this check comes last.
 */
export function testNamespace(): { namespace: string; redisUrl: string } {
  const namespace = `test-${randomUUID().slice(0, 8)}`
  const redisUrl = inject('redisUrl')
  let strayBefore: string[] = []
  beforeAll(() => withRedis(redisUrl, async redis => void (strayBefore = await strayKeys(redis))))
  afterAll(async () => {
    await eventually(() => expect(childProcesses(), 'child processes left running by this file').toBe(0))
    await withRedis(redisUrl, async redis => {
      await eventually(async () =>
        expect(await openConnections(redis), 'connections to Redis left open by this file').toEqual([]),
      )
      await eventually(async () =>
        expect(await connectionsNamed(redis, namespace), 'connections of other processes left open').toEqual([]),
      )
      const timed = await timedByTheQueue(redis, namespace)
      const stray = (await strayKeys(redis)).filter(key => !strayBefore.includes(key))
      await deleteKeys(redis, `{${namespace}}*`)
      expect(stray, 'keys written outside every namespace').toEqual([])
      expect(timed, 'jobs with a delay, a back-off or a schedule of the queue’s own').toEqual([])
    })
  })
  return { namespace, redisUrl }
}

/** Deletes every key that matches a SCAN pattern, a thousand at a time. */
export async function deleteKeys(redis: Redis, pattern: string): Promise<void> {
  const keys = await keysLike(redis, pattern)
  for (let at = 0; at < keys.length; at += 1_000) await redis.unlink(...keys.slice(at, at + 1_000))
}

async function withRedis(url: string, use: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, connectionName: 'no-leftovers' })
  try {
    await redis.connect()
    await use(redis)
  } finally {
    redis.disconnect()
  }
}

/** What is still connected to this Redis from this process beside this connection, as Redis lists it; reconnecting clients count as soon as they are back. */
async function openConnections(redis: Redis): Promise<string[]> {
  const { localPort, remotePort } = redis.stream
  const open = [...sockets].filter(socket => !socket.destroyed && socket.remotePort === remotePort && socket.localPort !== localPort)
  if (open.length === 0) return []
  const listed = String(await redis.client('LIST')).split('\n')
  return open.map(socket => listed.find(line => line.includes(`:${socket.localPort} `)) ?? `local port ${socket.localPort}, unknown to Redis`)
} // prettier-ignore

async function connectionsNamed(redis: Redis, namespace: string): Promise<string[]> {
  const list = String(await redis.client('LIST'))
  return list.split('\n').filter(line => / name=\S/.test(line) && line.includes(namespace))
}

function childProcesses(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'ProcessWrap').length
}

/** Times that a queue keeps itself, by the clock of whichever process looks: there are none. */
async function timedByTheQueue(redis: Redis, namespace: string): Promise<string[]> {
  const kept = await Promise.all(['delayed', 'repeat'].map(name => keysLike(redis, `{${namespace}*}:*:${name}`)))
  return kept.flat()
}

async function strayKeys(redis: Redis): Promise<string[]> {
  return (await keysLike(redis, '*')).filter(key => !key.startsWith('{'))
}

async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) found.add(key)
  } while (cursor !== '0')
  return [...found]
}
