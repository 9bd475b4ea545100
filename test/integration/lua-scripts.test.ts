import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { loadScript, runScript } from '../../src/store/scripts.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const folder = join(import.meta.dirname, '../../src/store/lua')
const luaFiles = (path: string) => readdirSync(path).filter(file => file.endsWith('.lua'))
const scripts = luaFiles(folder).map(file => file.replace('.lua', ''))
const includes = luaFiles(join(folder, 'includes')).map(file => file.replace('.lua', ''))
const bodyOf = (path: string) => readFileSync(join(folder, `${path}.lua`), 'utf8')
const headerOf = (body: string) => body.slice(0, body.search(/^[^-\n]/m))

const { namespace, redisUrl } = testNamespace()
const redis = connectRedis(redisUrl, namespace, 'patient')
afterAll(() => closeRedis(redis))

describe.each(scripts)('the script %s', name => {
  const body = bodyOf(name)

  it('states its purpose, its keys and arguments, every return, and what it keeps', () => {
    const lines = headerOf(body).split('\n')
    expect(lines[0]).toMatch(/^-- [A-Z][^:]+[.:,]/)
    const parts = ['KEYS', 'ARGV', 'Returns', 'Keeps:']
    expect(parts.filter(part => !lines.some(line => line.startsWith(`-- ${part}`)))).toEqual([])
  })

  it('names in its header every key and argument that it uses', () => {
    const header = headerOf(body)
    const code = body.slice(header.length)
    for (const kind of ['KEYS', 'ARGV']) {
      const used = [...code.matchAll(new RegExp(`${kind}\\[(\\d+)\\]`, 'g'))].map(match => Number(match[1]))
      const told = header.slice(header.indexOf(`-- ${kind}`))
      const untold = used.filter(index => !new RegExp(`[ -]${index} `).test(told))
      expect(untold.map(index => `${kind}[${index}]`)).toEqual([])
    }
  })

  it('fits on one screen', () => {
    expect(body.split('\n').length).toBeLessThanOrEqual(95)
  })

  it('is taken by Redis together with every include it needs', async () => {
    const { source, sha } = loadScript(name)
    expect(await redis.script('LOAD', source)).toBe(sha)
    const code = source.replace(/--[^\n]*/g, '')
    const undefinedWhenCalled = includes.filter(include => {
      const calledAt = code.search(new RegExp(`(?<!local function )\\b${include}\\(`))
      const definedAt = code.indexOf(`local function ${include}(`)
      return calledAt >= 0 && (definedAt < 0 || definedAt > calledAt)
    })
    expect(undefinedWhenCalled).toEqual([])
  })
})

it('every include says what it promises, and some script uses it', () => {
  const all = scripts.map(name => loadScript(name).source).join('\n')
  for (const include of includes) {
    expect(bodyOf(`includes/${include}`)).toMatch(/^-- [A-Z]/)
    expect(all).toContain(`local function ${include}(`)
  }
})

it('a script runs also on a Redis that has never seen it or has forgotten it', async () => {
  const key = `{${namespace}}:lock`
  const release = loadScript('release-lock')
  for (const word of ['one', 'two']) {
    await redis.script('FLUSH')
    await redis.set(key, word)
    expect(await runScript(redis, release, [key], [word])).toBe(1)
    expect(await redis.exists(key)).toBe(0)
  }
})
