import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { createChargebackhitApi } from '../../src/platforms/chargebackhit/api.ts'
import { everyItem } from '../../src/platforms/chargebackhit/every-item.ts'
import type { Page } from '../../src/platforms/chargebackhit/list-query.ts'
import { isSignatureOf } from '../../src/platforms/chargebackhit/signature.ts'
import { eventually } from '../support/eventually.ts'
import { allOf, LIMITS, useChargebackhit, valueOf } from './chargebackhit-line.ts'

const open = useChargebackhit()
const ok = { status: 200, words: '', retryAfterMs: null }
const NOBODY = '00000000-0000-4000-8000-000000000000'

describe('alerts', () => {
  it('are generated from what is posted, and sent to the webhook with every digit', async () => {
    const { api, side, openWebhook } = await open()
    const heard = await openWebhook(() => ({ json: { outcome: 'pending' } }))
    const body =
      '{"alert":{"type":"init-refund","product":"cdrn","amount":190.40,"currency":"USD"},"transaction":{"arn":"24692164045100000000001","amount":12345678901234567890.10},"merchant":{"name":"Shop"}}'
    const said = await api.generateAlert(body, LIMITS)
    expect(said).toMatchObject({ answer: ok, value: { data: [{ alert: { amount: '190.40' } }] } })
    await eventually(() => expect(heard).toHaveLength(1))
    expect(heard[0]?.raw.toString()).toContain('"amount":190.40')
    expect(heard[0]?.raw.toString()).toContain('"amount":12345678901234567890.10')
    expect(side.alerts.list()).toMatchObject([{ type: 'init-refund', alert: { product: 'cdrn' } }])
  })

  it('that lack a part are not generated, and the words name it without what was sent', async () => {
    const { api, side } = await open()
    const said = await api.generateAlert('{"alert":{"type":"inquiry"},"transaction":{"arn":"secret-arn"}}', LIMITS)
    expect(said).toMatchObject({ answer: { status: 400, words: expect.stringContaining('merchant') } })
    expect(side.alerts.list()).toEqual([])
  })

  it('are validated: an answer that would be taken, and one that would not', async () => {
    const { api } = await open()
    const answer = { outcome: 'reversed', order: { order_id: '7', refund: { amount: '1.50', currency: 'EUR' } } }
    expect((await api.validateOutcome(JSON.stringify(answer), LIMITS)).answer).toEqual(ok)
    const refused = await api.validateOutcome('{"outcome":"refunded for Jane Doe"}', LIMITS)
    expect(refused).toMatchObject({ answer: { status: 400, words: expect.stringContaining('outcome') } })
    expect(JSON.stringify(refused)).not.toContain('Jane')
  })

  it('are read by id, with every digit of their amounts and every member', async () => {
    const { api, side } = await open({ chargebackhitAmounts: 'number' })
    const { id } = side.add({ type: 'resolved', amount: '1234567890123456.10', alert: { later_field: { a: [1] } } })
    const { alert, transaction, merchant } = valueOf(await api.getAlert(id, LIMITS))
    expect(alert).toMatchObject({ id, amount: '1234567890123456.10', later_field: { a: ['1'] }, outcome: '' })
    expect(transaction).toMatchObject({ amount: '1234567890123456.10' })
    expect(merchant).toMatchObject({ internal_id: 'mid_QWE12345' })
  })

  it.each(['', '.', '..', '../merchants', 'a/b', NOBODY, '\ud800'])('are not found by the id %j', async id => {
    const { api, side } = await open()
    side.add({ type: 'resolved' })
    const said = await api.getAlert(id, LIMITS)
    expect(said).toMatchObject({ answer: { status: 404 } })
    expect(said.value).toBeUndefined()
  })

  it('are answered byte for byte, and the signature is of these bytes', async () => {
    const { api, side } = await open()
    const { id } = side.add({ type: 'init-refund' })
    const body = '{ "outcome" :"reversed",  "order":{"order_id":"ü-7"} }'
    expect(await api.updateOutcome(id, body, LIMITS)).toEqual({ answer: ok })
    expect(side.alerts.get(id)?.answers).toMatchObject({
      final: { outcome: 'reversed', order_id: 'ü-7', by: 'update' },
      attempts: [{ text: body, result: 'accepted' }],
    })
    expect(valueOf(await api.getAlert(id, LIMITS)).alert['outcome']).toBe('reversed')
  })

  it('refused in words that repeat what was sent and the keys are told without them, the outcome aside', async () => {
    const { api, sandbox } = await open()
    sandbox.faults.set([{ on: 'update-outcome', fault: { kind: 'status', status: 422 } }])
    const body = '{"outcome":"reversed","order":{"order_id":"ord-4711"},"customer":{"email":"jane@example.com"}}'
    const said = await api.updateOutcome(NOBODY, body, LIMITS)
    expect(said).toMatchObject({ answer: { status: 422, words: expect.stringContaining('reversed') } })
    expect(JSON.stringify(said)).not.toMatch(/4711|jane/i)
  })
})

describe('the signature', () => {
  it('of a request without a body is of the empty one', async () => {
    const seen: { method: string | undefined; signature: unknown; publicKey: unknown; type: unknown; raw: Buffer }[] =
      []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => void chunks.push(chunk))
      request.on('end', () => {
        const { signature, public_key: publicKey, 'content-type': type } = request.headers
        seen.push({ method: request.method, signature, publicKey, type, raw: Buffer.concat(chunks) })
        response.end('{}')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { http, keys } = await open()
    const api = createChargebackhitApi({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...keys,
      http,
    })
    await api.getAlert('1', LIMITS)
    await api.getMerchant('1', LIMITS)
    await api.getCaid('1', { activities: true }, LIMITS)
    await api.updateCaid('1', { internal_id: 'Zoë' }, {}, LIMITS)
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'PATCH'])
    expect(seen.map(({ type }) => type)).toEqual([undefined, undefined, undefined, 'application/json'])
    expect(seen.map(({ raw }) => raw.toString())).toEqual(['', '', '', '{"internal_id":"Zoë"}'])
    for (const { signature, publicKey, raw } of seen) {
      expect(publicKey).toBe(keys.publicKey)
      expect(isSignatureOf(keys, raw, String(signature))).toBe(true)
    }
  })

  it.each([
    ['secretKey', 'another secret'],
    ['publicKey', 'another_public_key'],
  ] as const)('made with another %s is 401 for every operation, and nothing is changed', async (name, other) => {
    const { sandbox, side, http, url, keys } = await open()
    const api = createChargebackhitApi({ url, ...keys, [name]: other, http })
    const { id } = side.add({ type: 'init-refund' })
    const [{ id: merchant }, { id: caid }] = [side.accounts.merchants[0]!, side.accounts.caids[0]!]
    const row = { required_products: ['ethoca'], psp_name: 'psp', descriptor: 'SHOP' }
    const before = JSON.stringify(side.accounts.caids[0])
    const said = [
      await api.generateAlert('{"alert":{"type":"inquiry"},"transaction":{"a":1},"merchant":{"a":1}}', LIMITS),
      await api.validateOutcome('{"outcome":"reversed"}', LIMITS),
      await api.updateOutcome(id, '{"outcome":"reversed"}', LIMITS),
      await api.getAlert(id, LIMITS),
      await api.listAlerts({}, LIMITS),
      await api.getMerchant(merchant, LIMITS),
      await api.updateMerchant(merchant, { internal_id: 'x' }, LIMITS),
      await api.listMerchants({}, LIMITS),
      await api.getCaid(caid, {}, LIMITS),
      await api.updateCaid(caid, { internal_id: 'x' }, {}, LIMITS),
      await api.listCaids({}, LIMITS),
      await api.disenroll(caid, ['ethoca'], LIMITS),
      await api.enroll([row], LIMITS),
      await api.listEnrollments({}, LIMITS),
    ]
    for (const one of said) {
      expect(one).toMatchObject({ answer: { status: 401 } })
      expect(one.value).toBeUndefined()
      expect(JSON.stringify(one)).not.toContain(other)
    }
    expect(side.alerts.list()).toHaveLength(1)
    expect(side.alerts.get(id)?.answers).toMatchObject({ final: null, attempts: [{ result: 'refused' }] })
    expect(JSON.stringify(side.accounts.caids[0])).toBe(before)
    expect(side.accounts.enrollments).toEqual([])
    expect(sandbox.inbox.stats().calls).toBe(said.length)
  })
})

describe('lists', () => {
  const SEVEN = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

  it.each([
    { method: 'token', limit: 3, page_token: '' },
    { method: 'offset', limit: 3, offset: 0 },
    { method: 'token', limit: 7, page_token: '' },
    { method: 'offset', limit: 7, offset: 0 },
    { method: 'token', limit: 100, page_token: '' },
    { method: 'offset', limit: 100, offset: 0 },
    undefined,
  ] as const)('of alerts are paged to the end by %j, none left out and none twice', async page => {
    const { api, side } = await open()
    for (const id of SEVEN) side.add({ type: 'resolved', id })
    side.add({ type: 'inquiry', id: 'other' })
    const query = { filter: { types: ['resolved'] }, sort: { field: 'created_at', direction: 'asc' as const } }
    const items = everyItem(asked => api.listAlerts(asked, LIMITS), { ...query, ...(page && { page }) })
    expect((await allOf(items)).map(({ alert }) => alert['id'])).toEqual(SEVEN)
  })

  it('of alerts go on where they were, though others are published meanwhile', async () => {
    const { api, side } = await open()
    for (const id of SEVEN) side.add({ type: 'resolved', id })
    const sort = { field: 'created_at', direction: 'desc' } as const
    const first = valueOf(await api.listAlerts({ sort, page: { method: 'token', limit: 3, page_token: '' } }, LIMITS))
    side.add({ type: 'resolved', id: 'new' })
    const page = { method: 'token', limit: 10, page_token: first.next! } as const
    const rest = valueOf(await api.listAlerts({ sort, page }, LIMITS))
    expect([...first.items, ...rest.items].map(({ alert }) => alert['id'])).toEqual(SEVEN.toReversed())
    expect(rest.next).toBeNull()
  })

  it('of alerts are filtered', async () => {
    const { api, side } = await open()
    side.add({ type: 'init-refund', id: 'old', date: '2026-01-02T00:00:00Z', transaction: { transaction_id: 'T1' } })
    side.add({ type: 'init-refund', id: 'new', product: 'cdrn', merchant: { id: 'M2' } })
    await api.updateOutcome('new', '{"outcome":"decline","order":{"order_id":"o-1"}}', LIMITS)
    const idsOf = async (filter: Record<string, unknown>) =>
      valueOf(await api.listAlerts({ filter, sort: { field: 'created_at', direction: 'asc' } }, LIMITS)).items.map(
        ({ alert }) => alert['id'],
      )
    expect(await idsOf({ ids: ['old', 'none'] })).toEqual(['old'])
    expect(await idsOf({ merchant_ids: ['M2'] })).toEqual(['new'])
    expect(await idsOf({ products: ['ethoca', 'cdrn'] })).toEqual(['old', 'new'])
    expect(await idsOf({ outcomes: ['decline'] })).toEqual(['new'])
    expect(await idsOf({ order_ids: ['o-1'] })).toEqual(['new'])
    expect(await idsOf({ transaction_ids: ['T1'] })).toEqual(['old'])
    expect(await idsOf({ alert_date_to: '2026-01-02T00:00:00Z' })).toEqual(['old'])
    expect(await idsOf({ alert_date_from: '2026-01-02T00:00:01Z' })).toEqual(['new'])
    expect(await idsOf({ created_at_from: '2026-01-03T00:00:00Z' })).toEqual(['old', 'new'])
    expect(await idsOf({ created_at_to: '2026-01-03T00:00:00Z' })).toEqual([])
    const wrong = await api.listAlerts({ filter: { colour: ['red'] } }, LIMITS)
    expect(wrong).toMatchObject({ answer: { status: 400, words: expect.stringContaining('filter.colour') } })
  })

  it('of merchants, CAIDs and enrolments are paged to the end', async () => {
    const { api, side } = await open()
    const rows = SEVEN.map(description => ({
      required_products: ['ethoca'], psp_name: 'psp', descriptor: 'SHOP', description,
    })) // prettier-ignore
    expect((await api.enroll(rows, LIMITS)).answer).toEqual(ok)
    for (const page of [
      { method: 'offset', limit: 2, offset: 0 },
      { method: 'token', limit: 2, page_token: '' },
    ] as const) {
      const query = { sort: { field: 'created_at', direction: 'asc' }, page } as const
      const merchants = await allOf(everyItem(asked => api.listMerchants(asked, LIMITS), query))
      expect(merchants.map(({ id }) => id)).toEqual(side.accounts.merchants.map(({ id }) => id))
      const caids = await allOf(everyItem(asked => api.listCaids(asked, LIMITS), query))
      expect(caids.map(({ id }) => id)).toEqual(side.accounts.caids.map(({ id }) => id))
      const enrolled = await allOf(everyItem(asked => api.listEnrollments(asked, LIMITS), query))
      expect(enrolled.map(({ description }) => description)).toEqual(SEVEN.toReversed())
    }
  })

  it.each([
    [
      { kind: 'status', status: 500 },
      { kind: 'transient', code: 'list-failed' },
    ],
    [
      { kind: 'status', status: 429, retryAfterS: 3 },
      { kind: 'throttled', retryAfterMs: 3_000 },
    ],
    [{ kind: 'status', status: 403 }, { kind: 'denied' }],
    [{ kind: 'status', status: 400 }, { kind: 'rejected' }],
    [{ kind: 'redirect' }, { kind: 'denied' }],
    [{ kind: 'hang' }, { kind: 'transient' }],
    [{ kind: 'reset' }, { kind: 'transient' }],
    [
      { kind: 'status', status: 200, body: { data: 'none' } },
      { kind: 'transient', code: 'list-unreadable' },
    ],
    [{ kind: 'status', status: 200, body: { data: [{ alert: {} }] } }, { code: 'list-unreadable' }],
  ] as const)('that meet %j in the middle are ended by an error that says what to do next', async (fault, error) => {
    const { api, side, sandbox } = await open()
    for (const id of SEVEN) side.add({ type: 'resolved', id })
    const seen: unknown[] = []
    const run = async () => {
      const page = { method: 'token', limit: 3, page_token: '' } as const
      for await (const { alert } of everyItem(asked => api.listAlerts(asked, { timeoutMs: 300 }), { page })) {
        seen.push(alert['id'])
        sandbox.faults.set([{ on: 'list-alerts', fault: { ...fault } }])
      }
    }
    await expect(run()).rejects.toMatchObject({ name: 'AppError', ...error })
    expect(seen).toHaveLength(3)
  })

  it.each([
    [{ method: 'token', limit: 1, page_token: '' }, 2],
    [{ method: 'offset', limit: 1, offset: 0 }, 2],
  ] as const)('that go in circles by %j are ended', async (page, pages) => {
    let calls = 0
    const circle = (): Promise<{ answer: typeof ok; value: Page<string> }> => {
      calls++
      return Promise.resolve({ answer: ok, value: { items: ['a'], next: 'again' } })
    }
    await expect(allOf(everyItem(circle, { page }))).rejects.toBeInstanceOf(AppError)
    expect(calls).toBe(pages)
  })
})

describe('merchants', () => {
  it('are read and renamed', async () => {
    const { api, side } = await open()
    const { id } = side.accounts.merchants[1]!
    expect(valueOf(await api.getMerchant(id, LIMITS))).toMatchObject({ id, internal_id: 'mid_ASD67890' })
    const renamed = await api.updateMerchant(id, { internal_id: 'mid of ours' }, LIMITS)
    expect(renamed).toMatchObject({ answer: ok, value: { id, internal_id: 'mid of ours' } })
    expect(valueOf(await api.getMerchant(id, LIMITS))).toMatchObject({ internal_id: 'mid of ours' })
    expect((await api.updateMerchant(id, { internal_id: 'x'.repeat(501) }, LIMITS)).answer).toMatchObject({
      status: 400,
    })
    expect((await api.getMerchant(NOBODY, LIMITS)).answer).toMatchObject({ status: 404 })
  })
})

describe('CAIDs', () => {
  it('are read and renamed, with their activities where they are asked for', async () => {
    const { api, side } = await open()
    const { id } = side.accounts.caids[0]!
    const plain = valueOf(await api.getCaid(id, {}, LIMITS))
    expect(plain).toMatchObject({ id, info: { products: { ethoca: { status: 'active' } } } })
    expect(plain).not.toHaveProperty('activities')
    expect(valueOf(await api.getCaid(id, { activities: true }, LIMITS))).toHaveProperty('activities')
    const renamed = valueOf(await api.updateCaid(id, { internal_id: 'caid of ours' }, { activities: true }, LIMITS))
    expect(renamed).toMatchObject({ internal_id: 'caid of ours', activities: expect.any(Array) })
    expect(valueOf(await api.updateCaid(id, { internal_id: 'two' }, {}, LIMITS))).not.toHaveProperty('activities')
  })

  it('are disenrolled of products, once', async () => {
    const { api, side } = await open()
    const { id } = side.accounts.caids[0]!
    const ended = valueOf(await api.disenroll(id, ['ethoca', 'rdr'], LIMITS))
    expect(ended).toMatchObject({ info: { products: { ethoca: { status: 'inactive' }, cdrn: { status: 'active' } } } })
    const again = await api.disenroll(id, ['ethoca'], LIMITS)
    expect(again).toMatchObject({
      answer: { status: 400, words: expect.stringContaining('validation_status_invalid') },
    })
    const filter = { statuses: ['inactive'] }
    expect(valueOf(await api.listCaids({ filter }, LIMITS)).items).toMatchObject([{ id }])
  })
})

describe('enrolments', () => {
  const row = { required_products: ['rdr'], psp_name: 'psp', descriptor: 'SHOP' }
  const arn = '24692164045100000000001'

  it('are taken and listed', async () => {
    const { api } = await open()
    expect(
      (
        await api.enroll(
          [
            { ...row, arns: [arn, arn, arn] },
            { ...row, mcc: '5968' },
          ],
          LIMITS,
        )
      ).answer,
    ).toEqual(ok)
    const { items } = valueOf(await api.listEnrollments({ filter: { statuses: ['new'] } }, LIMITS))
    expect(items).toMatchObject([{ mcc: '5968', status: 'new' }, { arns: [arn, arn, arn] }])
  })

  it.each([
    [{ ...row, psp_name: undefined }, '[1].psp_name'],
    [{ ...row, required_products: ['visa'] }, '[1].required_products[0]'],
    [{ ...row, arns: [arn, arn] }, '[1].arns'],
    [{ ...row, arns: [arn, arn, `2${arn.slice(1).replace('4', '5')}`] }, '[1].arns[2]'],
  ])('of which one row is wrong (%j) are refused as a whole, by the row and the field', async (wrong, field) => {
    const { api, side } = await open()
    const said = await api.enroll([row, wrong], LIMITS)
    expect(said).toMatchObject({ answer: { status: 400, words: expect.stringContaining(field) } })
    expect(side.accounts.enrollments).toEqual([])
  })
})

describe('a call', () => {
  it.each([
    [{ kind: 'hang' }, { failure: 'timeout' }],
    [{ kind: 'reset' }, { failure: 'lost' }],
    [{ kind: 'commit-then-hang' }, { failure: 'timeout' }],
    [{ kind: 'html', status: 503 }, { status: 503 }],
    [{ kind: 'redirect' }, { status: 302 }],
    [
      { kind: 'status', status: 429, retryAfterS: 7 },
      { status: 429, retryAfterMs: 7_000 },
    ],
  ] as const)('that is answered with %j is told as it is, without a second call', async (fault, answer) => {
    const { api, side, sandbox, callsOf } = await open()
    const { id } = side.add({ type: 'init-refund' })
    sandbox.faults.set([{ on: 'update-outcome', guid: id, fault: { ...fault } }])
    const said = await api.updateOutcome(id, '{"outcome":"reversed"}', { timeoutMs: 200 })
    expect(said.answer).toMatchObject(answer)
    expect(callsOf('update-outcome')).toHaveLength(1)
    const took = fault.kind === 'commit-then-hang'
    expect(side.alerts.get(id)?.answers.acceptedTimes).toBe(took ? 1 : 0)
  })

  it('is given up when we hang up', async () => {
    const { api, sandbox, callsOf } = await open()
    sandbox.faults.set([{ on: 'read-alert', fault: { kind: 'hang' } }])
    const stop = new AbortController()
    const said = api.getAlert(NOBODY, { timeoutMs: 10_000, signal: stop.signal })
    await eventually(() => expect(callsOf('read-alert')).toHaveLength(1))
    stop.abort()
    expect(await said).toEqual({ answer: { failure: 'aborted' } })
  })
})
