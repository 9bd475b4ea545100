import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { signed } from '../support/hook-sender.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { report } from '../support/report.ts'
import { residentMb } from '../support/resident-memory.ts'
import { isSoak, size } from '../support/sizes.ts'

const CONNECTIONS = size(60, 400)
const MIB = 1024 * 1024
const LIMIT_MB = 400
const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let fleet: Fleet

beforeAll(async () => {
  sandbox = await startSandbox()
  fleet = await startFleet({ redisUrl, namespace, dataUrl: sandbox.dataUrl, daemons: ['ingress'] })
})

afterAll(async () => {
  await fleet?.close()
  await sandbox?.close()
})

/** A connection of one of many senders that writes `bytes` of a body as fast as they are taken, and goes on after the answer. */
function flood(i: number, headers: Record<string, string>, bytes: number): { socket: Socket; status: () => number } {
  const { hostname, port } = new URL(fleet.hooks.url)
  const socket = connect({ port: Number(port), host: hostname, localAddress: `127.0.${1 + (i % 100)}.1` })
  const all = { host: 'x', 'content-type': 'application/json', 'content-length': `${4 * MIB}`, ...headers }
  socket.write(`POST /hooks/orders/generic HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  socket.write(Buffer.alloc(bytes, ' '))
  let text = ''
  socket.on('data', part => (text += part.toString('latin1'))).on('error', () => {})
  return { socket, status: () => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0) }
} // prettier-ignore

describe('an ingress that is flooded', () => {
  const FLOODS: readonly [string, () => Record<string, string>, number[]][] = [
    ['unsigned', () => ({}), [401]],
    ['signed in form alone', () => signed(fleet.hookSecret, Buffer.from('another body')), [0, 429, 503]],
  ]
  it.each(FLOODS)('with large %s requests stays small and answers good hooks', async (title, headers, allowed) => {
    const { pid } = fleet.of('ingress')[0]!
    const before = residentMb(pid)
    const floods = Array.from({ length: CONNECTIONS }, (_, i) => flood(i, headers(), 4 * MIB - 1))
    let peak = before
    const watch = setInterval(() => (peak = Math.max(peak, residentMb(pid))), 20)
    const [answers, took]: [number[], number[]] = [[], []]
    const until = performance.now() + (isSoak ? 8_000 : 1_500)
    for (let i = 0; performance.now() < until; i++) {
      const startedAt = performance.now()
      const change = { order_id: `${title} ${i}`, occurred_at: new Date(0).toISOString(), order_status: 'Complete' }
      const body = Buffer.from(JSON.stringify(change))
      answers.push((await fleet.hooks.sendBytes(body)).status)
      took.push(performance.now() - startedAt)
    }
    clearInterval(watch)
    const statuses = floods.map(({ status }) => status())
    for (const { socket } of floods) socket.destroy()
    report(`flood, ${title}`, {
      connections: CONNECTIONS,
      statuses: [...new Set(statuses)].toSorted((a, b) => a - b).map(status => `${status}×${statuses.filter(one => one === status).length}`).join(' '),
      memoryMb: `${Math.round(before)}, at most ${Math.round(peak)}`,
      goodHooks: answers.length,
      slowestMs: Math.round(Math.max(...took)),
    })
    expect(answers.filter(status => status !== 202)).toEqual([])
    expect(answers.length).toBeGreaterThan(0)
    expect(peak).toBeLessThan(LIMIT_MB)
    expect(statuses.filter(status => !allowed.includes(status))).toEqual([])
  }) // prettier-ignore

  it.runIf(isSoak)('ends connections that send too slowly, or nothing, after 30 s at most', async () => {
    const { hostname, port } = new URL(fleet.hooks.url)
    const slow = (lines: (i: number) => string) => {
      const socket = connect(Number(port), hostname)
      const startedAt = performance.now()
      socket.on('error', () => {}).resume()
      let i = 0
      const timer = setInterval(() => socket.writable && socket.write(lines(i++)), 500)
      return new Promise<number>(resolve =>
        socket.once('close', () => {
          clearInterval(timer)
          resolve((performance.now() - startedAt) / 1_000)
        }),
      )
    }
    const head = `POST /hooks/orders/generic HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n${Object.entries(signed(fleet.hookSecret, Buffer.from('x'))).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const [silent, headers, body] = await Promise.all([
      slow(() => ''),
      slow(i => (i === 0 ? 'GET / HTTP/1.1\r\n' : `x-${i}: slow\r\n`)),
      slow(i => (i === 0 ? head : ' ')),
    ])
    report('slow senders', { silentS: silent, headersS: headers, bodyS: body })
    for (const seconds of [silent, headers]) expect(seconds).toBeLessThan(15)
    expect(body).toBeLessThan(35)
  }) // prettier-ignore
})

describe('an order at its limit', () => {
  it('that is changed five hundred times in each delivery keeps no other hook waiting', async () => {
    const change = (orderId: string, i: number, fields: object = {}) =>
      ({ order_id: orderId, occurred_at: new Date(1_769_000_000_000 + i).toISOString(), order_status: 'Complete', ...fields })
    const products = Array.from({ length: 200 }, (_, i) => ({ name: `${i}${'x'.repeat(900)}`, sku: 's'.repeat(200) }))
    expect((await fleet.hooks.send(change('fat', 0, { products }))).status).toBe(202)
    const state = { isOver: false }
    const fat = (async () => {
      const took: number[] = []
      for (let round = 0; round < size(2, 20); round++) {
        const startedAt = performance.now()
        const changes = Array.from({ length: 500 }, (_, i) => change('fat', 1 + round * 500 + i, { order_total: `${i}.00`, currency: 'USD' }))
        expect((await fleet.hooks.send(changes)).status).toBe(202)
        took.push(performance.now() - startedAt)
      }
      state.isOver = true
      return took
    })()
    const took: number[] = []
    for (let i = 0; !state.isOver || i === 0; i++) {
      const startedAt = performance.now()
      expect((await fleet.hooks.send(change(`slim ${i}`, 0))).status).toBe(202)
      took.push(performance.now() - startedAt)
    }
    const deliveries = await fat
    const sorted = took.toSorted((a, b) => a - b)
    report('fat order', {
      deliveries: deliveries.length,
      deliveryMs: Math.round(Math.max(...deliveries)),
      otherHooks: took.length,
      sentAgain: fleet.hooks.sentAgain(),
      medianMs: Math.round(sorted[Math.floor(took.length / 2)]!),
      slowestMs: Math.round(sorted.at(-1)!),
    })
    // What hung up in the floods above is no fault of ours.
    expect(fleet.output().split('\n').filter(line => line.includes('"msg":"request failed"') && !line.includes('"code":"redis-away"'))).toEqual([])
  }) // prettier-ignore
})
