import { describe, expect, it } from 'vitest'
import type { RefundAnswer, RefundGateway } from '../../src/gateways/gateway.ts'
import { prepareTrial, runTrial, type KeyProof, type KeyTrialRequest } from '../../src/ops/doctor-prove-keys.ts'
import { runCommand } from '../support/run-command.ts'
import { useAlertLines, type AlertLine, type Settings } from './alert-line.ts'

const openLine = useAlertLines()
const ASKED = { orderId: 'p-1', amount: '1.00', currency: 'USD' }

/** A line whose daemons do not run, with one order of 30.00 that the gateway captured. */
async function open(settings: Settings = {}): Promise<AlertLine> {
  const line = await openLine(
    { REFUND_LIST_LAG_MS: '300', ...settings },
    { without: ['order-sync', 'alerts', 'scheduler'] },
  )
  await line.sell('p-1')
  line.sandbox.payments.set('p-1', { captured: '30.00', currency: 'USD' })
  return line
}

const depsOf = ({ deps }: AlertLine) => ({ ...deps, gateway: deps.jobDeps.gateway })
async function trial(line: AlertLine, asked: KeyTrialRequest = ASKED): Promise<KeyProof | string> {
  const prepared = await prepareTrial(depsOf(line), asked)
  if ('refusal' in prepared) return prepared.refusal
  const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, Math.min(ms, 50)))
  return runTrial(depsOf(line), prepared.trial, { newId: () => 't1', pause, monotonicMs: () => performance.now() })
}
const callsOf = ({ sandbox }: AlertLine) => sandbox.inbox.requests(1_000).filter(({ call }) => call === 'refund')
const refundsOf = ({ sandbox }: AlertLine) => sandbox.refunds.list('p-1')

describe('a trial of idempotency keys', () => {
  it('proves a gateway that replays them: one refund, seen twice and listed once', async () => {
    const line = await open()
    const proof = await trial(line)
    const [refund, ...more] = refundsOf(line)
    expect(more).toEqual([])
    expect(refund).toMatchObject({ amount: '1.00', key: 'doctor-t1', reference: 'doctor-t1', replays: 1 })
    expect(proof).toMatchObject({
      keys: 'kept',
      refunds: [refund?.refund_id],
      refunded: '1.00 USD',
      reference: 'doctor-t1',
    })
    expect((proof as KeyProof).advice).toContain('how many hours')
    expect(new Set(callsOf(line).map(({ payload }) => JSON.stringify(payload))).size).toBe(1)
  })

  it('leaves nothing in the ledger: the refund is found in the list of the gateway', async () => {
    const line = await open()
    await trial(line)
    expect(await line.deps.refunds.read('p-1')).toMatchObject({ claims: [], report: null })
    const report = await line.deps.jobDeps.gateway?.findRefunds(
      { orderId: 'p-1', transactionId: null },
      { timeoutMs: 500 },
    )
    expect(report).toMatchObject({ refunds: [{ reference: 'doctor-t1' }], refundableAmount: '29' })
  })

  it('finds a gateway that keeps none: two refunds, and the advice to set 0', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ keeps_keys_hours: 0 }])
    const proof = await trial(line)
    expect(refundsOf(line)).toHaveLength(2)
    expect(proof).toMatchObject({
      keys: 'not-kept',
      refunds: refundsOf(line).map(({ refund_id }) => refund_id),
      refunded: '2.00 USD',
      advice: expect.stringContaining('to 0'),
    })
  })

  it('waits for a list that lags behind, and proves nothing where the refund never shows', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ lag_ms: 150 }])
    expect(await trial(line)).toMatchObject({ keys: 'kept' })
    line.sandbox.gateway.traits.set([{ lag_ms: 60_000 }])
    expect(await trial(line)).toMatchObject({
      keys: 'not-proven',
      refunded: '1.00 USD',
      advice: expect.stringContaining('at 0'),
    })
  })

  it('believes the list over the answers: the same refund answered twice, and two in the list, are not kept', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ references: false }])
    const gateway = line.deps.jobDeps.gateway!
    let first: RefundAnswer | null = null
    const lying: RefundGateway = {
      ...gateway,
      async refund({ body, key }, limits) {
        const answer = await gateway.refund({ body, key: first === null ? key : 'another' }, limits)
        return (first ??= answer)
      },
    }
    const prepared = await prepareTrial({ ...depsOf(line), gateway: lying }, ASKED)
    if ('refusal' in prepared) throw new Error(prepared.refusal)
    const tools = { newId: () => 't1', pause: async () => {}, monotonicMs: () => performance.now() }
    const proof = await runTrial(line.deps, prepared.trial, tools)
    expect(refundsOf(line)).toHaveLength(2)
    expect(proof).toMatchObject({ keys: 'not-kept', refunded: '2.00 USD' })
  })

  it('whose second answer is lost proves nothing, and does not state what was refunded', async () => {
    const line = await open()
    const gateway = line.deps.jobDeps.gateway!
    let sent = 0
    const second = { ...gateway, refund: (...given: Parameters<typeof gateway.refund>) => {
      sent += 1
      if (sent === 2) line.sandbox.faults.set([{ on: 'refund', fault: { kind: 'status', status: 500 } }])
      return gateway.refund(...given)
    } } // prettier-ignore
    const prepared = await prepareTrial({ ...depsOf(line), gateway: second }, ASKED)
    if ('refusal' in prepared) throw new Error(prepared.refusal)
    const tools = { newId: () => 't1', pause: async () => {}, monotonicMs: () => performance.now() }
    const proof = await runTrial(line.deps, prepared.trial, tools)
    expect(proof).toMatchObject({ keys: 'not-proven', refunded: null })
    expect(proof.seen.join()).toContain('lost (http-500)')
  })

  it.each([
    [{ kind: 'refuse', code: 'card_expired', message: 'no' }, 'refused (card_expired)'],
    [{ kind: 'fail' }, 'failed'],
  ] as const)('whose first refund comes to %j sends no second one', async (behave, seen) => {
    const line = await open()
    line.sandbox.gateway.setRules([{ behave }])
    const proof = await trial(line)
    expect(proof).toMatchObject({ keys: 'not-proven', refunded: 'nothing', refunds: [] })
    expect((proof as KeyProof).seen.join()).toContain(seen)
    expect(callsOf(line)).toHaveLength(1)
  })

  it('whose first answer is lost sends no second one and says where to look', async () => {
    const line = await open()
    line.sandbox.faults.set([{ on: 'refund', fault: { kind: 'commit-then-fail', status: 502 } }])
    expect(await trial(line)).toMatchObject({
      keys: 'not-proven',
      refunded: null,
      advice: expect.stringContaining('reference'),
    })
    expect(callsOf(line)).toHaveLength(1)
  })
})

describe('a trial that must not run', () => {
  const refused = async (line: AlertLine, asked: Partial<KeyTrialRequest> = {}) => {
    const refusal = await trial(line, { ...ASKED, ...asked })
    expect(callsOf(line)).toEqual([])
    return refusal
  }

  it('is refused while refunds are off, in a dry run, and without a gateway', async () => {
    const off = await open({ REFUND_MODE: 'off' })
    expect(await refused(off)).toBe('Refund mode: off. Set it with order-sync refunds first.')
    const dry = await open({ ORDER_SYNC_DRY_RUN: 'on' })
    expect(await refused(dry)).toContain('ORDER_SYNC_DRY_RUN is on')
    const none = await open({ REFUND_HTTP_URL: '' })
    expect(await refused(none)).toContain('REFUND_HTTP_URL')
  })

  it('is refused where the mode was switched off at run time', async () => {
    const line = await open()
    await line.deps.refunds.setMode('off', 'test', null, Date.now())
    expect(await refused(line)).toContain('Refund mode: off')
  })

  it('is refused for an amount, an order or a currency that does not serve', async () => {
    const line = await open()
    for (const amount of ['0', '-1', '1.001', 'one', ''])
      expect(await refused(line, { amount })).toContain('not an amount')
    expect(await refused(line, { currency: 'usd' })).toContain('not an amount')
    expect(await refused(line, { orderId: 'nobody' })).toBe('Order nobody is not known here.')
    expect(await refused(line, { currency: 'EUR' })).toBe('The currency of order p-1 is USD.')
    expect(await refused(line, { amount: '15.01' })).toContain('Only 30 USD is refundable')
  })

  it('is refused where the gateway cannot be read, states another currency, or cannot refund the order yet', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ settles_at: new Date(Date.now() + 60_000).toISOString() }])
    expect(await refused(line)).toContain('not settled')
    line.sandbox.gateway.traits.set([{ currency: 'EUR' }])
    expect(await refused(line)).toContain('currency EUR')
    line.sandbox.faults.set([{ on: 'refund-list', fault: { kind: 'status', status: 500 } }])
    expect(await refused(line)).toContain('cannot be read (http-500)')
  })
})

describe('order-sync doctor --prove-keys', () => {
  const PROVE = ['doctor', '--prove-keys', 'p-1', '--amount', '1.00', '--currency', 'USD']
  const envOf = ({ deps: { config }, sandbox }: AlertLine) => ({
    REDIS_URL: config.REDIS_URL!,
    REDIS_NAMESPACE: config.REDIS_NAMESPACE,
    REFUND_MODE: 'auto',
    REFUND_HTTP_URL: sandbox.gatewayUrl,
    REFUND_HTTP_SECRET: sandbox.gatewaySecret,
  })

  it('prints what was seen, the verdict and what was refunded', async () => {
    const line = await open()
    const { code, out, err } = await runCommand([...PROVE, '--yes'], { env: envOf(line) })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/Second answer, under the same key: refund rfd_\w+, succeeded\./)
    expect(out).toContain('Keys are kept.')
    expect(out).toContain('1.00 USD of order p-1 was refunded')
    expect(out).toContain("finds it in the gateway's list")
    expect(refundsOf(line)).toHaveLength(1)
  })

  it('fails with 1 where keys are not kept, as JSON too', async () => {
    const line = await open()
    line.sandbox.gateway.traits.set([{ keeps_keys_hours: 0 }])
    const { code, out } = await runCommand([...PROVE, '--yes', '--json'], { env: envOf(line) })
    expect([code, JSON.parse(out).keys]).toEqual([1, 'not-kept'])
  })

  it('sends nothing unless somebody confirms it, and asks for what is missing', async () => {
    const line = await open()
    const env = envOf(line)
    expect(await runCommand(PROVE, { env })).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    const bare = await runCommand(['doctor', '--prove-keys', 'p-1', '--yes'], { env })
    expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('--amount and --currency') })
    const off = await runCommand([...PROVE, '--yes'], { env: { ...env, REFUND_MODE: 'off' } })
    expect(off).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Refund mode: off') })
    expect(callsOf(line)).toEqual([])
  })
})
