import { execSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedRedis } from '../../src/embedded-redis/start.ts'
import type { EmbeddedRedis, EmbeddedRedisOptions } from '../../src/embedded-redis/start.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'

const startModule = fileURLToPath(new URL('../../src/embedded-redis/start.ts', import.meta.url))
const running: EmbeddedRedis[] = []
const children: ChildProcess[] = []
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'order-sync test '))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(running.splice(0).map(redis => redis.stop()))
  await rm(folder, { recursive: true, force: true })
})

describe('the embedded Redis', () => {
  it('answers on loopback, refuses to evict, and a throw-away one writes nothing to disk', async () => {
    const redis = await start()
    expect(redis).toMatchObject({ host: '127.0.0.1', url: `redis://127.0.0.1:${redis.port}` })
    expect(await settingsOf(redis, ['bind', 'protected-mode', 'maxmemory-policy', 'appendonly', 'save'])).toEqual({
      bind: '127.0.0.1',
      'protected-mode': 'yes',
      'maxmemory-policy': 'noeviction',
      appendonly: 'no',
      save: '',
    })
    const { dir = '' } = await settingsOf(redis, ['dir'])
    await write(redis, 'order', '741258')
    expect(await readdir(dir)).toEqual([])
  })

  it('removes the temporary folder of a throw-away server, and the server, on stop', async () => {
    const redis = await start()
    const { dir = '' } = await settingsOf(redis, ['dir'])
    expect(existsSync(dir)).toBe(true)
    await redis.stop()
    expect(existsSync(dir)).toBe(false)
    expect(isAlive(redis.pid)).toBe(false)
    await expect(canConnect(redis.port)).resolves.toBe(false)
    await expect(redis.stop()).resolves.toBeUndefined()
  })

  it('runs several at once, each on a port of its own', async () => {
    const servers = await Promise.all([start(), start(), start()])
    expect(new Set(servers.map(server => server.port)).size).toBe(3)
    for (const server of servers) await write(server, 'who', `${server.port}`)
    for (const server of servers) expect(await read(server, 'who')).toBe(`${server.port}`)
  })

  it('keeps data over a stop and a start in the same folder', async () => {
    const dataDir = join(folder, 'data')
    const first = await start({ dataDir })
    expect(await settingsOf(first, ['appendonly', 'appendfsync'])).toEqual({
      appendonly: 'yes',
      appendfsync: 'everysec',
    })
    await write(first, 'order', '741258')
    await first.stop()
    expect(await read(await start({ dataDir }), 'order')).toBe('741258')
  })

  it('keeps every answered write over kill -9 with appendFsync always', async () => {
    const first = await start({ dataDir: folder, appendFsync: 'always' })
    for (let number = 0; number < 20; number += 1) await write(first, `order:${number}`, `${number}`)
    await first.kill()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start({ dataDir: folder, appendFsync: 'always' })
    expect(await settingsOf(second, ['appendfsync'])).toEqual({ appendfsync: 'always' })
    for (let number = 0; number < 20; number += 1) expect(await read(second, `order:${number}`)).toBe(`${number}`)
  })

  it('can start again on the port it was killed on', async () => {
    const first = await start()
    await first.kill()
    expect((await start({ port: first.port })).port).toBe(first.port)
  })
})

describe('an embedded Redis that cannot start', () => {
  it('names the port that is taken', async () => {
    const first = await start()
    await expect(start({ port: first.port })).rejects.toThrow(`Port ${first.port} of 127.0.0.1`)
  })

  it('names the folder that a living one uses, and leaves that one alone', async () => {
    const first = await start({ dataDir: folder })
    await write(first, 'order', '1')
    await expect(start({ dataDir: folder })).rejects.toMatchObject({
      code: 'redis-folder-in-use',
      message: expect.stringContaining(folder),
    })
    expect(await read(first, 'order')).toBe('1')
  })

  it('lets one of two that start in the same folder at once have it', async () => {
    const results = await Promise.allSettled([start({ dataDir: folder }), start({ dataDir: folder })])
    expect(results.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('takes over a folder whose claim was cut short by a crash', async () => {
    await writeFile(join(folder, 'in-use.json'), '{"ownerP')
    const redis = await start({ dataDir: folder })
    expect(await write(redis, 'order', '1')).toBe('OK')
  })

  it('shows the end of the log of a server that gives up', async () => {
    await mkdir(join(folder, 'appendonlydir'))
    await writeFile(join(folder, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n')
    await expect(start({ dataDir: folder })).rejects.toThrow(/did not start[^]*manifest/)
    expect(existsSync(join(folder, 'in-use.json'))).toBe(false)
  })

  it('says in one sentence which command to type when there is no Redis and none can be fetched', async () => {
    const nothing = { path: folder, cacheDir: join(folder, 'cache') }
    await expect(start(nothing)).rejects.toMatchObject({
      code: 'redis-missing',
      message: expect.stringMatching(
        /^No Redis was found [^.]*; get one with: .*(install|add|-S|run) .*(redis|valkey)/,
      ),
    })
  })
})

describe('an embedded Redis whose parent is killed with -9', () => {
  it('ends, and leaves neither its shell nor its temporary folder behind', async () => {
    const child = await startInChild({})
    const { dir = '' } = await settingsOf(child.redis, ['dir'])
    const keeper = parentOf(child.redis.pid)
    child.process.kill('SIGKILL')
    await eventually(async () => expect(await canConnect(child.redis.port)).toBe(false))
    await eventually(() => expect(isAlive(child.redis.pid)).toBe(false))
    await eventually(() => expect(isAlive(keeper)).toBe(false))
    await eventually(() => expect(existsSync(dir)).toBe(false))
  })

  it.runIf(isLong)('ends also while a script keeps it busy', async () => {
    const child = await startInChild({})
    const { dir = '' } = await settingsOf(child.redis, ['dir'])
    const client = new Redis(child.redis.url, { retryStrategy: null })
    client.on('error', () => {})
    await client.config('SET', 'lua-time-limit', 20) // How soon others are told BUSY.
    const endless = client.eval('while true do end', 0).catch(() => {})
    await eventually(async () => expect(await isBusy(child.redis)).toBe(true))
    child.process.kill('SIGKILL')
    await eventually(() => expect(isAlive(child.redis.pid)).toBe(false), { withinMs: 10_000 })
    await eventually(() => expect(existsSync(dir)).toBe(false))
    await endless
    client.disconnect()
  })

  it('gives its folder, with the data, to the next one that starts at once', async () => {
    const child = await startInChild({ dataDir: folder })
    await write(child.redis, 'order', '741258')
    child.process.kill('SIGKILL')
    await once(child.process, 'exit')
    expect(await read(await start({ dataDir: folder }), 'order')).toBe('741258')
  })

  it('does not get the signal of a Ctrl-C in the terminal, being in a session of its own', async () => {
    const child = await startInChild({}, { detached: true })
    // The whole process group, as a terminal does it; the child ignores it as a draining daemon would.
    process.kill(-child.process.pid!, 'SIGINT')
    await eventually(() => expect(child.lines).toContain('SIGINT'))
    await write(child.redis, 'still', 'here')
    child.process.kill('SIGKILL')
    await eventually(() => expect(isAlive(child.redis.pid)).toBe(false))
  })
})

it('does not keep its process alive by itself', async () => {
  const child = await startInChild({}, { stays: false })
  await eventually(() => expect(child.process.exitCode).toBe(0))
  await eventually(() => expect(isAlive(child.redis.pid)).toBe(false))
})

const hasApt = existsSync('/usr/bin/apt-get')
describe.skipIf(!hasApt)(`a system without Redis${hasApt ? '' : ' (skipped: there is no apt-get here)'}`, () => {
  it.runIf(isLong)(
    'fetches one from its packages, two processes at once, and uses the cache from then on',
    async () => {
      const path = await pathOf(['apt-get', 'dpkg-deb'])
      const cacheDir = join(folder, 'cache')
      const said: string[] = []
      const options = { path, cacheDir, say: (line: string) => void said.push(line) }
      const [ours, child] = await Promise.all([start(options), startInChild({ path, cacheDir })])
      expect(said[0]).toContain('fetching')
      await write(ours, 'who', 'ours')
      await write(child.redis, 'who', 'the child')
      expect(await read(ours, 'who')).toBe('ours')
      const kept = await readdir(cacheDir)
      expect(kept).toEqual([expect.stringMatching(/^redis-/)])

      said.length = 0
      const third = await start({ ...options, path: await pathOf([]) })
      await write(third, 'who', 'third')
      expect(said).toEqual([])
    },
  )
})

async function start(options: EmbeddedRedisOptions = {}): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis(options)
  running.push(redis)
  return redis
}

/** A PATH on which only these programs of the system are found. */
async function pathOf(programs: string[]): Promise<string> {
  const bin = await mkdtemp(join(folder, 'bin-'))
  for (const name of programs) await symlink(`/usr/bin/${name}`, join(bin, name))
  return bin
}

type Child = { process: ChildProcess; redis: { url: string; port: number; pid: number }; lines: string[] }

/** A process of its own that starts an embedded Redis, prints it, ignores SIGINT and stays (or has nothing left to do). */
async function startInChild(options: EmbeddedRedisOptions, { detached = false, stays = true } = {}): Promise<Child> {
  const script = `
    const { startEmbeddedRedis } = await import(${JSON.stringify(startModule)})
    process.on('SIGINT', () => console.log('SIGINT'))
    console.log(JSON.stringify(await startEmbeddedRedis(${JSON.stringify(options)})))
    if (${stays}) setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    detached,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  const first = await eventually(() => lines[0] ?? Promise.reject(new Error('the child printed nothing')), {
    withinMs: 15_000,
  })
  return { process: child, redis: JSON.parse(first) as Child['redis'], lines }
}

async function withClient<T>(redis: { url: string }, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url, { lazyConnect: true, retryStrategy: null, enableReadyCheck: false })
  try {
    await client.connect()
    return await use(client)
  } finally {
    client.disconnect()
  }
}

const write = (redis: { url: string }, key: string, value: string) =>
  withClient(redis, client => client.set(key, value))
const read = (redis: { url: string }, key: string) => withClient(redis, client => client.get(key))

async function settingsOf(redis: { url: string }, names: string[]): Promise<Record<string, string>> {
  return withClient(redis, async client => {
    const found: Record<string, string> = {}
    for (const name of names) found[name] = String((await client.config('GET', name))[1])
    return found
  })
}

async function isBusy(redis: { url: string }): Promise<boolean> {
  return read(redis, 'any').then(Boolean, (error: unknown) => String(error).includes('BUSY'))
}

function parentOf(pid: number): number {
  return Number(
    execSync(`awk '/^PPid/ { print $2 }' /proc/${pid}/status || ps -o ppid= -p ${pid}`, { encoding: 'utf8' }),
  )
}

/** A process that has ended but that init has not collected yet (a zombie) is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/stat') || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })
}
