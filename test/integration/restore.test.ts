import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { runCommand } from '../support/run-command.ts'
import { sale } from '../support/sale.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const DAEMONS = ['order-sync', 'alerts', 'scheduler'] as const
let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'backup-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `order-sync`, over the line's Redis. */
const cli = ({ deps: { config } }: OpsLine, ...args: string[]) =>
  runCommand(args, {
    env: { REDIS_URL: config.REDIS_URL!, REDIS_NAMESPACE: config.REDIS_NAMESPACE, STATE_DIR: config.STATE_DIR },
  })
/** Starts the daemons; answers how to end them. */
async function start(line: OpsLine, names: readonly (typeof DAEMONS)[number][] = DAEMONS) {
  await line.deps.rollback.look()
  const ends = await Promise.all(names.map(name => line.start(name)))
  return async () => void (await Promise.all(ends.map(end => end(2_000))))
}
const alarms = async (line: OpsLine) => ((await line.get('/api/alarms')).body.alarms as { name: string }[]).map(({ name }) => name) // prettier-ignore
const resolutions = ({ sandbox }: OpsLine) => sandbox.inbox.requests(1_000).filter(({ call }) => call === 'resolution').length // prettier-ignore
const totals = ({ sandbox }: OpsLine, orderId: string) =>
  (sandbox.inbox.order(orderId)?.history ?? []).flatMap(({ payload }) => (payload as { order_total?: string }).order_total ?? []) // prettier-ignore
const later = (orderId: string, total: string) => ({ ...sale(orderId), occurred_at: new Date().toISOString(), order_total: total }) // prettier-ignore

describe('a backup that is restored', () => {
  it('answers nothing in other words, refunds nothing twice, and pushes nothing older, before and after its release', async () => {
    const line = await open({ CATCH_UP_MS: '600000' }, { without: DAEMONS })
    const { deps, sandbox } = line
    const file = join(folder, 'shop.backup')
    // Before the backup: two orders that the platform has, and two alerts that are not answered yet.
    await line.deps.rollback.look()
    let stop = await start(line, ['order-sync', 'scheduler'])
    for (const id of ['m', 'c', 'grown', 'same']) await line.sold(id)
    await stop()
    const { prevention_guid: guid } = sandbox.scenarios.trigger('ethoca-full-refund', { order_id: 'm' })
    const { alert_id: alertId, delivered } = sandbox.chargebackhit.scenarios.get('cbh-init-refund-ethoca')!.run({ order_id: 'c' }) // prettier-ignore
    await delivered
    const cases = [`midigator:${guid!}`, `chargebackhit:${alertId}`]
    await eventually(async () => expect(await deps.cases.records(cases)).toHaveLength(2))
    const made = await cli(line, 'backup', file)
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringContaining('The file holds personal data, and no secrets.'),
    })

    // After it both are refunded and answered, an order grows, and another comes.
    stop = await start(line)
    for (const id of cases) await line.caseOf(id, ({ state }) => state === 'resolved')
    await line.tell(later('grown', '32.00'))
    await line.sold('lost')
    await eventually(() => expect(totals(line, 'grown').at(-1)).toBe('32.00'))
    await stop()
    const before = { resolutions: resolutions(line), refunds: sandbox.refunds.list().length }
    expect(before).toEqual({ resolutions: 1, refunds: 2 })

    const refused = await cli(line, 'restore', file)
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--replace') })
    expect(await cli(line, 'restore', file, '--replace', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('Have generic send again every order changed since') }) // prettier-ignore
    expect(await deps.orders.read('lost')).toBeNull()

    stop = await start(line)
    expect(await alarms(line)).toContain('data-restored')
    const { quarantine } = (await line.get('/api/quarantine')).body
    expect(quarantine).toMatchObject({ cause: 'restored', demand: { sources: ['generic'], since: expect.any(String) } })
    expect((await line.get('/')).text).toContain('Release the quarantine')
    expect(await cli(line, 'quarantine')).toMatchObject({
      code: 1,
      out: expect.stringContaining('A backup was restored'),
    })
    // The platform's answer is kept where it states one; where it does not, a person must look.
    await line.caseOf(cases[1]!, ({ state, reason }) => state === 'resolved' && reason === 'answered-before')
    await line.caseOf(cases[0]!, ({ state, reason }) => state === 'parked' && reason === 'answer-unknown')
    // What is newer than anything goes out at once, the rest of the order does not.
    await line.tell({ order_id: 'grown', occurred_at: new Date().toISOString(), avs: 'Y' })
    await eventually(() => expect(sandbox.inbox.record('grown')).toMatchObject({ avs: 'Y', order_total: '32.00' }))
    // What the source sends again waits with its old times.
    await line.tell(sale('lost'), sale('same'))
    expect((await deps.orders.counts()).dirty).toBeGreaterThan(0)

    await line.tell(later('grown', '32.00'))
    expect(await cli(line, 'quarantine', 'release', '--reason', 'all was sent again')).toMatchObject({ code: 0 })
    expect(await alarms(line)).not.toContain('data-restored')
    const { acts } = (await line.get('/api/overview')).body
    expect(acts[0]).toMatchObject({ act: 'release', by: expect.stringContaining('cli:'), reason: 'all was sent again' })
    await eventually(async () => expect(await deps.orders.counts()).toMatchObject({ dirty: 0, orders: 5 }))
    expect(new Set(totals(line, 'grown'))).toEqual(new Set(['30.00', '32.00']))
    expect(totals(line, 'grown').at(-1)).toBe('32.00')
    expect(totals(line, 'grown').indexOf('32.00')).toBe(totals(line, 'grown').lastIndexOf('30.00') + 1)
    expect(sandbox.inbox.record('lost')).toMatchObject({ order_total: '30.00' })
    await line.caseOf(cases[0]!, ({ state }) => state === 'parked')
    expect({ resolutions: resolutions(line), refunds: sandbox.refunds.list().length }).toEqual(before)
    expect(sandbox.chargebackhit.alerts.get(alertId)!.answers).toMatchObject({ acceptedTimes: 1, conflicted: 0 })
    expect(await cli(line, 'quarantine')).toMatchObject({ code: 0, out: 'No quarantine.\n' })
    await stop()
  })

  it('needs a person’s approval for a refund, whatever the mode and whatever was approved before', async () => {
    const line = await open({}, { without: ['alerts'], isScheduled: true })
    const guid = await line.alertOn('ethoca-full-refund', 'a')
    await line.caseOf(guid)
    await line.deps.rollback.look()
    await line.deps.redis.hset(line.deps.keys.epoch, 'id', 'another')
    await line.deps.rollback.look()
    await line.start('alerts')
    await line.caseOf(guid, ({ state, reason }) => state === 'parked' && reason === 'answer-unknown')
    const approved = await line.post(`/api/cases/midigator:${guid}/approve`, {})
    expect(approved).toMatchObject({ status: 200 })
    await line.caseOf(guid, ({ state }) => state === 'resolved')
    expect(line.refundCalls('a')).toHaveLength(1)
  })
})

describe('a backup', () => {
  it('is a new file for this user alone, without secrets, and restores what was stored', async () => {
    const line = await open({}, { without: ['alerts'], isScheduled: true })
    const file = join(folder, 'shop.backup')
    await line.sold('o', { email_address: 'jane@example.com' })
    const { deps } = line
    await eventually(async () => expect(await deps.orders.counts()).toMatchObject({ dirty: 0, doubtful: 0 }))
    const [order, timeline] = [await deps.orders.read('o'), await deps.orders.timeline('o')]
    await deps.redis.set(`${deps.keys.lookup}with-an-end`, '1', 'PX', 60_000)
    await line.deps.rollback.look()
    expect(await cli(line, 'backup', file)).toMatchObject({ code: 0 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await cli(line, 'backup', file)).toMatchObject({ code: 1, err: expect.stringContaining('exists; name another file') }) // prettier-ignore
    const keys = gunzipSync(readFileSync(file)).toString().split('\n').flatMap(text => (/"k":"([^"]*)"/.exec(text)?.[1] ?? [])) // prettier-ignore
    expect(keys).toEqual(expect.arrayContaining(['order:o', 'orders', 'sources']))
    expect(keys.filter(key => /^(token|epoch|rollback|figures|sync-order|jobs-due|wrong-logins)/.test(key))).toEqual([])

    await deps.redis.unlink(deps.keys.order('o'))
    expect(await cli(line, 'restore', file, '--replace', '--yes', '--json')).toMatchObject({ code: 0 })
    expect(await deps.orders.read('o')).toEqual(order)
    expect(await deps.orders.timeline('o')).toEqual(timeline)
    expect(await deps.redis.pttl(`${deps.keys.lookup}with-an-end`)).toBeGreaterThan(1_000)
  })

  it('is not restored when it is damaged, while a daemon runs, or into other data; nothing is touched then', async () => {
    const line = await open({}, { without: ['alerts'], isScheduled: true })
    const file = join(folder, 'shop.backup')
    await line.sold('o')
    await cli(line, 'backup', file)
    const whole = gunzipSync(readFileSync(file)).toString().split('\n')
    const cut = { file: join(folder, 'cut'), text: gzipSync(whole.slice(0, -2).join('\n')) }
    const none = { file: join(folder, 'none'), text: Buffer.from('{}') }
    const short = { file: join(folder, 'short'), text: gzipSync([whole[0], ...whole.slice(2)].join('\n')) }
    for (const { file: bad, text } of [cut, none, short]) {
      writeFileSync(bad, text)
      expect(await cli(line, 'restore', bad, '--replace', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('use another backup') }) // prettier-ignore
    }
    expect(await cli(line, 'restore', join(folder, 'gone'))).toMatchObject({ code: 1, err: expect.stringContaining('no such file') }) // prettier-ignore
    await line.deps.figures.publish('ingress@here:1', '')
    expect(await cli(line, 'restore', file, '--replace', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('stop the daemons first: ingress@here:1') }) // prettier-ignore
    expect((await line.deps.orders.read('o'))!.orderId).toBe('o')
    expect((await line.deps.rollbacks.read()).quarantine).toBeNull()
    chmodSync(file, 0o600)
  })
})

describe('an export', () => {
  it.runIf(isLong)('is orders, cases and refunds, one object a line, readable for this user alone', async () => {
    const line = await open({}, { isScheduled: true })
    const file = join(folder, 'shop.ndjson')
    const guid = await line.alertOn('ethoca-full-refund', 'o')
    await line.caseOf(guid, ({ state }) => state === 'resolved')
    expect(await cli(line, 'export', file)).toMatchObject({ code: 0, out: expect.stringContaining('personal data') })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const records = readFileSync(file, 'utf8').trim().split('\n').map(text => JSON.parse(text) as { type: string }) // prettier-ignore
    expect(records).toContainEqual(expect.objectContaining({ type: 'order', order_id: 'o', order: expect.objectContaining({ order_total: '30.00' }) })) // prettier-ignore
    expect(records).toContainEqual(
      expect.objectContaining({ type: 'case', id: `midigator:${guid}`, state: 'resolved' }),
    )
    expect(records).toContainEqual(expect.objectContaining({ type: 'refund', order_id: 'o', amount: '30', state: 'confirmed' })) // prettier-ignore
    expect(existsSync(file)).toBe(true)
    expect(await cli(line, 'export', file)).toMatchObject({ code: 1 })
  })
})

describe('the runbook', () => {
  it('names commands that all do what it says, in the order it gives them', async () => {
    const line = await open({}, { without: ['alerts'], isScheduled: true })
    const text = readFileSync(join(import.meta.dirname, '../../docs/backup-and-restore.md'), 'utf8')
    const commands = [...text.matchAll(/^ *npx order-sync (.*)$/gm)].map(([, words]) => words!)
    expect(commands.map(words => words.split(' ')[0])).toEqual(['backup', 'export', 'restore', 'quarantine', 'doctor', 'cases', 'quarantine', 'sources']) // prettier-ignore
    await line.sold('o')
    await line.deps.rollback.look()
    for (const command of commands) {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
      const args = words.map(one => (one.startsWith('shop.') ? join(folder, one) : one))
      const { code, out, err } = await cli(line, ...args)
      // These two exit with 1 while something is wrong, which it is.
      const isWrong = ['quarantine', 'doctor'].includes(command)
      expect({ command, code, err }).toEqual({ command, code: isWrong ? 1 : 0, err: '' })
      expect(out).toContain(isWrong ? 'A backup was restored' : '')
    }
    expect(await alarms(line)).not.toContain('data-restored')
  })
})
