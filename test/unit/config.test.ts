import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIG_NAMES } from '../../src/config-schema.ts'
import { ConfigError, isDemo, loadConfig, parseConfig, readEnvironment, SECRETS } from '../../src/config.ts'

const SECRET = `whsec_${Buffer.from('sixteen bytes!!!').toString('base64')}`
const REAL = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MIDIGATOR_DATA_USERNAME: 'user',
  MIDIGATOR_DATA_PASSWORD: 'password',
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}
const namesAtFault = (env: Record<string, string>, ...roles: Parameters<typeof parseConfig>[1]) =>
  faultsOf(() => parseConfig(env, roles)).map(fault => fault.split(':')[0] ?? '')

describe('the configuration', () => {
  it('has the defaults of the contract', () => {
    expect(parseConfig({}, [])).toMatchObject({
      REDIS_NAMESPACE: 'order-sync',
      HOST: '127.0.0.1',
      PORT: 3000,
      OPS_PORT: 3001,
      SANDBOX_PORT: 3002,
      TRUST_PROXY: false,
      MIDIGATOR_DATA_URL: 'https://dapi.midigator.com/v1',
      ORDER_SYNC_CONCURRENCY: 50,
      ORDER_SYNC_SETTLE_MS: 1_000,
      ORDER_SYNC_DRY_RUN: false,
      PUSH_TIMEOUT_MS: 15_000,
      PUSH_DOUBT_MS: 120_000,
      BACKOFF_MAX_MS: 300_000,
      SWEEP_MS: 30_000,
      ORDER_RETENTION_DAYS: 400,
      LOG_LEVEL: 'info',
      REFUND_HTTP_KEEPS_KEYS_HOURS: 0,
      REFUND_LIST_LAG_MS: 120_000,
      REQUEST_SETTLE_MS: 10_000,
      MATCH_LOOKBACK_DAYS: 180,
      MATCH_GRACE_MS: 3_600_000,
      LIKELY_AT_STOP: 'person',
      PENDING_AT_STOP: 'person',
    })
    for (const name of ['DEFAULT_CURRENCY', 'REDIS_URL', 'HOOK_SECRET', 'MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_RATE_MAX', 'OPS_PASSWORD', 'HOOK_RATE_MAX'] as const)
      expect(parseConfig({}, [])[name]).toBeUndefined()
  }) // prettier-ignore

  it('takes an empty variable as one that is not set', () => {
    const empty = Object.fromEntries(CONFIG_NAMES.map(name => [name, '']))
    expect(parseConfig(empty, [])).toEqual(parseConfig({}, []))
  })

  it('tells every fault at once, each by the name of its variable: wrong, missing, and at odds with another', () => {
    const env = { PORT: 'x', LOG_LEVEL: 'loud', HOOK_SECRET: 'abc', ORDER_SYNC_LOCK_MS: '1000', BACKOFF_MIN_MS: '9', BACKOFF_MAX_MS: '5', OPS_USERNAME: 'ops' } // prettier-ignore
    expect(namesAtFault(env, 'ingress', 'order-sync', 'ops').toSorted()).toEqual([
      'BACKOFF_MAX_MS',
      'HOOK_SECRET',
      'LOG_LEVEL',
      'MIDIGATOR_DATA_PASSWORD',
      'MIDIGATOR_DATA_USERNAME',
      'OPS_PASSWORD',
      'ORDER_SYNC_LOCK_MS',
      'PORT',
      'REDIS_URL',
    ])
  })

  it('says all of them in the message, and never the value of a secret', () => {
    const error = new ConfigError(faultsOf(() => parseConfig({ HOOK_SECRET: 'hunter2hunter2', PORT: 'x' }, ['ingress'])))
    expect(error.message).toMatch(/3 faults/)
    expect(error.message).toMatch(/PORT.*\n.*HOOK_SECRET|HOOK_SECRET.*\n.*PORT/s)
    expect(error.message).not.toContain('hunter2')
  }) // prettier-ignore

  it.each([
    ['REDIS_URL', ['http://x', 'localhost:6379', 'redis'], ['redis://h:1', 'rediss://u:p@h:1/2']],
    ['REDIS_NAMESPACE', ['a b', '{x}', 'x'.repeat(65)], ['shard-1', 'a.b_c']],
    ['PORT', ['-1', '65536', '80.5', '0x50', ' 80', '1e3', '٣'], ['0', '65535']],
    [
      'TRUST_PROXY',
      ['on', 'true', 'yes', '-1', '1.5', '0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy.example', '10.0.0.1,'],
      ['off', 'false', '0', '1', '2', '10.0.0.1', '10.0.0.0/8, 2001:db8::/32'],
    ],
    ['MIDIGATOR_DATA_URL', ['dapi.midigator.com', 'ftp://x', 'redis://x'], ['http://127.0.0.1:3002', 'https://x/v1/']],
    ['HOOK_SECRET', ['whsec_', 'whsec_AAAA', 'x', `${SECRET} x`, SECRET.slice(6)], [SECRET, `${SECRET}  ${SECRET}`]],
    ['ORDER_SYNC_DRY_RUN', ['yes', 'ON', '2'], ['on', 'off', 'true', 'false', '1', '0']],
    ['ORDER_SYNC_CONCURRENCY', ['0', '-1', '1.5', 'many'], ['1', '500']],
    ['MIDIGATOR_RATE_MAX', ['0', '-1', 'none'], ['1', '100']],
    ['LOG_LEVEL', ['INFO', 'verbose'], ['debug', 'silent']],
    ['ORDER_SYNC_SETTLE_MS', ['-1', '1s'], ['0', '1000']],
    ['REFUND_HTTP_KEEPS_KEYS_HOURS', ['-1', '1.5', 'off'], ['0', '24']],
    ['MATCH_LOOKBACK_DAYS', ['0', '-1'], ['1', '400']],
    ['LIKELY_AT_STOP', ['answer', 'Act', 'wait'], ['person', 'act']],
    ['PENDING_AT_STOP', ['act', 'Person', 'pending'], ['person', 'answer']],
    ['DEFAULT_CURRENCY', ['usd', 'USS', 'US', '840', 'dollar'], ['USD', 'EUR', 'JPY']],
    ['REFUND_LIMIT_CURRENCY', ['usd', 'USS'], ['USD', 'KWD']],
  ])('%s refuses what is no such thing', (name, wrong, right) => {
    const refuses = (value: string) => namesAtFault({ [name]: value }).join() === name
    expect(wrong.filter(value => !refuses(value))).toEqual([])
    expect(right.filter(value => namesAtFault({ [name]: value }).length > 0)).toEqual([])
  })

  it('reads addresses without a slash at their end, and several secrets', () => {
    const config = parseConfig({ MIDIGATOR_DATA_URL: 'https://x/v1//', HOOK_SECRET: `${SECRET} ${SECRET}` }, [])
    expect(config.MIDIGATOR_DATA_URL).toBe('https://x/v1')
    expect(config.HOOK_SECRET).toEqual([SECRET, SECRET])
  })

  it('refuses a lock that is not longer than the time limit of a push', () => {
    expect(namesAtFault({ ORDER_SYNC_LOCK_MS: '15000', PUSH_TIMEOUT_MS: '15000' })).toEqual(['ORDER_SYNC_LOCK_MS'])
    expect(namesAtFault({ PUSH_TIMEOUT_MS: '30000' })).toEqual(['ORDER_SYNC_LOCK_MS'])
    expect(namesAtFault({ ORDER_SYNC_LOCK_MS: '15001', PUSH_TIMEOUT_MS: '15000' })).toEqual([])
    // One that is wrong by itself contradicts nothing.
    expect(namesAtFault({ ORDER_SYNC_LOCK_MS: '1000', PUSH_TIMEOUT_MS: 'x' })).toEqual(['PUSH_TIMEOUT_MS'])
  })

  it.each([
    ['CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY'],
    ['CHARGEBACKHIT_SECRET_KEY', 'CHARGEBACKHIT_PUBLIC_KEY'],
  ])('refuses %s without %s: half a pair signs nothing', (given, missing) => {
    expect(namesAtFault({ [given]: 'key-1' })).toEqual([missing])
    expect(faultsOf(() => parseConfig({ [given]: 'key-1' }, [])).join()).not.toContain('key-1')
    expect(namesAtFault({ [given]: 'key-1', [missing]: 'key-2' })).toEqual([])
    expect(namesAtFault({ [given]: 'key-1', CHARGEBACKHIT_SECRET_KEY_FILE: '/no/such/file' })).toEqual(
      given === 'CHARGEBACKHIT_PUBLIC_KEY' ? ['CHARGEBACKHIT_SECRET_KEY_FILE'] : ['CHARGEBACKHIT_PUBLIC_KEY'],
    )
  })

  it('lets a part that is not configured be, and asks for all of one that is', () => {
    const all = ['ingress', 'order-sync', 'alerts', 'scheduler', 'ops', 'cli'] as const
    const base = { REDIS_URL: REAL.REDIS_URL, OPS_USERNAME: 'ops', OPS_PASSWORD: 'a good long password' }
    const orders = { MIDIGATOR_DATA_USERNAME: 'u', MIDIGATOR_DATA_PASSWORD: 'p' }
    const gateway = { REFUND_HTTP_URL: 'https://refunds.example.com', REFUND_HTTP_SECRET: `whsec_${btoa('at least sixteen bytes')}` } // prettier-ignore
    const midigator = { MIDIGATOR_API_SECRET: 's' }
    const chargebackhit = { CHARGEBACKHIT_PUBLIC_KEY: 'k1', CHARGEBACKHIT_SECRET_KEY: 'k2' }
    const lacks = (...given: Record<string, string>[]) => namesAtFault(Object.assign({}, base, ...given), ...all)
    expect(lacks(orders)).toEqual([])
    expect(lacks(midigator, { REFUND_MODE: 'off' })).toEqual([])
    expect(lacks(chargebackhit, { REFUND_MODE: 'auto' }, gateway)).toEqual([])
    expect(lacks(orders, midigator, chargebackhit, { REFUND_MODE: 'auto' }, gateway)).toEqual([])
    expect(lacks(midigator)).toEqual(['REFUND_MODE', 'REFUND_HTTP_URL', 'REFUND_HTTP_SECRET'])
    expect(lacks(midigator, { REFUND_MODE: 'approve' })).toEqual(['REFUND_HTTP_URL', 'REFUND_HTTP_SECRET'])
    expect(lacks(orders, { REFUND_MODE: 'off' })).toEqual([])
    expect(lacks(orders, { REFUND_MODE: 'auto' }, gateway)).toEqual(['MIDIGATOR_API_SECRET'])
    expect(lacks({ MIDIGATOR_DATA_USERNAME: 'u' })).toEqual(['MIDIGATOR_DATA_PASSWORD'])
    expect(lacks().toSorted()).toEqual(['MIDIGATOR_API_SECRET', 'MIDIGATOR_DATA_PASSWORD', 'MIDIGATOR_DATA_USERNAME', 'REFUND_HTTP_SECRET', 'REFUND_HTTP_URL', 'REFUND_MODE']) // prettier-ignore
  })

  it('asks each process for what it cannot do without', () => {
    expect(namesAtFault({}, 'ingress')).toEqual(['REDIS_URL'])
    expect(namesAtFault({ REDIS_URL: REAL.REDIS_URL }, 'order-sync')).toEqual(['MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_DATA_PASSWORD']) // prettier-ignore
    expect(namesAtFault({ REDIS_URL: REAL.REDIS_URL }, 'ops')).toEqual([])
    expect(namesAtFault({ REDIS_URL: REAL.REDIS_URL, OPS_USERNAME: 'ops' }, 'ops')).toEqual(['OPS_PASSWORD'])
    expect(namesAtFault(REAL, 'ingress', 'order-sync', 'scheduler', 'cli')).toEqual([])
    expect(faultsOf(() => parseConfig({}, ['ingress', 'order-sync', 'scheduler', 'ops', 'cli']))).toHaveLength(3)
  })
})

describe('the demo', () => {
  it('is what runs when nothing real is configured', () => {
    expect(isDemo({})).toBe(true)
    expect(isDemo({ PORT: '4000', LOG_LEVEL: 'debug', REDIS_NAMESPACE: 'x', ORDER_SYNC_DRY_RUN: 'on', OPS_PASSWORD: 'x', MIDIGATOR_DATA_URL: '' })).toBe(true) // prettier-ignore
  })

  it.each(['REDIS_URL', 'REDIS_URL_FILE', 'HOOK_SECRET', 'HOOK_SECRET_FILE', 'MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_DATA_PASSWORD_FILE', 'MIDIGATOR_DATA_URL', 'MIDIGATOR_API_SECRET', 'MIDIGATOR_ANYTHING', 'CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY_FILE', 'CHARGEBACKHIT_URL', 'REFUND_MODE', 'REFUND_HTTP_SECRET'])('never runs once %s is set', name => {
    expect(isDemo({ [name]: 'x' })).toBe(false)
  }) // prettier-ignore

  it('never runs in production', () => {
    expect(isDemo({ NODE_ENV: 'production' })).toBe(false)
    expect(isDemo({ NODE_ENV: 'development' })).toBe(true)
  })
})

describe('the environment', () => {
  let folder = ''
  const home = process.cwd()

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'))
    process.chdir(folder)
  }) // prettier-ignore
  afterEach(() => {
    process.chdir(home)
    rmSync(folder, { recursive: true })
  })
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('has a .env file beneath it', () => {
    file('.env', 'PORT=4000\nOPS_PORT=4001\n# a comment\nHOST="0.0.0.0"\n')
    expect(parseConfig(readEnvironment({ OPS_PORT: '5001' }), [])).toMatchObject({
      PORT: 4000,
      OPS_PORT: 5001,
      HOST: '0.0.0.0',
    })
  })

  it('is itself where there is no .env file', () => {
    expect(readEnvironment({ PORT: '4000' })).toEqual({ PORT: '4000' })
    expect(readEnvironment()).toMatchObject({ PATH: process.env.PATH })
  })

  it('takes every setting that is named a secret or a password from a file too', () => {
    expect(CONFIG_NAMES.filter(name => /_(SECRET|PASSWORD)$/.test(name) && !SECRETS.includes(name))).toEqual([])
  })

  it.each(SECRETS)('reads %s from the file that its _FILE names, without the newline at its end', name => {
    const given = { [`${name}_FILE`]: file('secret', 'from the file\n') }
    expect(readEnvironment(given)[name]).toBe('from the file')
    expect(readEnvironment({ ...given, [name]: '' })[name]).toBe('from the file')
    expect(readEnvironment({ ...given, [name]: 'set' })[name]).toBe('set')
  }) // prettier-ignore

  it('tells of every secret that cannot be read, together with the other faults', () => {
    const given = {
      MIDIGATOR_DATA_USERNAME_FILE: join(folder, 'missing'),
      MIDIGATOR_DATA_PASSWORD_FILE: folder,
      PORT: 'x',
    }
    const faults = faultsOf(() => loadConfig('order-sync', given))
    expect(faults.map(fault => fault.split(':')[0] ?? '').toSorted()).toEqual([
      'MIDIGATOR_DATA_PASSWORD_FILE',
      'MIDIGATOR_DATA_USERNAME_FILE',
      'PORT',
      'REDIS_URL',
    ])
  })

  it('with a secret in a file is no demo, also while the file is missing', () => {
    expect(isDemo(readEnvironment({ MIDIGATOR_DATA_PASSWORD_FILE: join(folder, 'missing') }))).toBe(false)
  })
})
