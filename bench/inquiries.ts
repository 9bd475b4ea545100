import { boughtOrder } from './buyers.ts'
import { fillStored } from './fill.ts'
import type { InquiryPlan, InquiryResult } from './inquiry-load.ts'
import { quantile } from './numbers.ts'
import { startProcess, startRedis, until, type BenchRedis } from './processes.ts'
import { environment, NAMESPACE, startIngress } from './settings.ts'

/** (g) Inquiries answered from so many stored orders, a hundred a second; milliseconds. */
export interface InquiryFigures {
  orders: number
  inquiries: number
  p50: number
  p90: number
  p99: number
  most: number
  /** Shares of the inquiries: answered with an order, and with two earlier ones besides. */
  withOrder: number
  withEvidence: number
  /** CPU milliseconds an inquiry. */
  ingressCpuMs: number
  redisCpuMs: number
  /** The most that the sender itself was late, and the connections it needed. */
  lateMs: number
  connections: number
  /** Bytes of Redis an order: all of it, and the look-up keys by kind. */
  orderBytes: number
  lookups: { kind: LookUp; keys: number; bytes: number }[]
  /** How much more a set of one order takes whose id is not of digits alone. */
  letteredIdBytes: number
}

const LOOK_UPS = ['transaction_id', 'arn', 'auth_id', 'card', 'sold-card', 'sold-customer_id'] as const
export type LookUp = (typeof LOOK_UPS)[number]

const KEYS = { publicKey: 'pk_bench', secretKey: 'sk_bench' }
/** Sent first, so that what is compiled by then does not count. */
const WARM = 500
const WARM_FROM = 1_000_000

export async function measureInquiries(orders: number, inquiries: number): Promise<InquiryFigures> {
  const redis = await startRedis()
  try {
    const now = Date.now()
    const before = await redis.usedBytes()
    await fillStored(environment(redis.url), orders, n => boughtOrder(n, orders, now))
    const orderBytes = ((await redis.usedBytes()) - before) / orders
    await untilNothingIsRewritten(redis)
    const answers = await ask(redis, { keys: KEYS, from: 0, count: inquiries, orders, now })
    const lookups = await lookUpBytes(redis, orders)
    const letteredIdBytes = (await setBytes(redis, 'o00000001')) - (await setBytes(redis, '700000001'))
    return { orders, inquiries, ...answers, orderBytes, lookups, letteredIdBytes }
  } finally {
    await redis.stop()
  }
}

/** The filling has Redis rewrite its append-only file, which is not part of what is measured. */
const untilNothingIsRewritten = (redis: BenchRedis) =>
  until(async () => {
    const info = await redis.client.info('persistence')
    return /^aof_rewrite_in_progress:0/m.test(info) && /^aof_rewrite_scheduled:0/m.test(info)
  }, 'the end of the rewriting')

async function ask(redis: BenchRedis, plan: Omit<InquiryPlan, 'port'>) {
  const { publicKey, secretKey } = plan.keys
  const settings = { CHARGEBACKHIT_PUBLIC_KEY: publicKey, CHARGEBACKHIT_SECRET_KEY: secretKey }
  const [ingress, load] = await Promise.all([
    startIngress('ours', redis.url, settings),
    startProcess('./inquiry-load.ts'),
  ])
  try {
    const { port } = ingress
    await load.ask({ prepare: { ...plan, port, from: WARM_FROM, count: WARM } satisfies InquiryPlan })
    await load.ask<InquiryResult>({ go: true })
    await load.ask({ prepare: { ...plan, port } satisfies InquiryPlan })
    const before = { ingress: ingress.cpuMs(), redis: redis.cpuMs() }
    const { refused, right, wrong, withEvidence, waitedMs, lateMs, connections } = await load.ask<InquiryResult>({
      go: true,
    })
    const cpu = { ingress: ingress.cpuMs() - before.ingress, redis: redis.cpuMs() - before.redis }
    if (refused > 0) throw new Error(`${refused} inquiries were refused`)
    if (wrong > 0) throw new Error(`${wrong} inquiries were answered with an order that was not meant`)
    return {
      p50: quantile(waitedMs, 0.5),
      p90: quantile(waitedMs, 0.9),
      p99: quantile(waitedMs, 0.99),
      most: waitedMs.at(-1) ?? Number.NaN,
      withOrder: right / plan.count,
      withEvidence: withEvidence / plan.count,
      ingressCpuMs: cpu.ingress / plan.count,
      redisCpuMs: cpu.redis / plan.count,
      lateMs,
      connections,
    }
  } finally {
    await Promise.all([load.stop(), ingress.stop()])
  }
}

/** Deletes the look-up keys, a kind at a time: what Redis says it uses less, it used for them. */
async function lookUpBytes(redis: BenchRedis, orders: number): Promise<InquiryFigures['lookups']> {
  const prefix = `{${NAMESPACE}}:lookup:`
  const keys = new Map<string, string[]>(LOOK_UPS.map(kind => [kind, []]))
  for await (const found of redis.client.scanStream({ match: `${prefix}*`, count: 5_000 }) as AsyncIterable<string[]>)
    for (const key of found) keys.get(key.slice(prefix.length, key.indexOf(':', prefix.length)))?.push(key)
  const lookups: InquiryFigures['lookups'] = []
  for (const kind of LOOK_UPS) {
    // A scan may tell of a key twice.
    const ofKind = [...new Set(keys.get(kind))]
    const before = await redis.usedBytes()
    for (let i = 0; i < ofKind.length; i += 1_000) await redis.client.del(...ofKind.slice(i, i + 1_000))
    lookups.push({ kind, keys: ofKind.length, bytes: (before - (await redis.usedBytes())) / orders })
  }
  return lookups
}

async function setBytes({ client }: BenchRedis, member: string): Promise<number> {
  await client.del('set-of-one')
  await client.sadd('set-of-one', member)
  return Number(await client.call('MEMORY', 'USAGE', 'set-of-one'))
}
