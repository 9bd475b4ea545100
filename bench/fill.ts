import { Queue } from 'bullmq'
import { parseConfig } from '../src/config.ts'
import { createDeps } from '../src/deps.ts'
import { parseChange, type Change } from '../src/domain/change.ts'
import { mergeOrder } from '../src/domain/merge-order.ts'
import { orderPayload } from '../src/domain/order-payload.ts'
import { SENT_FIELDS, type SentField } from '../src/domain/order-fields.ts'
import { entriesOf, keepNote } from '../src/domain/register.ts'
import { wholeOrder, type OrderBody } from './orders.ts'

/** What stands in the store and the queue before a worker starts. */

const ORIGIN = { name: 'generic', rank: 50 }
const AT_ONCE = 500

function changeOf(body: OrderBody): Change {
  const parsed = parseChange(body)
  if ('errors' in parsed) throw new Error(`a body of the bench is refused: ${JSON.stringify(parsed.errors)}`)
  return parsed.change
}

/** Merges whole orders, which makes them dirty, and wants a job for each at once. */
export const fillDirty = (env: Record<string, string>, from: number, count: number): Promise<void> =>
  fill(env, count, i => wholeOrder(from + i), true)

/** Merges orders for which nobody wants a job: what is stored is measured, not what is sent. */
export const fillStored = (
  env: Record<string, string>,
  count: number,
  orderAt: (i: number) => OrderBody,
): Promise<void> => fill(env, count, orderAt, false)

async function fill(env: Record<string, string>, count: number, orderAt: (i: number) => OrderBody, isWanted: boolean) {
  const deps = createDeps(parseConfig(env, ['order-sync']), { name: 'bench', patience: 'patient' })
  for (let first = 0; first < count; first += AT_ONCE) {
    const changes = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => changeOf(orderAt(first + i)))
    await Promise.all(changes.map(change => deps.orders.merge(change, ORIGIN, 0)))
    if (isWanted) await deps.wantSync(changes.map(change => change.orderId))
  }
  await deps.close()
}

/** One job an order for the bare worker, which carries the very body that `order-sync` posts for it. */
export async function fillPosts(redisUrl: string, from: number, count: number): Promise<void> {
  const { hostname, port } = new URL(redisUrl)
  const queue = new Queue('change', { connection: { host: hostname, port: Number(port) }, prefix: '{baseline}' })
  const opts = { attempts: 10, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: true }
  for (let first = from; first < from + count; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, from + count - first) }, (_, i) => first + i)
    await queue.addBulk(numbers.map(n => ({ name: 'change', data: firstPayload(n), opts })))
  }
  await queue.close()
}

function firstPayload(n: number): Record<string, unknown> {
  const change = changeOf(wholeOrder(n))
  const { rev, registers, notes } = mergeOrder(null, entriesOf(change, ORIGIN), change.notes.map(keepNote), 0)
  const push = { pushes: 0, sent: false, acknowledged: {}, doubts: {}, attempt: null, refusal: null }
  const order = { orderId: change.orderId, rev, changedAt: 0, registers, notes, push }
  const present = new Set<SentField>([...registers.keys()].map(name => name.split('@')[0] as SentField).concat('notes'))
  return orderPayload(order, SENT_FIELDS.filter(field => present.has(field))) // prettier-ignore
}
