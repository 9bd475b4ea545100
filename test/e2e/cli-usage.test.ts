import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/run-cli.ts'
import { runCommand } from '../support/run-command.ts'

/** Heartbeats are in the folder that the process's own environment names. */
async function withTmpdir<T>(path: string, run: () => Promise<T>): Promise<T> {
  const { env } = process
  const { TMPDIR } = env
  env.TMPDIR = path
  try {
    return await run()
  } finally {
    if (TMPDIR === undefined) delete env.TMPDIR
    else env.TMPDIR = TMPDIR
  }
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'order-sync-cli-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('order-sync, asked wrongly', () => {
  it.each([
    ['a command that does not exist', ['strat']],
    ['an argument that is missing', ['trace']],
    ['a daemon that does not exist', ['start', '--only', 'ingress,egress']],
    ['a replay of nothing', ['rejected', 'replay']],
    ['an alert of a type that does not exist', ['chargebackhit', 'simulate', 'refund']],
    ['a disenrolment that nobody can confirm', ['chargebackhit', 'disenroll', 'caid-1', 'rdr']],
    ['a completeness that names no time', ['sources', 'complete', 'generic']],
    ['a time that is none', ['sources', 'complete', 'generic', '--since', 'yesterday']],
    ['a forgetting that nobody can confirm', ['forget', '741258']],
  ])('answers 2 to %s, and says what it expected', async (_what, args) => {
    const { code, out, err } = await runCommand(args, { cwd: folder })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/error: .+|Usage: order-sync/)
    expect(err).not.toMatch(/^ +at /m)
  })
})

describe.concurrent('order-sync', () => {
  it('answers 2 as a process, too', async () => {
    expect(await runCli(['strat'], { cwd: folder, isShipped: true })).toMatchObject({ code: 2, out: '' })
  })

  it('lists its commands and its exit codes when asked for help, and answers 0', async () => {
    const { code, out } = await runCli(['--help'])
    expect(code).toBe(0)
    for (const name of [
      'start',
      'sandbox',
      'send',
      'trace',
      'sync',
      'rejected',
      'sources',
      'cases',
      'alarms',
      'refunds',
      'replay',
      'subscriptions',
      'chargebackhit',
      'forget',
      'doctor',
      'pause',
      'resume',
      'health',
    ])
      expect(out).toMatch(new RegExp(`^  ${name}\\b.* {2,}\\S`, 'm'))
    expect(out).toContain('0 done, 1 it failed, 2 wrong usage')
  })
})

describe('a run of one command', () => {
  it('knows each of those that the help lists', async () => {
    const listed = [...(await runCommand(['--help'])).out.matchAll(/^ {2}([a-z]+)\b.* {2,}\S/gm)].map(
      match => match[1]!,
    )
    expect(listed.length).toBeGreaterThan(20)
    for (const name of listed.filter(name => name !== 'help')) {
      const { code, out } = await runCommand([name, '--help'])
      expect([code, out.split('\n')[0]]).toEqual([0, expect.stringContaining(`Usage: order-sync ${name} `)])
    }
  })
})

describe('order-sync, wrongly configured', () => {
  it('tells every fault of the configuration at once, without a stack', async () => {
    const env = { REDIS_URL: 'localhost', PORT: '99999', SWEEP_MS: 'often' }
    const { code, out, err } = await runCommand(['doctor'], { env })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    for (const name of Object.keys(env)) expect(err).toContain(`  ${name}: expected`)
    expect(err).not.toMatch(/^ +at /m)
  })

  it('says how to begin where nothing is configured and no demo runs', async () => {
    const { code, err } = await runCommand(['trace', '741258'], { cwd: folder })
    expect(code).toBe(1)
    expect(err).toMatch(/REDIS_URL.*order-sync start/)
  })

  it('names the Redis that does not answer, and not the password for it', async () => {
    const { code, err } = await runCommand(['trace', '741258'], {
      env: { REDIS_URL: 'redis://me:hunter2@127.0.0.1:1' },
    })
    expect(code).toBe(1)
    expect(err).toMatch(/^order-sync: Redis does not answer at 127\.0\.0\.1:1 .*check REDIS_URL/)
    expect(err).not.toContain('hunter2')
  })
})

describe('order-sync health', () => {
  it('passes while a daemon beats, and fails once it stopped', async () => {
    const health = () => withTmpdir(folder, () => runCommand(['health']))
    expect(await health()).toMatchObject({ code: 1, err: expect.stringContaining('no daemon of this user runs') })
    const heartbeats = join(folder, `order-sync-${process.getuid!()}`)
    const heartbeat = join(heartbeats, `ingress-${process.pid}`)
    await writeFile(heartbeat, String(uptime()))
    expect(await health()).toMatchObject({ code: 0, out: expect.stringContaining('healthy: ingress') })
    await writeFile(heartbeat, String(uptime() - 60))
    await writeFile(join(heartbeats, 'alerts-4194305'), String(uptime()))
    expect(await health()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/ingress \(process \d+\) made no progress for 6\d s; 15 s are allowed/),
    })
  })
})
