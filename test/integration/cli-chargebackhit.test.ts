import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { runCommand } from '../support/run-command.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { useAlertLines } from './alert-line.ts'

const open = useAlertLines()
const folder = mkdtempSync(join(tmpdir(), 'cli-chargebackhit-'))
let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await takeSandbox()
})
afterEach(() => sandbox.close())
afterAll(() => rmSync(folder, { recursive: true }))

const keysOf = ({ chargebackhitKeys: { publicKey, secretKey } }: Sandbox) => ({
  CHARGEBACKHIT_PUBLIC_KEY: publicKey,
  CHARGEBACKHIT_SECRET_KEY: secretKey,
})

/** `order-sync chargebackhit`, with the sandbox's keys and nothing else. */
const cli = (words: string[], env: Record<string, string> = {}) =>
  runCommand(['chargebackhit', ...words], {
    env: { CHARGEBACKHIT_URL: sandbox.chargebackhitUrl, ...keysOf(sandbox), ...env },
    cwd: folder,
  })
const json = async (...words: string[]) => {
  const { code, out, err } = await cli([...words, '--json'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
const lines = (out: string) => out.trimEnd().split('\n')
/** The cells of a table's lines: two blanks and more lie between them. */
const cells = (line = '') => line.split(/ {2,}/)
const file = async (name: string, content: string) => {
  await writeFile(join(folder, name), content)
  return name
}

describe('order-sync chargebackhit alerts', () => {
  it('lists what was simulated, newest first, under the names of the columns', async () => {
    for (const type of ['inquiry', 'init-refund']) {
      const simulated = await cli(['simulate', type, '--amount', '30', '--transaction', `tx-${type}`])
      expect(simulated).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`tx-${type}`) })
    }
    const { code, out } = await cli(['alerts'])
    const [header, ...rows] = lines(out)
    expect(code).toBe(0)
    expect(cells(header)).toEqual(['id', 'date', 'type', 'product', 'amount', 'transaction'])
    expect(rows.map(row => cells(row).slice(2))).toEqual([
      ['init-refund', 'ethoca', '30.00 USD', 'tx-init-refund'],
      ['inquiry', 'oi', '30.00 USD', 'tx-inquiry'],
    ])
    expect(rows.every(row => row.indexOf(cells(row)[2]!) === header!.indexOf('type'))).toBe(true)
  })

  it.each([
    ['type', ['--type', 'inquiry', 'resolved'], ['a', 'c']],
    ['product', ['--product', 'ethoca'], ['b']],
    ['outcome', ['--outcome', 'reversed'], ['b']],
    ['order', ['--order', 'order-b', 'order-x'], ['b']],
    ['time', ['--since', hoursAgo(20), '--until', hoursAgo(5)], ['b']],
    ['day and those after it', ['--since', hoursAgo(60).slice(0, 10)], ['a', 'b', 'c']],
    ['all of them', ['--type', 'inquiry', '--product', 'ethoca'], []],
  ])('lists those alone that the flags ask for, by %s', async (_what, flags, ids) => {
    sandbox.chargebackhit.add({ id: 'a', type: 'inquiry', date: hoursAgo(30) })
    sandbox.chargebackhit.add({ id: 'b', type: 'init-refund', date: hoursAgo(10) })
    sandbox.chargebackhit.add({ id: 'c', type: 'resolved', date: hoursAgo(1) })
    await answer('b', { outcome: 'reversed', order: { order_id: 'order-b' } })
    const { alerts, more } = await json('alerts', ...flags)
    expect(more).toBe(false)
    expect(alerts.map((record: { alert: { id: string } }) => record.alert.id).toSorted()).toEqual(ids)
  })

  it('reads page after page, as many as are asked for', async () => {
    for (let i = 0; i < 250; i++) sandbox.chargebackhit.add({ type: 'prevented', id: `alert-${i}` })
    const all = await json('alerts', '--limit', '1000')
    expect(new Set(all.alerts.map((record: { alert: { id: string } }) => record.alert.id)).size).toBe(250)
    expect(all.more).toBe(false)
    const { out } = await cli(['alerts', 'list', '--limit', '240'])
    expect(lines(out)).toHaveLength(242)
    expect(out).toContain('The newest 240; --limit shows more.')
    const few = await json('alerts', '--limit', '1')
    expect(few).toMatchObject({ alerts: [{ alert: { id: 'alert-249' } }], more: true })
  })

  it('shows one with every member, and says when it is not known', async () => {
    sandbox.chargebackhit.add({ id: 'alert-1', type: 'resolved', amount: '12.50' })
    const { code, out } = await cli(['alerts', 'show', 'alert-1'])
    expect(code).toBe(0)
    expect(out).toMatch(/^alert\.amount +12\.50$/m)
    expect(out).toMatch(/^alert\.rdr\.pricing_tier +1$/m)
    expect(await json('alerts', 'show', 'alert-1')).toMatchObject({ alert: { id: 'alert-1', type: 'resolved' } })
    expect(await cli(['alerts', 'show', 'nobody'])).toMatchObject({
      code: 1, out: '', err: expect.stringMatching(/^order-sync: Chargebackhit refused it with 404: .*not found/),
    })
    expect(await cli(['alerts', 'list', '--type', 'refund'])).toMatchObject({ code: 2 })
    expect(await cli(['alerts', 'list', '--since', 'yesterday'])).toMatchObject({ code: 2 })
  }) // prettier-ignore

  it('says that there is none', async () => {
    expect(await cli(['alerts'])).toMatchObject({ code: 0, out: 'No alert was found.\n' })
  })

  it('lets no text of an alert move the cursor', async () => {
    sandbox.chargebackhit.add({ type: 'inquiry', transaction: { transaction_merchant_id: 'a\u001b[2Jb\nc' } })
    const { out } = await cli(['alerts'])
    expect(lines(out)).toHaveLength(2)
    expect(out).toContain('a [2Jb c')
  })
})

async function answer(id: string, body: object): Promise<void> {
  const [{ createChargebackhitApi }, { createHttpClient }] = await Promise.all([
    import('../../src/platforms/chargebackhit/api.ts'),
    import('../../src/http-client.ts'),
  ])
  const http = createHttpClient(1)
  const api = createChargebackhitApi({ url: sandbox.chargebackhitUrl, ...sandbox.chargebackhitKeys, http })
  const said = await api.updateOutcome(id, JSON.stringify(body), { timeoutMs: 5_000 })
  http.close()
  expect(said.answer).toMatchObject({ status: 200 })
}

describe('order-sync chargebackhit merchants and caids', () => {
  it('lists, shows and renames merchants', async () => {
    const [header, ...rows] = lines((await cli(['merchants'])).out)
    expect(cells(header)).toEqual(['id', 'internal_id', 'name', 'descriptor'])
    expect(rows.map(row => cells(row)[1])).toEqual(['mid_ZXC13579', 'mid_ASD67890', 'mid_QWE12345'])
    const id = cells(rows[1])[0]!
    expect(await cli(['merchants', 'rename', id, 'shop-de'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^internal_id +shop-de$/m),
    })
    expect(await json('merchants', 'show', id)).toMatchObject({ id, internal_id: 'shop-de', name: 'Example Shop DE' })
    expect((await json('merchants', '--limit', '2')).more).toBe(true)
    expect((await cli(['merchants', '--limit', '2'])).out).toContain('The first 2; --limit shows more.')
    expect(await cli(['merchants', 'show', 'nobody'])).toMatchObject({ code: 1, err: expect.stringContaining('404') })
  })

  it('lists card acceptor ids with their products, shows and renames them, with their activations', async () => {
    const [header, ...rows] = lines((await cli(['caids'])).out)
    expect(cells(header)).toEqual(['id', 'internal_id', 'card_acceptor_id', 'acquirer_bin', 'descriptor', 'products'])
    expect(rows).toHaveLength(5)
    expect(rows[0]).toMatch(/ {2}ethoca active, cdrn active, rdr failed \(arns_not_found\)$/)
    const id = cells(rows[0])[0]!
    expect(await json('caids', 'show', id)).not.toHaveProperty('activities')
    expect(await json('caids', 'show', id, '--activities')).toMatchObject({ activities: [{}, {}, {}] })
    const renamed = await cli(['caids', 'rename', id, 'till-1', '--activities'])
    expect(renamed.out).toMatch(/^internal_id +till-1$/m)
    expect(renamed.out).toMatch(/^activities\.0\.product +ethoca$/m)
    expect((await json('caids')).caids[0]).toMatchObject({ id, internal_id: 'till-1' })
  })

  it.each([
    ['merchants', ['--internal-id', 'mid_ZXC13579', 'mid_ASD67890', '--name', 'Example Shop DE'], ['mid_ASD67890']],
    ['merchants', ['--descriptor', 'SHOP*UK', 'SHOP*DE'], ['mid_ZXC13579', 'mid_ASD67890']],
    ['caids', ['--merchant', '5a0a3c6e-5f6b-4c1b-9a53-0f6f3b1f0a03'], ['caid_ZXC13579_1', 'caid_ZXC13579_0']],
    ['caids', ['--psp', 'other-psp', '--descriptor', 'SHOP*UK'], ['caid_ZXC13579_1']],
  ])('lists those %s alone that the flags ask for: %j', async (name, flags, ids) => {
    const listed = (await json(name, ...flags))[name]
    expect(listed.map((record: { internal_id: string }) => record.internal_id)).toEqual(ids)
  })

  it('disenrols products, and tells why the platform will not', async () => {
    const { id } = (await json('caids')).caids[0]
    expect(await cli(['disenroll', id, 'ethoca', 'cdrn', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ethoca, cdrn: disenrolled\.\n[^]*info\.products\.cdrn\.status +inactive$/m),
    })
    const again = await cli(['disenroll', id, 'rdr', '--yes'])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toMatch(/refused it with 400: .*validation_status_invalid/)
    expect(await cli(['disenroll', id, 'rdr'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    expect(await cli(['disenroll', id, 'RDR', '--yes'])).toMatchObject({ code: 2 })
  })
})

const HEADER = 'required_products,psp_name,descriptor,merchant_internal_id,arns,support_info_merchant.website_url\n'
const ARN = '74123456789012345678901'
const GOOD = `${HEADER}ethoca;cdrn,Acme,ACME*SHOP,shop-1,,\nrdr,Acme,ACME*RDR,shop-2,${ARN} ${ARN} ${ARN},https://shop.test\n`

describe('order-sync chargebackhit enroll', () => {
  it('tells every fault of every row and sends nothing', async () => {
    const path = await file('bad.csv', `${GOOD}oi,Acme,ACME*OI,,${ARN},\nrdq,,ACME,,,\n`)
    const { code, out, err } = await cli(['enroll', path])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(lines(out).map(line => line.split(/: |;/)[0])).toEqual([
      'row 3, arns',
      'row 3, card_acceptor_id',
      'row 3, acquirer_bin',
      'row 4, required_products',
      'row 4, psp_name',
      '2 of 4 rows have faults',
    ])
    expect(out).toContain('row 3, arns: expected 3 to 10 ARNs, found 1')
    const told = await cli(['enroll', path, '--json'])
    expect(told.code).toBe(1)
    expect(JSON.parse(told.out)).toMatchObject({ rows: 4, faults: [{ row: 3, column: 'arns' }, {}, {}, {}, {}] })
    expect(sandbox.chargebackhit.accounts.enrollments).toEqual([])
  })

  it('checks without keys and sends nothing in a dry run', async () => {
    const path = await file('good.csv', GOOD)
    const keyless = { CHARGEBACKHIT_PUBLIC_KEY: '', CHARGEBACKHIT_SECRET_KEY: '' }
    expect(await cli(['enroll', path, '--dry-run'], keyless)).toMatchObject({
      code: 0,
      out: '2 rows may be sent; nothing was sent.\n',
    })
    expect(sandbox.chargebackhit.accounts.enrollments).toEqual([])
  })

  it('sends the rows, tells of each, and lists where they stand', async () => {
    const { code, out } = await cli(['enroll', await file('good.csv', GOOD)])
    expect(code).toBe(0)
    const [header, first, second, sum] = lines(out)
    expect(cells(header)).toEqual(['row', 'status', 'descriptor', 'merchant_internal_id', 'required_products'])
    expect(cells(first)).toEqual(['1', 'sent', 'ACME*SHOP', 'shop-1', 'ethoca cdrn'])
    expect(cells(second)).toEqual(['2', 'sent', 'ACME*RDR', 'shop-2', 'rdr'])
    expect(sum).toBe('2 rows: 2 sent')
    expect(sandbox.chargebackhit.accounts.enrollments.map(({ members }) => members)).toMatchObject([
      { required_products: ['ethoca', 'cdrn'], psp_name: 'Acme' },
      { arns: [ARN, ARN, ARN], support_info_merchant: { website_url: 'https://shop.test' } },
    ])
    const listed = lines((await cli(['enrollments', '--status', 'new'])).out)
    expect(listed.slice(1).map(line => cells(line).slice(1))).toEqual([
      ['new', 'shop-2', 'ACME*RDR', 'rdr'],
      ['new', 'shop-1', 'ACME*SHOP', 'ethoca cdrn'],
    ])
    expect(await json('enrollments', '--status', 'success', 'error')).toEqual({ enrollments: [], more: false })
    expect(await cli(['enrollments', '--status', 'done'])).toMatchObject({ code: 2 })
  })

  it('goes on after a refused batch, with the reason at each of its rows', async () => {
    const path = await file('long.json', manyRows(1_001))
    const body = { error: { code: 'validation_error', message: 'descriptor ACME*1 is taken, says as_sandbox' } }
    sandbox.faults.set([{ on: 'enrollments', times: 1, fault: { kind: 'status', status: 400, body } }])
    const { code, out } = await cli(['enroll', path])
    expect(code).toBe(1)
    expect(cells(lines(out)[1]).slice(0, 2)).toEqual(['1', 'refused'])
    expect(lines(out)[1]).toMatch(/Chargebackhit refused it with 400: .*validation_error/)
    expect(lines(out)[1]).not.toContain('is taken, says ACME')
    expect(lines(out).at(-2)).toBe('1001 rows: 1000 refused, 1 sent')
    expect(sandbox.chargebackhit.accounts.enrollments).toHaveLength(1)
  })

  it('sends no more after a batch that nobody answered, and says which rows are in doubt', async () => {
    sandbox.faults.set([{ on: 'enrollments', times: 1, fault: { kind: 'commit-then-reset' } }])
    const told = await cli(['enroll', await file('long.json', manyRows(1_001)), '--json'])
    const { rows, counts } = JSON.parse(told.out)
    expect(told.code).toBe(1)
    expect(counts).toEqual({ unknown: 1_000, 'not-sent': 1 })
    expect(rows[0].says).toContain('whether it took effect is not known')
    expect(rows[1_000]).toEqual({ row: 1_001, status: 'not-sent', says: expect.stringContaining('after row 1000') })
    expect(sandbox.chargebackhit.accounts.enrollments).toHaveLength(1_000)
  })
})

const manyRows = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      required_products: ['ethoca'],
      psp_name: 'Acme',
      descriptor: `ACME*${i + 1}`,
    })),
  )

describe('order-sync chargebackhit simulate and validate', () => {
  it.each(['inquiry', 'prevented', 'init-refund', 'resolved', 'fraud-notification', 'dispute-notification'])(
    'has an alert of type %s published, with what was told of it',
    async type => {
      const told = await json('simulate', type, '--currency', 'EUR', '--bin', '512345', '--last-four', '0004', '--arn', ARN)
      const [alert] = sandbox.chargebackhit.alerts.all()
      expect(alert?.record).toEqual(told)
      expect(told).toMatchObject({
        alert: { type, amount: '26.85', currency: 'EUR' },
        transaction: { bin: '512345', last_four: '0004', arn: ARN, card_brand: 'mastercard' },
      })
    },
  ) // prettier-ignore

  it('speaks of an order as it is known here, and of nothing else', async () => {
    const line = await open({}, { without: ['order-sync', 'alerts', 'scheduler'] })
    await line.sell('741258', {
      transaction_id: 'tx-9',
      currency: 'EUR',
      order_total: '64.20',
      captured_amount: '60.00',
      arn: ARN,
    })
    await line.sell('741259', { transaction_id: null, cc_first_6: null, cc_last_4: null })
    const env = { REDIS_URL: line.deps.config.REDIS_URL!, REDIS_NAMESPACE: line.deps.config.REDIS_NAMESPACE }
    const known = await cli(['simulate', 'init-refund', '--order', '741258', '--amount', '59.5', '--json'], env)
    expect(JSON.parse(known.out)).toMatchObject({
      alert: { amount: '59.50', currency: 'EUR' },
      transaction: { transaction_merchant_id: 'tx-9', amount: '59.50', arn: ARN },
    })
    const { out } = await cli(['simulate', 'inquiry', '--order', '741259'], env)
    expect(out).toContain('about order 741259')
    const [, second] = sandbox.chargebackhit.alerts.all()
    expect(second?.record.transaction).toMatchObject({ transaction_merchant_id: '741259' })
    expect(second?.record.transaction).not.toHaveProperty('bin')
    expect(await cli(['simulate', 'inquiry', '--order', 'nobody'], env)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('order nobody is not known here'),
    })
    expect(sandbox.chargebackhit.alerts.all()).toHaveLength(2)
  })

  it('asks whether an answer would be taken, and changes nothing', async () => {
    const good = await file('good.json', JSON.stringify({ outcome: 'reversed', order: { order_id: '1' } }))
    expect(await cli(['validate', good])).toMatchObject({ code: 0, out: 'Chargebackhit would take this answer.\n' })
    const bad = await cli(['validate', await file('bad.json', '{"outcome":"refunded"}')])
    expect(bad).toMatchObject({ code: 1, out: '' })
    expect(bad.err).toMatch(/refused it with 400: .*validation_error.*outcome/)
    expect(await cli(['validate', await file('none.json', '{"outcome":')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('none.json: expected JSON'),
    })
    expect(await cli(['validate', 'missing.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('missing.json: there is no such file'),
    })
  })
})

describe('order-sync chargebackhit, wrongly configured', () => {
  it('names the keys that are missing', async () => {
    const { code, err } = await cli(['alerts'], { CHARGEBACKHIT_PUBLIC_KEY: '', CHARGEBACKHIT_SECRET_KEY: '' })
    expect(code).toBe(1)
    expect(err).toMatch(/CHARGEBACKHIT_PUBLIC_KEY: is missing.*\n.*CHARGEBACKHIT_SECRET_KEY: is missing/)
    const half = await cli(['alerts'], { CHARGEBACKHIT_SECRET_KEY: '' })
    expect(half.err).toMatch(/1 fault|a fault/)
    expect(half.err).toContain('CHARGEBACKHIT_SECRET_KEY: is missing')
  })

  it.each([['alerts'], ['merchants'], ['caids'], ['enrollments']])('says of %s that the keys are refused', async name => {
    const { code, out, err } = await cli([name], { CHARGEBACKHIT_SECRET_KEY: 'hunter2-hunter2' })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/rejected our credentials, check CHARGEBACKHIT_PUBLIC_KEY and CHARGEBACKHIT_SECRET_KEY; it answered 401/)
    expect(err).not.toContain('hunter2')
  }) // prettier-ignore

  it('reports that there is no answer, or none that can be read', async () => {
    const away = await cli(['merchants'], { CHARGEBACKHIT_URL: 'http://127.0.0.1:1' })
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('it cannot be reached; check CHARGEBACKHIT_URL') })
    sandbox.faults.set([{ on: 'merchants', fault: { kind: 'status', status: 429, retryAfterS: 7 } }])
    expect((await cli(['merchants'])).err).toContain('asks to wait 7 s')
    sandbox.faults.set([{ on: 'merchants', fault: { kind: 'redirect' } }])
    expect((await cli(['merchants'])).err).toContain('check CHARGEBACKHIT_URL')
    sandbox.faults.set([{ on: 'merchants', fault: { kind: 'html', status: 503 } }])
    expect((await cli(['merchants'])).err).toContain('it answered 503')
    sandbox.faults.set([{ on: 'caids', fault: { kind: 'status', status: 200, body: 'fine' } }])
    expect((await cli(['caids', 'show', 'x'])).err).toContain('what it answered cannot be read')
  }) // prettier-ignore
})
