import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { createDeps } from '../../src/deps.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { startEmbeddedRedis } from '../../src/embedded-redis/start.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { BASIC, HOOK, useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const closers: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
})

const CARD = '4012888888881881'
const NEW = { event_type: 'prevention.new', prevention_guid: 'pre_1', partner: 'ethoca', mid: '1', amount: 30 }

interface Sent {
  method?: string
  authorization?: string | null
  body?: string
}

async function call(url: string, { method = 'POST', authorization = BASIC, body }: Sent = {}) {
  const headers = { ...(authorization !== null && { authorization }), ...(body !== undefined && { 'content-type': 'application/json' }) } // prettier-ignore
  const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

/** The events of a log; in which order Redis tells them says nothing. */
const hooksOf = (log: readonly CaseEntry[]) =>
  log.flatMap(entry => (entry.what === 'hook' ? [JSON.stringify(entry)] : [])).toSorted()

/** What is kept of alerts: every key but figures, queues and what processes say of themselves. */
async function stateOf({ deps }: AlertLine): Promise<string[]> {
  const all = await dumpKeys(deps.redis, `{${deps.config.REDIS_NAMESPACE}}:*`)
  return [...all]
    .flatMap(([key, text]) =>
      /}:(case(-log)?:|cases|order|refunds|refund-(owner|hour)|lookup)(?!-order)/.test(key) ? text : [],
    )
    .toSorted()
}

/** What an alert comes with, the facts that are read of it beside the usual, and the fields that are named as unreadable. */
const ODD_ALERTS: readonly [what: string, change: Record<string, unknown>, facts: Record<string, unknown>, fields: string[]][] = [
  ['an 8-digit BIN', { card_first_6: '40128888', card_last_4: '1881' }, { cardFirst6: '401288', cardLast4: '1881' }, []],
  ['a masked card number', { card_last_4: '401288******1883' }, { cardFirst6: '401288', cardLast4: '1883' }, []],
  ['half an emoji', { merchant_descriptor: 'SHOP \ud83d' }, { descriptor: 'SHOP' }, []],
  ['the day of its issue alone', { prevention_timestamp: '2026-01-03' }, { issuedAt: Date.UTC(2026, 0, 4) - 1, isIssuedOnDay: true }, []],
  ['an unknown currency', { currency: 'DOLLAR' }, {}, ['currency']],
  ['an amount in words', { amount: 'twelve' }, {}, ['amount']],
  ['a negative amount', { amount: -1 }, {}, ['amount']],
  ['a card number for its first six', { card_first_6: CARD }, {}, ['card_first_6']],
  ['five last digits', { card_last_4: '18811' }, {}, ['card_last_4']],
  ['the card number for its ARN', { arn: CARD, card_first_6: '401288', card_last_4: '1881' }, { cardFirst6: '401288', cardLast4: '1881' }, ['arn']],
  ['an object for its account', { mid: { a: 1 } }, {}, ['mid']],
  ['every optional field at fault', { mid: [], amount: {}, partner: false, currency: '?', card_last_4: '18', due_date: 'soon' }, {},
    ['partner', 'mid', 'card_last_4', 'amount', 'currency', 'due_date']],
] // prettier-ignore

describe('the hook of Midigator', () => {
  it('takes events at any path below its own', async () => {
    const line = await open({}, { without: ['scheduler'] })
    for (const [i, path] of ['/', '/prevention.new', '/v2/events/', '//'].entries()) {
      const url = `${line.hookUrl}${path}`
      const body = JSON.stringify({ ...NEW, prevention_guid: `pre_${i}` })
      const { status: withoutPassword } = await call(url, { body, authorization: null })
      const { status: elsewhere } = await call(`${line.hookUrl}s${path}`, { body })
      const { status } = await call(url, { body })
      expect({ path, withoutPassword, elsewhere, status }).toEqual({ path, withoutPassword: 401, elsewhere: 404, status: 200 }) // prettier-ignore
      expect(await line.deps.cases.read(`midigator:pre_${i}`)).not.toBeNull()
    }
  })

  it('takes a ping in all its forms, counts it, and makes nothing of it', async () => {
    const line = await open({}, { without: ['scheduler'] })
    const pings: Sent[] = [{ method: 'GET' }, {}, { body: '' }, { body: ' \n' }, { body: '{}' }, { body: '{"order_guid":"ord_1"}' }]
    for (const sent of pings) expect([sent, (await call(line.hookUrl, sent)).status]).toEqual([sent, 200])
    expect(await line.deps.events.figures()).toMatchObject({ pings: pings.length })
    expect(await stateOf(line)).toEqual([])
  }) // prettier-ignore

  it('takes a packed event, and unpacks nothing of a caller without the password', async () => {
    const line = await open({}, { without: ['scheduler'] })
    const send = async (body: Buffer, authorization: string) => {
      const headers = { authorization, 'content-type': 'application/json', 'content-encoding': 'gzip' }
      return (await fetch(line.hookUrl, { method: 'POST', headers, body: new Uint8Array(body) })).status
    }
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
    expect(await send(gzipSync(JSON.stringify(NEW)), BASIC)).toBe(200)
    expect(await line.deps.cases.read('midigator:pre_1')).not.toBeNull()
    expect(await send(bomb, BASIC)).toBe(413)
    expect(await send(bomb, 'Basic bm9ib2R5OndvcmQ=')).toBe(401)
  })

  it('keeps an event of a type it does not know, masked, and answers 200', async () => {
    const line = await open({}, { without: ['scheduler'] })
    const body = JSON.stringify({ event_type: 'registration.new', note: `card ${CARD}`, cvv: '123', amount: 12.3 })
    expect((await call(line.hookUrl, { body })).status).toBe(200)
    const kept = (await line.deps.redis.lrange(line.deps.keys.unknownEvents, 0, -1)).join('')
    expect(kept).toContain('registration.new')
    expect(kept).toContain('401288******1881')
    expect(kept).not.toContain('123"')
    expect(await line.deps.events.figures()).toMatchObject({ unknown: 1 })
  })

  it('refuses what names nothing that it could be about, names the field and never the value', async () => {
    const line = await open()
    const faulty: [field: string, body: Record<string, unknown>][] = [
      ['prevention_guid', { ...NEW, prevention_guid: undefined }],
      ['prevention_guid', { ...NEW, prevention_guid: '..' }],
      ['prevention_guid', { ...NEW, prevention_guid: CARD, card_first_6: '401288', card_last_4: '1881' }],
      ['event_type', { event_type: ['prevention.new'] }],
      ['order_guid', { event_type: 'order.refund', amount: 30 }],
    ]
    for (const [field, body] of faulty) {
      const { status, text } = await call(line.hookUrl, { body: JSON.stringify(body) })
      const { errors = [] } = JSON.parse(text) as { errors?: { field: string }[] }
      expect([field, status, errors.map(error => error.field)]).toEqual([field, 422, [field]])
      expect(text).not.toContain('401288')
    }
    expect(await stateOf(line)).toEqual([])
    // It may have been an alert: people see it, masked, and are told.
    const unread = await line.deps.events.listUnread(9)
    expect(unread.map(({ platform, eventType }) => `${platform} ${eventType}`)).toEqual(faulty.map(() => 'midigator invalid')) // prettier-ignore
    expect(JSON.stringify(unread)).not.toContain(CARD)
    expect(await line.deps.alarms.list(Date.now())).toMatchObject([{ name: 'alert-unreadable', newest: [{ subject: 'midigator' }] }]) // prettier-ignore
  })

  it('takes an alert with any field that cannot be read: 200 and a case, whose log names the field', async () => {
    const line = await open({}, { without: ['scheduler', 'alerts'] })
    for (const [i, [what, change, facts, fields]] of ODD_ALERTS.entries()) {
      const guid = `pre_${i}`
      const answer = await call(line.hookUrl, { body: JSON.stringify({ ...NEW, prevention_guid: guid, ...change }) })
      const { log } = (await line.deps.cases.read(`midigator:${guid}`))!
      const [hook] = log.filter(entry => entry.what === 'hook')
      const named = (hook!.event.faults ?? []).map(({ field }) => field)
      const lost = Object.entries({ partner: 'ethoca', mid: '1', amount: '30' }).filter(([name]) => !fields.some(field => field === name))
      const read = { ...Object.fromEntries(lost), ...facts }
      expect({ what, status: answer.status, named, read: hook!.event.facts }).toEqual({ what, status: 200, named: fields, read }) // prettier-ignore
    }
    const kept = (await dumpKeys(line.deps.redis, `{${line.deps.config.REDIS_NAMESPACE}}*`)).values()
    expect([...kept].join('\n')).not.toContain(CARD)
  }) // prettier-ignore

  it('reads amounts with the noise of floats, with an exponent and as text', async () => {
    const line = await open({}, { without: ['scheduler', 'alerts'] })
    for (const [i, [written, amount]] of [
      ['49.99999999999999', '50'],
      ['10.040000000000001', '10.04'],
      ['1E+2', '100'],
      ['"100.00"', '100'],
    ].entries()) {
      const body = JSON.stringify({ ...NEW, prevention_guid: `pre_x${i}` }).replace('30', written!)
      const { status } = await call(line.hookUrl, { body })
      const { log } = (await line.deps.cases.read(`midigator:pre_x${i}`))!
      const events = log.flatMap(entry => (entry.what === 'hook' ? [entry.event] : []))
      expect({ written, status, events }).toMatchObject({ written, status: 200, events: [{ facts: { amount } }] })
    }
  })

  it('takes what has no event type for what its guid names, never for a refund', async () => {
    const line = await open({}, { without: ['scheduler', 'alerts'] })
    const bodies = [
      { prevention_guid: 'pre_u', order_guid: 'ord_u', order_id: 'U-1', amount: 30 },
      { chargeback_guid: 'cbc_u', amount: 30 },
      { rdr_guid: 'rdr_u', amount: 30 },
    ]
    for (const body of bodies) expect((await call(line.hookUrl, { body: JSON.stringify(body) })).status).toBe(200)
    const { cases } = line.deps
    const kinds = await Promise.all(['pre_u', 'cbc_u', 'rdr_u', 'ord_u', 'order:U-1'].map(async guid => (await cases.read(`midigator:${guid}`))?.record.kind))
    expect(kinds).toEqual(['alert', 'chargeback', 'alert', undefined, undefined])
    expect(await line.deps.events.figures()).not.toHaveProperty('pings')
  }) // prettier-ignore

  it('takes an order.refund without a guid by the order it names, and knows that there is nothing to read back', async () => {
    const line = await open({}, { without: ['scheduler', 'alerts'] })
    const body = JSON.stringify({ event_type: 'order.refund', order_id: 'G-1', amount: 30 })
    expect((await call(line.hookUrl, { body })).status).toBe(200)
    const { record, log } = (await line.deps.cases.read('midigator:order:G-1'))!
    expect(record).toMatchObject({ kind: 'request', guid: 'order:G-1' })
    const [hook] = log.filter(entry => entry.what === 'hook')
    expect(hook!.event).toMatchObject({ hasGuid: false, facts: { orderId: 'G-1', amount: '30' }, faults: [{ field: 'order_guid' }] })
  }) // prettier-ignore

  it('reads a body with a byte order mark, and one whose descriptor is not UTF-8', async () => {
    const line = await open({}, { without: ['scheduler', 'alerts'] })
    const send = async (raw: Buffer) => {
      const headers = { authorization: BASIC, 'content-type': 'application/json' }
      return (await fetch(line.hookUrl, { method: 'POST', headers, body: new Uint8Array(raw) })).status
    }
    expect(await send(Buffer.from(`\ufeff${JSON.stringify({ ...NEW, prevention_guid: 'pre_bom' })}`))).toBe(200)
    const latin = { ...NEW, prevention_guid: 'pre_latin', merchant_descriptor: 'CAF\u00c9', auth_code: '\u00c9' }
    expect(await send(Buffer.from(JSON.stringify(latin), 'latin1'))).toBe(200)
    const [bom, read] = await Promise.all(['pre_bom', 'pre_latin'].map(guid => line.deps.cases.read(`midigator:${guid}`)))
    expect(bom!.log).toMatchObject([{ event: { facts: { amount: '30' } } }])
    expect(read!.log).toMatchObject([{ event: { facts: { amount: '30', descriptor: 'CAF\ufffd' }, faults: [{ field: 'auth_code' }] } }])
  }) // prettier-ignore

  it('says 200 of nothing while Redis is away', async () => {
    const redis = await startEmbeddedRedis()
    closers.push(() => redis.stop())
    const { username, password } = HOOK
    const env = { REDIS_URL: redis.url, PORT: '0', LOG_LEVEL: 'silent', MIDIGATOR_HOOK_USERNAME: username, MIDIGATOR_HOOK_PASSWORD: password }
    const deps = createDeps(parseConfig(env, ['ingress']), { name: 'ingress', patience: 'hasty' })
    closers.push(() => deps.close())
    const ingress = await startIngress(deps)
    closers.push(() => ingress.close(1_000))
    const url = `${ingress.url}/hooks/alerts/midigator`
    await eventually(async () => expect((await call(url, { body: JSON.stringify(NEW) })).status).toBe(200))
    await redis.stop()
    for (const sent of [{ body: JSON.stringify(NEW) }, { method: 'GET' }, { body: '{"event_type":"x.new"}' }])
      expect((await call(url, sent)).status).toBe(503)
    expect((await call(url, { authorization: null })).status).toBe(401)
  }) // prettier-ignore
})

describe('a delivery', () => {
  it.runIf(isLong)('that comes again and again, with another time and another event guid, changes nothing', async () => {
    const line = await open()
    await line.sold('D-1')
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'D-1' })
    await line.caseOf(guid!, one => one.state === 'resolved')
    const before = await line.deps.cases.read(`midigator:${guid}`)
    const hook = before!.log.find(entry => entry.what === 'hook' && entry.event.type === 'alert')
    const { raw } = hook as { raw: Record<string, unknown> }
    for (let i = 0; i < 20; i++)
      expect(await line.send({ ...raw, amount: 30, event_timestamp: new Date(Date.now() + i * 1_000).toISOString(), event_guid: `evr_${i}` })).toBe(200)
    const after = await line.deps.cases.read(`midigator:${guid}`)
    expect(hooksOf(after!.log)).toEqual(hooksOf(before!.log))
    expect(after!.record).toEqual(before!.record)
    expect(line.refundCalls('D-1')).toHaveLength(1)
  }) // prettier-ignore

  it('of the later generation of payloads is worked as well', async () => {
    const line = await open({ RESOLVE_3DS: 'on' }, { generation: 'later' })
    await line.sold('D-2')
    await line.sold('D-3', { eci: '05' })
    const full = await line.play('ethoca-full-refund', { order_id: 'D-2' })
    const authenticated = await line.play('ethoca-3ds', { order_id: 'D-3', refund: false })
    const rdr = await line.play('rdr-notice', { order_id: await line.sold('D-4') })
    const ends = await Promise.all(
      [full, authenticated, rdr].map(({ prevention_guid: guid }) =>
        line.caseOf(guid!, one => one.state === 'resolved' || (one.state === 'noted' && one.orderId !== null)),
      ),
    )
    expect(ends.map(({ resolution, partner }) => [resolution?.type ?? null, partner])).toEqual([
      ['issued_full_refund', 'ethoca'],
      ['3ds_authorized_successfully', 'ethoca'],
      [null, expect.stringContaining('rdr')],
    ])
  })

  it('keeps amounts to the cent, from the hook to the gateway', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' })
    const played = [
      ['190.47', '190.47'],
      ['0.30', '0.3'],
      ['1234567890.55', '1234567890.55'],
      ['4.35', '4.35'],
    ].map(async ([written, canonical], i) => {
      const orderId = await line.sold(`D-5-${i}`, { order_total: written!, cc_last_4: `000${i}`, transaction_id: `T-5-${i}` })
      const alert = await line.alert({ amount: written!, card_last_4: `000${i}` })
      await line.match(alert, orderId)
      expect(await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')).toMatchObject({ amount: canonical })
      expect(line.sandbox.refunds.list(orderId).map(({ amount }) => amount)).toEqual([written])
    })
    await Promise.all(played)
  }) // prettier-ignore

  it.each([
    ['noise of floats', '49.99999999999999'],
    ['an exponent', '5E+1'],
  ])('over an amount with %s, with an 8-digit BIN, is refunded and answered', async (_what, amount) => {
    const line = await open({ REFUND_TRIGGER: 'match' })
    await line.sold('D-7', { order_total: '50.00' })
    const alert = await line.alert({ amount, card_first_6: '40128888' })
    await line.match(alert, 'D-7')
    expect(await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')).toMatchObject({ amount: '50' })
    expect(line.sandbox.refunds.list('D-7').map(refund => refund.amount)).toEqual(['50.00'])
    const { log } = (await line.deps.cases.read(`midigator:${alert.prevention_guid}`))!
    expect(log.find(entry => entry.what === 'read-back')?.facts).toMatchObject({ amount: '50', cardFirst6: '401288' })
  })

  it('leaves no card number and no credential anywhere in Redis', async () => {
    const line = await open()
    await line.sold('D-6')
    const event = { ...NEW, prevention_guid: 'pre_9', merchant_descriptor: `SHOP ${CARD}`, reason_code: CARD, [`x${CARD}`]: 1 }
    const more = { nested: [{ deep: `4012 8888 8888 1881` }], card_first_6: '401288', card_last_4: '1881', security_code: '98765' }
    expect(await line.send({ ...event, ...more })).toBe(200)
    expect(await line.send({ ...event, ...more, card_last_4: CARD, card_first_6: CARD, arn: CARD })).toBe(200)
    expect(await line.send({ ...event, ...more, card_first_6: '4012888888', card_last_4: '18811881' })).toBe(200)
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'D-6' })
    await line.caseOf(guid!, one => one.state === 'resolved')
    const { config, redis, keys } = line.deps
    const log = (await redis.hvals(keys.caseLog('midigator:pre_9'))).join('')
    expect(log).toContain('401288******1881')
    expect(log).not.toMatch(/98765|4012888888|18811881/)
    const kept = [...(await dumpKeys(redis, `{${config.REDIS_NAMESPACE}}*`)).values()].join('\n')
    expect(kept.length).toBeGreaterThan(5_000)
    const secrets = [HOOK.password, line.sandbox.apiSecret, line.sandbox.gatewaySecret, config.MIDIGATOR_DATA_PASSWORD!, BASIC.slice(6)]
    expect(secrets.filter(secret => kept.includes(secret))).toEqual([])
    expect(kept.replace(/[ -]/g, '')).not.toContain(CARD)
    await eventually(() => expect(line.refundCalls('D-6')).toHaveLength(1))
  }) // prettier-ignore
})
