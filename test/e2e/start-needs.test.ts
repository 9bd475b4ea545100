import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/run-cli.ts'

describe('order-sync start, with anything real configured', () => {
  it.each([
    ['one real variable', { HOOK_SECRET: `whsec_${Buffer.from('sixteen bytes or more').toString('base64')}` }],
    ['production', { NODE_ENV: 'production' }],
  ])('lists what is missing, and starts nothing: %s', async (_what, real) => {
    const empty = await mkdtemp(join(tmpdir(), 'order-sync-real-'))
    try {
      const { code, out, err } = await runCli(['start'], { env: real, cwd: empty })
      expect({ code, out }).toEqual({ code: 1, out: '' })
      const missing = [...err.matchAll(/^ {2}(\w+): is missing/gm)].map(match => match[1])
      const needed = ['REDIS_URL', 'MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_DATA_PASSWORD', 'OPS_USERNAME', 'OPS_PASSWORD']
      expect(missing).toEqual('HOOK_SECRET' in real ? needed : [...needed, 'HOOK_SECRET'])
      expect(err).toContain(`This is no demo, because ${Object.keys(real).join()} is set`)
      expect(existsSync(join(empty, '.order-sync'))).toBe(false)
    } finally {
      await rm(empty, { recursive: true })
    }
  })

  it('names a file that holds no secret once, and not its setting as missing, too', async () => {
    const { code, err } = await runCli(['start'], {
      env: { REDIS_URL: 'redis://127.0.0.1:1', OPS_USERNAME: 'ops', OPS_PASSWORD_FILE: '/nowhere' },
    })
    expect(code).toBe(1)
    expect(err).toContain('  OPS_PASSWORD_FILE: no secret at /nowhere')
    expect(err).not.toContain('  OPS_PASSWORD: is missing')
  })

  it.each([
    ['anything of them is set', ['start'], { REFUND_HTTP_SECRET_FILE: '/nowhere' }],
    ['their daemon is asked for by name', ['start', '--only', 'alerts'], {}],
  ])('lists what alerts need where %s', async (_what, args, real) => {
    const { code, out, err } = await runCli(args, { env: { REDIS_URL: 'redis://127.0.0.1:1', ...real } })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    for (const name of ['MIDIGATOR_API_SECRET', 'REFUND_MODE', 'REFUND_HTTP_URL'])
      expect(err).toContain(`  ${name}: is missing`)
    expect(err).toContain('  REFUND_HTTP_SECRET')
  })
})
