import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../support/run-cli.ts'
import { runCommand } from '../support/run-command.ts'

const HOOK_SECRET = `whsec_${Buffer.from('sixteen bytes or more').toString('base64')}`

interface Hook {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** What the door was sent, and how it answers. */
let hooks: Hook[]
let answer: (hook: Hook, response: ServerResponse) => void
let door: Server
let url: string
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'order-sync-send-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach(async () => {
  hooks = []
  door = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const hook = { path: request.url ?? '', headers: request.headers, body }
      hooks.push(hook)
      answer(hook, response)
    })
  })
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
})

afterEach(() => new Promise(resolve => door.close(resolve)))

const changesIn = ({ body }: Hook) => JSON.parse(body) as { order_id: string }[]

function take(hook: Hook, response: ServerResponse): void {
  const results = changesIn(hook).map(({ order_id }) => ({ order_id, status: 'changed', rev: 1 }))
  response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
}

async function send(changes: unknown, ...flags: string[]) {
  const file = await fileOf(JSON.stringify(changes))
  return runCommand(['send', file, '--url', url, ...flags], { env: { HOOK_SECRET } })
}

async function fileOf(text: string): Promise<string> {
  const file = join(folder, 'changes.json')
  await writeFile(file, text)
  return file
}

const change = (order_id: string) => ({ order_id, occurred_at: '2026-01-31T09:20:11Z', order_status: 'Complete' })

describe('order-sync send', () => {
  it('signs as Standard Webhooks says', async () => {
    answer = take
    expect(await send(change('741258'))).toMatchObject({ code: 0, out: '741258  changed (rev 1)\n' })
    const [{ path, headers, body }] = hooks as [Hook]
    expect(path).toBe('/hooks/orders/generic')
    expect(new Webhook(HOOK_SECRET).verify(body, headers as Record<string, string>)).toEqual([change('741258')])
  })

  it('splits what one hook cannot take, and keeps the order', async () => {
    answer = take
    const ids = Array.from({ length: 2_100 }, (_, i) => `order-${i}`)
    const { code, out } = await send(ids.map(change), '--json')
    expect(code).toBe(0)
    expect(hooks.map(hook => changesIn(hook).length)).toEqual([1_000, 1_000, 100])
    expect((JSON.parse(out) as { results: { order_id: string }[] }).results.map(result => result.order_id)).toEqual(ids)
  })

  it('keeps every digit of a long number, read from standard input', async () => {
    answer = take
    await runCli(['send', '-', '--url', url], { env: { HOOK_SECRET }, input: '{"order_id": 98765432109876543210}' })
    expect(changesIn(hooks[0]!)).toEqual([{ order_id: '98765432109876543210' }])
  })

  it('waits as long as the door asks, and sends the same again', async () => {
    const cameAt: number[] = []
    answer = (hook, response) => {
      cameAt.push(performance.now())
      if (cameAt.length === 1) response.writeHead(503, { 'retry-after': '1' }).end()
      else take(hook, response)
    }
    expect((await send(change('1'))).code).toBe(0)
    expect(cameAt).toHaveLength(2)
    expect(cameAt[1]! - cameAt[0]!).toBeGreaterThan(950)
    expect(hooks[1]!.body).toBe(hooks[0]!.body)
    expect(hooks[1]!.headers['webhook-id']).toBe(hooks[0]!.headers['webhook-id'])
  })

  it('says how much was sent when the door shuts half-way', async () => {
    answer = (hook, response) => {
      if (hooks.length === 1) return take(hook, response)
      const message = 'expected v1, and the base64 HMAC'
      response.writeHead(401).end(JSON.stringify({ code: 'unverified', message, errors: [] }))
    }
    const { code, out, err } = await send(Array.from({ length: 1_001 }, (_, i) => change(`order-${i}`)))
    expect(code).toBe(1)
    expect(out).toContain('1000 changed')
    expect(err).toMatch(/1000 of 1001 changes were sent.*401: expected v1/)
  })
})

describe('order-sync send, in vain', () => {
  it.each([
    ['no secret', [], {}, '{}', /HOOK_SECRET: is missing/],
    ['no one at the address', ['--url', 'http://127.0.0.1:1'], { HOOK_SECRET }, '{}', /there is no answer at http:\/\/127.0.0.1:1\/hooks.*--url/],
    ['no JSON', [], { HOOK_SECRET }, '{"order_id"', /expected JSON/],
  ])('fails in one line: %s', async (_what, flags, env, input, words) => {
    const { code, out, err } = await runCommand(['send', await fileOf(input), ...flags], { env })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(words)
    expect(err).not.toMatch(/^ +at /m)
  }) // prettier-ignore
})
