import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_NAMES } from '../../src/config-schema.ts'

type App = {
  name: string
  script: string
  cwd: string
  interpreter: string
  interpreter_args: string
  instances: number
} & {
  wait_ready: boolean
  kill_timeout: number
}

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const workers = readdirSync(join(root, 'workers'))
const names = workers.map(file => file.replace(/\.ts$/, '')).toSorted()
const { apps } = createRequire(import.meta.url)(join(root, 'ecosystem.config.cjs')) as { apps: App[] }

describe('the daemons', () => {
  it('exist', () => {
    expect(names).toContain('ingress')
    expect(workers.filter(file => !file.endsWith('.ts'))).toEqual([])
  })

  it.each(workers)('are no longer than thirty lines: %s', file => {
    expect(read(`workers/${file}`).trimEnd().split('\n').length).toBeLessThanOrEqual(30)
  })

  it('are the apps of ecosystem.config.cjs, one a file and by its name', () => {
    expect(apps.map(app => app.name).toSorted()).toEqual(names)
    expect(apps.map(app => app.script).toSorted()).toEqual(names.map(name => `workers/${name}.ts`))
    expect(apps.map(app => `${app.interpreter} ${app.interpreter_args} in ${app.cwd}`)).toEqual(
      apps.map(() => `node --import tsx in ${root}`),
    )
  })

  it('say when they are ready, and have longer to stop than the 25 s of their drain', () => {
    for (const app of apps) {
      expect(app.wait_ready).toBe(true)
      expect(app.kill_timeout).toBeGreaterThan(25_000)
    }
  })

  it('are the services of docker-compose.yml, beside Redis and the sandbox', () => {
    const daemons = composeServices()
    expect(daemons.delete('redis')).toBe(true)
    expect(daemons.delete('sandbox')).toBe(true)
    expect(daemons).toEqual(new Map(names.map(name => [name, `node --import tsx workers/${name}.ts`])))
  })
})

describe('docker-compose.yml', () => {
  it('hands every setting to the daemons', () => {
    const handed = [...read('docker-compose.yml').matchAll(/^ {4}([A-Z][A-Z0-9_]+):/gm)].map(match => match[1])
    // The image sets the first; the second is the port of the stand-in inside a container of its own.
    const notForDaemons = ['NODE_ENV', 'SANDBOX_PORT']
    expect(new Set(handed)).toEqual(new Set(CONFIG_NAMES.filter(name => !notForDaemons.includes(name))))
  })

  it('never publishes the operations port beyond this machine', () => {
    const published = [...read('docker-compose.yml').matchAll(/^ +- '(.*:\d+)'$/gm)].map(match => match[1])
    expect(published).toEqual(['${INGRESS_PUBLISH:-3000}:3000', '127.0.0.1:3001:3001', '127.0.0.1:3002:3002'])
  })

  it('lets no container write to its image, hold a capability it does not need, or gain one', () => {
    const text = read('docker-compose.yml')
    const block = (name: string) => new RegExp(`^((?: {2})?)${name}:.*\\n((?:\\1 +.*\\n)*)`, 'm').exec(text)?.[2] ?? ''
    for (const line of ['read_only: true', 'cap_drop: [ALL]', "security_opt: ['no-new-privileges:true']", '/tmp:'])
      expect(block('x-confined')).toContain(line)
    expect(block('x-daemon')).toContain('<<: *confined')
    expect(block('redis')).toContain('<<: *confined')
    for (const name of [...names, 'sandbox']) expect(`${name}:\n${block(name)}`).toContain('<<: *daemon')
    expect(text.match(/privileged|cap_add/g)).toEqual(['cap_add'])
  }) // prettier-ignore

  it('keeps what was accepted: every write on disk, nothing evicted', () => {
    const command = composeServices().get('redis')
    expect(command).toContain('redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction')
  })
})

/** Each service's command, by the service's name. */
function composeServices(): Map<string, string> {
  const services =
    read('docker-compose.yml')
      .split(/^services:$/m)[1]
      ?.split(/^\S/m)[0] ?? ''
  const blocks = services.split(/^ {2}(?=[a-z][a-z-]*:$)/m).slice(1)
  return new Map(blocks.map(block => [block.split(':')[0] ?? '', /^ +command: (.+)$/m.exec(block)?.[1] ?? '']))
}
