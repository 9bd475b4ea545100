import { connect, type Socket } from 'node:net'
import { signBody } from '../src/standard-webhooks.ts'
import { ALERT_EVERY_MS, alertEvents } from './alert-events.ts'
import { orderAtStep, STEPS, wholeOrder } from './orders.ts'
import { bodyOf } from './whole-answer.ts'

/**
 * A process that sends signed hooks over keep-alive connections, each next one as soon as a connection is free, or at its time
 * where it has one. Requests are whole buffers made before the clock starts, and answers are only counted: it takes as little as
 * it can of the machine it shares.
 */

export interface LoadPlan {
  port: number
  secret: string
  connections: number
  mix: Mix
  /** Orders, the first of them by number. */
  from: number
  orders: number
}
/**
 * `new`: each hook is a new order · `changes`: five hooks an order · `stream` and `settled`: the same, each at its time · `events`: each
 * hook is a new alert · `alerts`: the three events of an alert for each order, each at its time.
 */
export type Mix = 'new' | 'changes' | 'stream' | 'settled' | 'events' | 'alerts'

/** Times in milliseconds since 1970. */
export interface LoadResult {
  accepted: number
  refused: number
  startedAt: number
  endedAt: number
  bodyBytes: number
}

interface Sending {
  bytes: Buffer
  /** Milliseconds after the start; 0: as soon as it can be. */
  at: number
}

/** A block of orders goes through its changes together, so that changes of one order come near to each other but not at once. */
const BLOCK = 100
/** The stream: an order begins every so often, and goes through its changes within one to two seconds. */
const BEGIN_EVERY_MS = 5

let seed = 7
const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647

function* bodies(plan: LoadPlan): Generator<{ body: string; at: number }> {
  const { mix, from, orders } = plan
  if (mix === 'new') {
    for (let n = from; n < from + orders; n++) yield { body: JSON.stringify(wholeOrder(n)), at: 0 }
    return
  }
  if (mix === 'changes') {
    for (let block = from; block < from + orders; block += BLOCK) {
      for (let step = 1; step <= STEPS; step++) {
        for (let n = block; n < Math.min(block + BLOCK, from + orders); n++)
          yield { body: JSON.stringify(orderAtStep(n, step, true)), at: 0 }
      }
    }
    return
  }
  if (mix === 'events' || mix === 'alerts') {
    for (let n = from; n < from + orders; n++) {
      const events = mix === 'events' ? alertEvents(n).slice(0, 1) : alertEvents(n)
      for (const { event, afterMs } of events)
        yield { body: JSON.stringify(event), at: mix === 'events' ? 0 : (n - from) * ALERT_EVERY_MS + afterMs + 1 }
    }
    return
  }
  for (let n = from; n < from + orders; n++) {
    const begin = (n - from) * BEGIN_EVERY_MS
    const within = 1_000 + random() * 1_000
    const times = Array.from({ length: STEPS }, () => random() * within).toSorted((a, b) => a - b)
    for (const [i, time] of times.entries())
      yield { body: JSON.stringify(orderAtStep(n, i + 1, mix === 'settled')), at: begin + time - times[0]! + 1 }
  }
}

function prepare(plan: LoadPlan): Sending[] {
  seed = 7
  const seconds = Math.floor(Date.now() / 1_000)
  const isEvent = plan.mix === 'events' || plan.mix === 'alerts'
  const path = isEvent ? '/hooks/alerts/midigator' : '/hooks/orders/generic'
  const prepared = [...bodies(plan)].map(({ body, at }, i) => {
    const headers = isEvent
      ? { authorization: HOOK_CREDENTIALS }
      : signBody(plan.secret, `msg_${plan.mix}_${plan.from}_${i}`, seconds, body)
    const signed = Object.entries(headers)
    const head =
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${plan.port}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n${signed.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    return { bytes: Buffer.from(head + body), at }
  })
  return prepared.toSorted((a, b) => a.at - b.at)
}

async function send(plan: LoadPlan, sendings: Sending[]): Promise<LoadResult> {
  const sockets = Array.from({ length: plan.connections }, () => connect(plan.port, '127.0.0.1').setNoDelay(true))
  await Promise.all(sockets.map(socket => new Promise(resolve => socket.once('connect', resolve))))
  let [next, accepted, refused] = [0, 0, 0]
  const startedAt = performance.timeOrigin + performance.now()
  const elapsed = () => performance.timeOrigin + performance.now() - startedAt
  await Promise.all(sockets.map(work))
  const endedAt = performance.timeOrigin + performance.now()
  for (const socket of sockets) socket.destroy()
  return { accepted, refused, startedAt, endedAt, bodyBytes: sendings[0]?.bytes.length ?? 0 }

  function work(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let answer = ''
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the connection was closed')))
      socket.on('data', chunk => {
        answer += chunk.toString('latin1')
        if (bodyOf(answer) === null) return
        if (answer.startsWith('20', 9)) accepted++
        else refused++
        answer = ''
        advance()
      })
      const advance = () => {
        const sending = sendings[next++]
        if (!sending) return resolve()
        const waitMs = sending.at - (sending.at === 0 ? 0 : elapsed())
        if (waitMs > 1) setTimeout(() => socket.write(sending.bytes), waitMs)
        else socket.write(sending.bytes)
      }
      advance()
    })
  }
}

/** As `environment` configures them. */
const HOOK_CREDENTIALS = `Basic ${Buffer.from('bench:bench').toString('base64')}`

let ready: { plan: LoadPlan; sendings: Sending[] } | null = null
process.on('message', (message: { prepare: LoadPlan } | { go: true }) => {
  if ('prepare' in message) {
    ready = { plan: message.prepare, sendings: prepare(message.prepare) }
    process.send?.({ prepared: ready.sendings.length })
  } else if (ready) {
    void send(ready.plan, ready.sendings).then(result => process.send?.(result))
  }
})
process.send?.('ready')
process.once('SIGTERM', () => process.exit(0))
