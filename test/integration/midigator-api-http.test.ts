import { brotliCompressSync, gzipSync } from 'node:zlib'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeAnswer } from '../../src/domain/judge-answer.ts'
import { createHttpClient, type HttpClient } from '../../src/http-client.ts'

const MIB = 1024 * 1024
let seen: { method: string | undefined; headers: IncomingMessage['headers']; body: string }[]
let answer: { status: number; headers?: Record<string, string>; body: string | Buffer }
let server: Server
let url: string
let http: HttpClient
beforeEach(async () => {
  seen = []
  answer = { status: 200, body: 'ok' }
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body })
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/x`
  http = createHttpClient(2)
})
afterEach(() => {
  http.close()
  server.close()
})

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', body?: string) =>
  http.call({ method, url, headers: { 'x-own': '1' }, timeoutMs: 1_000, ...(body !== undefined && { body }) })

describe('a call', () => {
  it.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('goes out as %s, without a body and so without its type', async method => {
    expect(await call(method)).toEqual({ answer: { status: 200, words: 'ok', retryAfterMs: null }, text: 'ok' })
    expect(seen).toMatchObject([{ method, body: '', headers: { 'x-own': '1', accept: 'application/json' } }])
    expect(seen[0]?.headers['content-type']).toBeUndefined()
  }) // prettier-ignore

  it.each(['POST', 'PUT', 'DELETE'] as const)('goes out as %s with its body', async method => {
    await call(method, '{"a":"ü"}')
    expect(seen).toMatchObject([{ method, body: '{"a":"ü"}', headers: { 'content-type': 'application/json' } }])
  })

  it('follows no redirect', async () => {
    answer = { status: 302, headers: { location: '/y', 'retry-after': '3' }, body: 'moved' }
    expect(await call('GET')).toMatchObject({ answer: { status: 302, retryAfterMs: 3_000 }, text: 'moved' })
    expect(seen).toHaveLength(1)
  })

  it.each([['gzip', gzipSync], ['br', brotliCompressSync]] as const)('reads an answer packed by %s', async (encoding, pack) => {
    answer = { status: 200, headers: { 'content-encoding': encoding }, body: pack('{"a":"ü"}') }
    expect(await call('GET')).toMatchObject({ answer: { status: 200 }, text: '{"a":"ü"}' })
  }) // prettier-ignore

  it.each([
    ['packed bytes that become many more', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(64 * MIB, ' '))],
    ['packed bytes that are too many', { 'content-encoding': 'br' }, Buffer.alloc(3 * MIB)],
    ['too many bytes', {}, Buffer.alloc(3 * MIB, 'x')],
  ])('cannot read %s, and says so', async (_name, headers, body) => {
    answer = { status: 200, headers, body }
    const before = process.memoryUsage.rss()
    expect(await call('POST', '{}')).toEqual({ answer: { failure: 'oversized' }, text: '' })
    expect(judgeAnswer({ failure: 'oversized' }, 0)).toEqual({ next: 'back-off', code: 'oversized', doubt: true })
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * MIB)
  })

  it.each([
    ['packed otherwise', 'zstd'],
    ['packed by the name of a property', 'constructor'],
  ])('takes an answer that is %s as it is', async (_name, encoding) => {
    answer = { status: 200, headers: { 'content-encoding': encoding }, body: 'ok' }
    expect(await call('GET')).toMatchObject({ answer: { status: 200 }, text: 'ok' })
  })

  it('is lost where the answer is not packed as it says', async () => {
    answer = { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'ok' }
    expect(await call('GET')).toEqual({ answer: { failure: 'lost' }, text: '' })
  })

  it('that is given up before it begins is told as such', async () => {
    const said = await http.call({ method: 'GET', url, headers: {}, timeoutMs: 1_000, signal: AbortSignal.abort() })
    expect(said).toEqual({ answer: { failure: 'aborted' }, text: '' })
    expect(seen).toEqual([])
  })
})

describe('a push', () => {
  const push = () => http.push(url, { body: '{}', headers: {}, timeoutMs: 5_000 })

  it('asks for an answer that is not packed, and reads it', async () => {
    expect(await push()).toMatchObject({ answer: { status: 200 }, text: 'ok' })
    expect(seen).toMatchObject([{ headers: { 'accept-encoding': 'identity' } }])
  })

  it('is doubted when its answer has too many bytes, and hangs up', async () => {
    answer = { status: 200, body: Buffer.alloc(64 * MIB, 'x') }
    expect(await push()).toEqual({ answer: { failure: 'oversized' }, text: '' })
  })
})
