import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIngress } from '../../src/http/start-ingress.ts'
import { createHookSender, signed, type HookSender } from '../support/hook-sender.ts'
import { eventually } from '../support/eventually.ts'
import { readCaptures } from '../support/input-file.ts'
import { usePipelines, type Pipeline } from './pipeline.ts'

const HOOK_SECRET = `whsec_${Buffer.from('thirty-two bytes of a hook secret').toString('base64')}`
const HOUR_MS = 3_600_000
const open = usePipelines('file')
const AT = new Date(Date.now() - HOUR_MS).toISOString()

let pipeline: Pipeline
let ingress: Awaited<ReturnType<typeof startIngress>>
let crm: HookSender

beforeAll(async () => {
  pipeline = await open({ HOOK_SECRET, PORT: '0' })
  ingress = await startIngress(pipeline.deps)
  crm = createHookSender(ingress.url, HOOK_SECRET)
  await pipeline.startWorker()
})
afterAll(async () => {
  crm?.close()
  await ingress?.close(1_000)
})

const sale = (orderId: string, fields: Record<string, unknown> = {}) => ({
  order_id: orderId, occurred_at: AT, order_status: 'Complete', order_total: '50.00', currency: 'USD', transaction_id: `tx-${orderId}`, ...fields,
}) // prettier-ignore
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const JSON_TYPE = { 'content-type': 'application/json' }
/** The order as the platform has it, once it has. */
const atPlatform = (orderId: string) =>
  eventually(() => {
    const record = pipeline.sandbox.inbox.record(orderId)
    expect(record).toBeDefined()
    return record as Record<string, unknown>
  })
const rung = async () => (await pipeline.deps.alarms.list(Date.now())).map(({ name }) => name)

describe('what shops were seen to send', () => {
  const lines = Array.from({ length: 250 }, (_, i) => ({ name: `Item ${i}`, price: '0.20', product_qty: '1' }))
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    ['an amount as a sum of floats', { order_total: 0.1 + 0.2 }, { order_total: '0.30' }, []],
    ['an amount finer than the currency by half a cent', { order_total: '472.18500000000006' }, { order_total: undefined }, ['order_total']],
    ['an empty array for an object, and an empty object for an array', { fulfillment: [], products: {} }, { products: [] }, []],
    ['no notes as null', { notes: null }, { order_status: 'Complete' }, []],
    ['250 lines', { products: lines }, { products: expect.toSatisfy((list: unknown[]) => list.length === 200) }, ['products']],
    ['a status in the words of the shop', { order_status: 'completed' }, { order_status: 'Complete' }, []],
    ['flags as text', { is_refund: '1', is_recurring: 'false' }, { is_refund: 1, is_recurring: 0 }, []],
    ['half an emoji', { billing_first_name: 'Ann \ud83d' }, { billing_first_name: 'Ann ' }, []],
    ['a zero date', { recurring_date: '0000-00-00 00:00:00' }, { recurring_date: undefined }, []],
    ['an empty date', { recurring_date: '' }, { recurring_date: undefined }, []],
    ['a BIN of eight digits and a masked number', { cc_first_6: '40128888', cc_last_4: '************1881' }, { cc_first_6: '401288', cc_last_4: '1881' }, []],
    ['the addresses of all proxies', { ip_address: '10.0.0.4, 203.0.113.7' }, { ip_address: '203.0.113.7' }, []],
  ])('%s: is taken and reaches the platform', async (name, fields, expected, faults) => {
    const orderId = `seen ${name}`
    const answer = await crm.send(sale(orderId, fields))
    expect(answer.status).toBe(202)
    expect(answer.body.results![0]!.faults?.map(({ field }) => field) ?? []).toEqual(faults)
    const record = await atPlatform(orderId)
    expect(Object.fromEntries(Object.keys(expected).map(field => [field, record[field] ?? undefined]))).toEqual(expected)
  }) // prettier-ignore
})

interface KeptAside {
  title: string
  because: string
  fields: Record<string, unknown>
  faults: string[]
  order: Record<string, unknown>
}

describe('what shops may send as well', () => {
  it.each(readCaptures('orders/kept-aside'))('$name: is taken as it says', async ({ name, input }) => {
    const { because, fields, faults, order } = input as KeptAside
    const text = JSON.stringify(sale(name, fields)).replace(/"@(\d+)"/g, '$1')
    const answer = await crm.sendBytes(Buffer.from(text))
    expect(answer.status).toBe(202)
    expect(answer.body.results![0]!.faults?.map(({ field }) => field) ?? [], `faults: ${because}`).toEqual(faults)
    const record = await atPlatform(name)
    for (const [field, expected] of Object.entries(order)) {
      const among = Array.isArray(expected) && typeof expected[0] === 'string' ? expected : [expected]
      expect(among, `${field}: ${because}`).toContainEqual(record[field] ?? null)
    }
  })
})

describe('the bytes of a delivery', () => {
  it('may begin with a byte order mark', async () => {
    const answer = await crm.sendBytes(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(sale('bom'))]))
    expect(answer.status).toBe(202)
    await atPlatform('bom')
  })

  it.each(['application/json; charset=utf-8', 'application/cloudevents+json', 'application/vnd.shop.order+json;v=2', 'Application/JSON'])('may be called %s', async type => {
    const body = bytes(sale(`type ${type}`))
    expect(await crm.sendRaw(body, { 'content-type': type, ...signed(HOOK_SECRET, body) })).toMatchObject({ status: 202 })
  }) // prettier-ignore

  it.each(['text/plain', 'application/jsonp', 'application/x-json', 'text/json+xml', 'application/+json'])('may not be called %s', async type => {
    const body = bytes(sale('no type'))
    expect(await crm.sendRaw(body, { 'content-type': type, ...signed(HOOK_SECRET, body) })).toMatchObject({ status: 415, body: { errors: [{ field: 'content-type' }] } })
  }) // prettier-ignore

  it('may be packed, signed before or after it', async () => {
    for (const [orderId, isAfter] of [['packed then signed', true], ['signed then packed', false]] as const) {
      const [plain, packed] = [bytes(sale(orderId)), gzipSync(bytes(sale(orderId)))]
      const headers = { ...JSON_TYPE, 'content-encoding': 'gzip', ...signed(HOOK_SECRET, isAfter ? packed : plain) }
      expect(await crm.sendRaw(packed, headers)).toMatchObject({ status: 202 })
      await atPlatform(orderId)
    }
  }) // prettier-ignore

  it('are refused where they unpack to too much, are not packed as they say, or in a way that is not known', async () => {
    const send = (body: Buffer, encoding: string) =>
      crm.sendRaw(body, { ...JSON_TYPE, 'content-encoding': encoding, ...signed(HOOK_SECRET, body) })
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
    expect(await send(bomb, 'gzip')).toMatchObject({ status: 413, body: { code: 'too-large', errors: [{ field: 'body' }] } })
    expect(await send(bytes(sale('x')), 'gzip')).toMatchObject({ status: 400, body: { code: 'bad-encoding' } })
    expect(await send(gzipSync(bytes(sale('x'))).subarray(0, 20), 'gzip')).toMatchObject({ status: 400 })
    expect(await send(bytes(sale('x')), 'br')).toMatchObject({ status: 415, body: { errors: [{ field: 'content-encoding' }] } })
    const unsigned = { ...JSON_TYPE, 'content-encoding': 'gzip', ...signed(`whsec_${Buffer.alloc(24).toString('base64')}`, bomb) }
    expect(await crm.sendRaw(bomb, unsigned)).toMatchObject({ status: 401 })
    expect(await pipeline.deps.orders.read('x')).toBeNull()
  }) // prettier-ignore
})

describe('a delivery that is repeated as it was signed first', () => {
  const sentAgo = (hours: number) => createHookSender(ingress.url, HOOK_SECRET, () => Date.now() - hours * HOUR_MS)

  it('hours later is taken', async () => {
    const late = sentAgo(40)
    expect(await late.send(sale('late'))).toMatchObject({ status: 202 })
    late.close()
    await atPlatform('late')
    expect(await rung()).not.toContain('hook-too-old')
  })

  it('later than is taken is refused, and raises an alarm that says what to do', async () => {
    const late = sentAgo(73)
    const answer = await late.sendBytes(bytes(sale('too late')))
    late.close()
    expect(answer).toMatchObject({ status: 401, body: { code: 'too-old', errors: [{ field: 'webhook-timestamp', message: expect.stringContaining('HOOK_MAX_AGE_HOURS') }] } })
    expect(await rung()).toContain('hook-too-old')
    expect(await pipeline.deps.orders.read('too late')).toBeNull()
  }) // prettier-ignore
})

describe('two changes of one time', () => {
  const at = (orderId: string, address: string, more = {}) => ({ order_id: orderId, occurred_at: AT, billing_street_address: address, ...more })
  const quiet = () => pipeline.deps.redis.del(pipeline.deps.keys.alarmsOf('changes-tied'))

  it('that contradict each other raise an alarm: which is later cannot be known', async () => {
    for (const [orderId, one, other] of [['1', '9 Old Road', '12 New Street'], ['2', '12 New Street', '9 Old Road']] as const) {
      await quiet()
      await crm.send(sale(orderId, { billing_street_address: one }))
      await crm.send(at(orderId, other))
      expect(await rung()).toContain('changes-tied')
    }
  })

  it('are decided by their sequence, whichever comes first', async () => {
    await quiet()
    await crm.send(sale('3', { billing_street_address: '12 New Street', sequence: 8 }))
    await crm.send(at('3', '9 Old Road', { sequence: '7' }))
    expect(await atPlatform('3')).toMatchObject({ billing_street_address: '12 New Street' })
    await crm.send(at('3', '3 Last Lane', { sequence: 10 }))
    await eventually(async () => expect(await atPlatform('3')).toMatchObject({ billing_street_address: '3 Last Lane' }))
    expect(await rung()).not.toContain('changes-tied')
  })

  it('of which one repeats what the other said raise none', async () => {
    await quiet()
    await crm.send(sale('4', { billing_street_address: '9 Old Road', email_address: 'b@example.com' }))
    await crm.send(at('4', '9 Old Road'))
    expect(await rung()).not.toContain('changes-tied')
  })
}) // prettier-ignore
