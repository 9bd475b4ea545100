import { describe, expect, it } from 'vitest'
import { diagnose, type DoctorLine } from '../../src/ops/doctor.ts'
import { rebuildCase } from '../../src/ops/rebuild-case.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useOpsLines } from './ops-line.ts'

const open = useOpsLines()
const MODE = '/api/refunds/mode'

describe('the refund mode', () => {
  it('is shown, is set for every process, and keeps who set it and why', async () => {
    const line = await open({ REFUND_AUTO_LIMIT: '200', REFUND_LIMIT_CURRENCY: 'USD' })
    expect((await line.get(MODE)).body).toEqual({
      mode: 'auto', set_at: null, set_by: null, configured: 'auto', trigger: 'order.refund',
      limits: { auto: '200', hourly: null, currency: 'USD' }, waiting: { for_approval: 0, for_switch: 0, late: 0 }, history: [],
    }) // prettier-ignore
    const turned = await line.put(MODE, { mode: 'off', reason: 'the gateway is being moved; 4012888888881881' })
    expect(turned.status).toBe(200)
    expect(turned.body).toMatchObject({
      mode: 'off',
      set_by: 'operator',
      says: 'Refund mode: off. No refund is sent; alerts are still received and wait. 0 open cases are decided again.',
    })
    expect((await line.put(MODE, { mode: 'approve' })).body.history).toMatchObject([
      { by: 'operator', from: 'off', to: 'approve', reason: null },
      { by: 'operator', from: 'auto', to: 'off', reason: 'the gateway is being moved; 401288******1881' },
    ])
    expect(await line.deps.refunds.mode()).toMatchObject({ mode: 'approve', setBy: 'operator' })
  })

  it('refuses a bad mode, reason or member by its name and stays as it was', async () => {
    const line = await open()
    for (const [field, body] of [
      ['mode', { mode: 'on' }],
      ['mode', {}],
      ['reason', { mode: 'off', reason: 'x'.repeat(501) }],
      ['force', { mode: 'off', force: true }],
      ['body', ['off']],
    ] as const) {
      const answer = await line.put(MODE, body)
      const fields = answer.body.errors.map((error: { field: string }) => error.field)
      expect({ body, status: answer.status, fields }).toEqual({ body, status: 422, fields: expect.arrayContaining([field]) }) // prettier-ignore
      expect((await line.get(MODE)).body.mode).toBe('auto')
    }
  })

  it.runIf(isLong)(
    'decides every waiting case again the moment it is set, though no sweep would for minutes',
    async () => {
      const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
      const guids = []
      for (const orderId of ['wake-1', 'wake-2', 'wake-3'])
        guids.push(await line.alertOn('ethoca-full-refund', orderId))
      for (const guid of guids) await line.caseOf(guid, record => record.reason === 'refunds-off')
      // An order.refund that came before its alert waits by itself until the alert takes it over.
      await eventually(async () =>
        expect((await line.get(MODE)).body.waiting).toEqual({ for_approval: 0, for_switch: 3, late: 0 }),
      )
      expect(line.sandbox.refunds.list()).toEqual([])
      await line.put(MODE, { mode: 'auto' })
      for (const guid of guids) await line.caseOf(guid, record => record.state === 'resolved')
      expect(line.sandbox.refunds.list()).toHaveLength(3)
    },
  )

  it.runIf(isLong)(
    'set to automatic again, counts the cases whose deadline has passed and does not refund them',
    async () => {
      const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
      await line.soldAndKnown('late-1')
      const { prevention_guid: guid } = await line.play('ethoca-full-refund', {
        order_id: 'late-1',
        prevention_timestamp: `${new Date(Date.now() - 25 * 3_600_000).toISOString().slice(0, 19)}Z`,
      })
      await line.caseOf(guid!, record => record.reason === 'refunds-off')
      const inTime = await line.alertOn('ethoca-full-refund', 'late-2')
      await line.caseOf(inTime, record => record.reason === 'refunds-off')
      const set = await line.put(MODE, { mode: 'auto' })
      expect(set.body).toMatchObject({
        waiting: { late: 1 },
        says: expect.stringMatching(
          /1 case is past its response deadline; its refund is not sent without a person’s approval\.$/,
        ),
      })
      await line.caseOf(inTime, record => record.state === 'resolved')
      const record = await line.caseOf(guid!, one => one.reason === 'deadline-passed')
      expect(record.state).toBe('awaiting-approval')
      expect(line.sandbox.refunds.list('late-1')).toEqual([])
      expect((await line.get('/')).text).toContain('1 case is past its response deadline')
      expect((await line.get('/metrics')).text).toContain('\norder_sync_cases_late 1\n')
      const page = (await line.get(`/cases/midigator:${guid}`)).text
      expect(page).toContain('The response deadline has passed. A chargeback is likely')
      const released = await line.post(`/api/cases/midigator:${guid}/approve`)
      expect([released.status, released.body.says]).toEqual([200, expect.stringContaining('a chargeback is likely')])
      await eventually(() => expect(line.sandbox.refunds.totals('late-1')).toMatchObject({ refunded: '30.00' }))
    },
  )

  it('set to approve, has an automatic refund wait for a person', async () => {
    const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
    const guid = await line.alertOn('ethoca-full-refund', 'hold-1')
    await line.caseOf(guid, record => record.reason === 'refunds-off')
    await line.put(MODE, { mode: 'approve' })
    await line.caseOf(guid, record => record.reason === 'approve-mode')
    await eventually(async () =>
      expect((await line.get(MODE)).body.waiting).toEqual({ for_approval: 1, for_switch: 0, late: 0 }),
    )
  })
})

describe('rebuilding a case from its log', () => {
  it('comes out equal, and says what differs where the kept record was wrong', async () => {
    const line = await open()
    const guid = await line.alertOn('ethoca-full-refund', 'build-1')
    await line.caseOf(guid, record => record.state === 'resolved')
    await eventually(() => expect(line.sandbox.inbox.record('build-1')).toMatchObject({ order_status: 'Refunded' }))
    const id = `midigator:${guid}`
    expect(await rebuildCase(line.deps, id)).toEqual({ id, equal: true, differs: [] })
    const [record] = await line.deps.cases.records([id])
    await line.deps.cases.keepOnlyLog(id, { ...record!, amount: '31', partner: 'nobody' })
    expect(await rebuildCase(line.deps, id)).toEqual({
      id,
      equal: false,
      differs: expect.arrayContaining([
        { field: 'amount', was: '31', is: '30' },
        { field: 'partner', was: 'nobody', is: 'ethoca' },
      ]),
    })
    expect(await line.deps.cases.records([id])).toEqual([record])
    expect((await line.get('/api/cases?state=resolved')).body.cases).toHaveLength(1)
    expect((await line.get('/api/cases?state=received')).body.cases).toEqual([])
    expect(await rebuildCase(line.deps, 'midigator:pre_none')).toBeNull()
  })
})

describe('what operations tell of alerts', () => {
  it('counts cases by state, the nearest deadline, and the refund mode', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await line.alertOn('ethoca-full-refund', 'metric-1')
    await line.caseOf(guid, record => record.state === 'awaiting-approval')
    // The request stands alone until its alert is tied.
    const one = 'order_sync_cases{state="awaiting-approval"} 1\n'
    const { text } = await eventually(async () => {
      const answer = await line.get('/metrics')
      expect(answer.text).toContain(one)
      return answer
    })
    const sample = (name: string) =>
      Number(new RegExp(`^${name.replace(/[{}]/g, String.raw`\$&`)} (\\S+)$`, 'm').exec(text)?.[1])
    expect(sample('order_sync_cases{state="awaiting-approval"}')).toBe(1)
    expect(sample('order_sync_cases{state="parked"}')).toBe(0)
    expect(sample('order_sync_nearest_deadline_seconds')).toBeGreaterThan(1_430 * 60)
    expect(sample('order_sync_nearest_deadline_seconds')).toBeLessThanOrEqual(1_440 * 60)
    expect(sample('order_sync_refund_mode{mode="approve"}')).toBe(1)
    expect(sample('order_sync_refund_mode{mode="auto"}')).toBe(0)
    expect(sample('order_sync_uncertain_refunds')).toBe(0)
    expect(sample('order_sync_alarms_waiting')).toBe(0)
    expect(sample('order_sync_denied{platform="midigator-prevention",cause="forbidden"}')).toBe(0)
    expect((await line.get('/api/overview')).body.cases).toMatchObject({
      states: { 'awaiting-approval': 1 },
      nearest: [{ id: `midigator:${guid}`, order_id: 'metric-1' }],
      refunds: { mode: 'approve' },
    })
  })

  it('counts a refund that nobody knows the end of', async () => {
    const line = await open({ REFUND_HTTP_KEEPS_KEYS_HOURS: '0', REFUND_LOOKUPS_MS: '60000,60000' })
    await line.soldAndKnown('unsure-1')
    line.sandbox.faults.set([{ on: 'refund', fault: { kind: 'reset' } }])
    await line.play('ethoca-full-refund', { order_id: 'unsure-1' })
    await eventually(async () => expect((await line.get('/metrics')).text).toMatch(/^order_sync_uncertain_refunds 1$/m))
  })

  it('shows pages: the overview, the list, a case as a story, and the order with it', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await line.alertOn('ethoca-full-refund', 'page-1')
    await line.caseOf(guid, record => record.state === 'awaiting-approval')
    const overview = (await line.get('/')).text
    expect(overview).toContain(`href="/cases/midigator%3A${guid}" aria-label="midigator:${guid}"`)
    expect(overview).toContain('<b>1</b> · Awaiting approval. Refund mode: manual approval.')
    expect(overview).toMatch(/data-left\s*>23 h 59 min</)
    expect(overview).toContain('Refund mode: manual approval. Every refund needs a person’s approval.')
    const page = (await line.get(`/cases/midigator%3A${guid}`)).text
    expect(page).toContain('Approve refund of 30.00 USD')
    expect(page).toContain('Midigator sent an alert from ethoca over 30.00')
    expect(page).toContain(`npx order-sync cases approve midigator:${guid}`)
    expect(page).not.toContain('1881')
    expect((await line.get('/cases?state=awaiting-approval')).text).toContain('page-1')
    expect((await line.get('/cases?q=page-1')).status).toBe(303)
    expect((await line.get(`/cases?q=${guid}`)).status).toBe(303)
    expect((await line.get('/cases?q=nobody')).text).toContain('None.')
    expect((await line.get('/cases/midigator:none')).status).toBe(404)
    expect((await line.get('/orders/page-1')).text).toContain(`midigator:${guid}`)
  })
})

describe('the doctor on alerts', () => {
  const diagnosis = async (line: Awaited<ReturnType<typeof open>>, changed = {}) => {
    const lines = new Map<string, DoctorLine>()
    for await (const one of diagnose({ ...line.deps.config, ...changed }, line.deps)) lines.set(one.name, one)
    return lines
  }

  it('finds a secret that is taken, subscriptions as wanted, and a gateway that can be read', async () => {
    const line = await open({}, { isScheduled: true })
    await eventually(async () => {
      const lines = await diagnosis(line)
      const named = [
        'alerts',
        'midigator api secret',
        'subscriptions',
        'refund gateway',
        'gateway keys',
        'refund mode',
        'cases',
      ]
      expect(named.map(name => [name, lines.get(name)?.ok])).toEqual(named.map(name => [name, true]))
    })
    expect(line.sandbox.refunds.list()).toEqual([])
  })

  it('explains what the stated lifetime of idempotency keys means for a lost answer', async () => {
    const line = await open()
    const says = async (hours: number) =>
      (await diagnosis(line, { REFUND_HTTP_KEEPS_KEYS_HOURS: hours })).get('gateway keys')?.says
    expect(await says(0)).toMatch(/looked up, and never sent again unless the gateway states refundable amounts/)
    expect(await says(1)).toMatch(/^relied on for 1 hour .*sent again under its key/)
    expect(await says(24)).toMatch(/24 hours .*the buyer is refunded twice.*--prove-keys/)
  })

  it('tells that refunds are off, that cases wait, and that the daemon for alerts is not seen', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await line.alertOn('ethoca-full-refund', 'doctor-1')
    await line.caseOf(guid, record => record.state === 'awaiting-approval')
    expect((await diagnosis(line)).get('cases')).toMatchObject({
      ok: 'warn',
      says: '1 case waits for a person (1 awaiting approval), 0 refunds are unconfirmed',
    })
    await line.put(MODE, { mode: 'off' })
    const lines = await diagnosis(line)
    expect(lines.get('refund mode')).toMatchObject({
      ok: 'warn',
      says: expect.stringContaining('off, set by operator'),
    })
    expect(lines.get('daemons')?.says).toContain('alerts')
  })

  it('tells a refused secret, a gateway that cannot be read, and what is missing', async () => {
    const line = await open()
    line.sandbox.faults.set([{ on: 'refund-list', fault: { kind: 'status', status: 500 } }])
    const lines = await diagnosis(line, { MIDIGATOR_API_SECRET: 'wrong-secret', REFUND_MODE: undefined })
    expect(lines.get('midigator api secret')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('MIDIGATOR_API_SECRET'),
    })
    expect(lines.get('refund gateway')).toMatchObject({ ok: false, todo: expect.stringContaining('REFUND_HTTP_URL') })
    expect(lines.get('alerts')).toMatchObject({ ok: 'warn', says: expect.stringContaining('REFUND_MODE') })
    expect(JSON.stringify([...lines.values()])).not.toContain('wrong-secret')
  })
})
