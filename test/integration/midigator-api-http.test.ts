import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../src/http-client.ts'

let seen: { method: string | undefined; headers: IncomingMessage['headers']; body: string }[]
let answer: { status: number; headers?: Record<string, string>; body: string }
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

  it('keeps a megabyte of the answer and follows no redirect', async () => {
    answer = { status: 302, headers: { location: '/y', 'retry-after': '3' }, body: 'x'.repeat(1_200_000) }
    const said = await call('GET')
    expect(said.answer).toMatchObject({ status: 302, retryAfterMs: 3_000 })
    expect(said.text).toHaveLength(1_048_576)
    expect(seen).toHaveLength(1)
  })

  it('that is given up before it begins is told as such', async () => {
    const said = await http.call({ method: 'GET', url, headers: {}, timeoutMs: 1_000, signal: AbortSignal.abort() })
    expect(said).toEqual({ answer: { failure: 'aborted' }, text: '' })
    expect(seen).toEqual([])
  })
})
