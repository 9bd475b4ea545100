import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const idOf = (guid: string) => `midigator:${guid}`
const pathOf = (guid: string, word = '') => `/api/cases/${idOf(guid)}${word === '' ? '' : `/${word}`}`
const hoursAgo = (hours: number) => `${new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)}Z`

/** A line whose refunds each wait for a person, with one alert that does. */
async function awaiting(line: OpsLine, orderId: string): Promise<string> {
  const guid = await line.alertOn('ethoca-full-refund', orderId)
  await line.caseOf(guid, record => record.state === 'awaiting-approval')
  return guid
}

describe('GET /api/cases', () => {
  it('turns pages to the end without loss or repeat, also over cases of equal times, and filters by state', async () => {
    const line = await open()
    const { redis, keys } = line.deps
    const ids = Array.from({ length: 7 }, (_, i) => idOf(`pre_${i}`))
    for (const id of ids) await line.deps.cases.addEvent('midigator', 'alert', `hook:${id}`, event(id.slice(10)), {})
    await eventually(async () => expect((await line.get('/api/cases?state=received')).body.cases).toEqual([]))
    for (const id of ids) await redis.zadd(keys.cases, 1_000, id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { status, body }: Awaited<ReturnType<typeof line.get>> = await line.get(
        `/api/cases?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      expect(status).toBe(200)
      seen.push(...body.cases.map((one: { id: string }) => one.id))
      cursor = body.cursor
    } while (cursor !== null)
    expect(seen).toEqual(ids.toReversed())
    const { body } = await line.get('/api/cases?state=unmatched')
    expect(body.cases).toHaveLength(7)
    expect(body.cursor).toBeNull()
    expect(body.cases[0]).toMatchObject({
      platform: 'midigator', state: 'unmatched', order_id: null, amount: '30.00', currency: 'USD', partner: 'ethoca',
      respond_by: expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/), decide: expect.stringContaining('Find the order'),
    }) // prettier-ignore
  })

  it.each([
    ['state', 'state=open'],
    ['limit', 'limit=0'],
    ['limit', 'limit=501'],
    ['limit', 'limit=two'],
    ['cursor', 'cursor=nonsense'],
    ['state', 'state=parked&state=resolved'],
    ['cursor', 'cursor=MTAtYQ&cursor=MTAtYQ'],
  ])('refuses a bad %s by its name (%s)', async (field, query) => {
    const line = await open()
    const { status, body } = await line.get(`/api/cases?${query}`)
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid', errors: [{ field, message: expect.stringMatching(/^expected /) }] })
  })
})

describe('GET /api/cases/:id', () => {
  it('tells the whole of a case, its log as a story oldest first, its refunds without bodies', async () => {
    const line = await open()
    const guid = await line.alertOn('ethoca-full-refund', 'whole-1')
    await line.caseOf(guid, record => record.state === 'resolved')
    const { status, body } = await line.get(`/api/cases/${encodeURIComponent(idOf(guid))}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: idOf(guid), state: 'resolved', order_id: 'whole-1', matched_by: 'platform', to_approve: null, decide: null,
      order: { captured: '30.00', left: '0.00', currency: 'USD', settled: true },
      answer: { resolution_type: 'issued_full_refund', chosen_by: 'policy', calls: 1, platform_said: { accepted: true, status: 200 } },
      deadlines: { marks: [{ mark: 'target', told: false }, { mark: 'alarm' }, { mark: 'stop' }] },
      refunds: [{ state: 'confirmed', amount: '30.00', wanted_by: idOf(guid), answered_by: idOf(guid), approved_by: null, sends: 1 }],
      may: { approve: { allowed: false }, refuse: { allowed: false }, resolve: { allowed: false, says: expect.stringContaining('final') } },
    }) // prettier-ignore
    const story = body.timeline.map(({ says }: { says: string }) => says)
    const at = (words: RegExp) => story.findIndex((says: string) => words.test(says))
    const order = [
      at(/told of an alert by ethoca over 30\.00/), at(/refund of 30\.00 USD was sent to the gateway/),
      at(/refund of 30\.00 USD is confirmed/), at(/the rules chose the answer issued_full_refund/),
      at(/the answer was sent to midigator/), at(/midigator accepted the answer/),
    ] // prettier-ignore
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(JSON.stringify(body)).not.toContain('transaction_id\\"')
    expect(body.refunds[0]).not.toHaveProperty('body')
  })

  it('answers 404 to what is not known', async () => {
    const line = await open()
    for (const answer of [
      await line.get('/api/cases/midigator:pre_none'),
      await line.post('/api/cases/midigator:pre_none/approve'),
      await line.post('/api/cases/midigator:pre_none/refuse'),
      await line.post('/api/cases/midigator:pre_none/resolve', { resolution_type: 'nonsense' }),
    ]) {
      expect(answer.status).toBe(404)
      expect(answer.body).toMatchObject({ code: 'not-found', errors: [{ field: 'id' }] })
    }
  })
})

describe('approving', () => {
  it('releases exactly the amount that waits, records who, when and why, and the answer follows', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'appr-1')
    expect((await line.get(pathOf(guid))).body).toMatchObject({
      to_approve: { amount: '30.00', currency: 'USD' },
      may: { approve: { allowed: true }, refuse: { allowed: true }, resolve: { allowed: true } },
    })
    expect(line.sandbox.refunds.list('appr-1')).toEqual([])
    const { status, body } = await line.post(pathOf(guid, 'approve'), { reason: 'card 4012888888881881 called' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: idOf(guid),
      state: 'refunding',
      says: 'the refund of 30.00 USD is approved; it is made now',
    })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('appr-1')).toMatchObject([{ amount: '30.00', effective: true }])
    const seen = (await line.get(pathOf(guid))).body
    const said = seen.timeline.find(({ what }: { what: string }) => what === 'said')
    expect(said).toMatchObject({
      by: 'operator',
      word: 'approve',
      amount: '30',
      reason: 'card 401288******1881 called',
    })
    expect(Math.abs(Date.parse(said.at) - Date.now())).toBeLessThan(60_000)
    expect(seen.refunds).toMatchObject([{ approved_by: 'operator' }])
    const told = (await line.get('/api/orders/appr-1')).body.timeline.map(({ says }: { says: string }) => says)
    expect(told.join('\n')).toMatch(/operator approved the refund/)
    expect(told.join('\n')).toMatch(/was sent to the gateway, released by operator/)
  })

  it('is refused once it has its answer, without an order, and for another amount than was seen', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'appr-2')
    const stale = await line.post(pathOf(guid, 'approve'), { amount: '29.00' })
    expect([stale.status, stale.body.message]).toEqual([409, expect.stringContaining('30.00 USD by now')])
    expect((await line.post(pathOf(guid, 'approve'), { amount: '30.00' })).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    const answered = await line.post(pathOf(guid, 'approve'))
    expect([answered.status, answered.body]).toEqual([
      409,
      expect.objectContaining({ code: 'not-now', message: expect.stringContaining('final') }),
    ])

    const { prevention_guid: nobodys } = line.sandbox.scenarios.trigger('ethoca-unmatched', {
      prevention_timestamp: hoursAgo(1),
    })
    await line.caseOf(nobodys!, record => record.state === 'unmatched')
    const without = await line.post(pathOf(nobodys!, 'approve'))
    expect([without.status, without.body.message]).toEqual([409, expect.stringContaining('no order is known')])
  })

  it('is refused while the refund is made by itself, and refusing stops one that has not begun', async () => {
    const line = await open()
    await line.deps.queues.of('refund-order').pause()
    const guid = await line.alertOn('ethoca-full-refund', 'self-1')
    await line.caseOf(guid, record => record.state === 'refunding')
    const { status, body } = await line.post(pathOf(guid, 'approve'))
    expect([status, body.message]).toEqual([409, 'nobody has to approve it: the refund is being made'])
    expect((await line.post(pathOf(guid, 'refuse'))).body).toMatchObject({ why: 'refused-by-person' })
    await line.deps.queues.of('refund-order').resume()
    await eventually(async () => {
      const counts = await line.deps.queues
        .of('refund-order')
        .getJobCounts('waiting', 'prioritized', 'active', 'delayed')
      expect(Object.values(counts).every(count => count === 0)).toBe(true)
    })
    expect(line.sandbox.refunds.list('self-1')).toEqual([])
  })

  it('releases what no trigger came for', async () => {
    const line = await open()
    const guid = await line.alertOn('ethoca-full-refund', 'trigger-1', { refund: false })
    await line.caseOf(guid, record => record.why === 'no-trigger')
    expect((await line.get(pathOf(guid))).body).toMatchObject({ state: 'matched', to_approve: { amount: '30.00' } })
    expect((await line.post(pathOf(guid, 'approve'))).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('trigger-1')).toMatchObject([{ amount: '30.00', effective: true }])
  })

  it('releases an `order.refund` that no alert came for, and leaves one that an alert carries on to that alert', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    await line.soldAndKnown('only-1')
    line.sandbox.scenarios.trigger('refund-only', { order_id: 'only-1' })
    const request = await eventually(async () => {
      const [found] = (await line.get('/api/cases?state=awaiting-approval')).body.cases
      expect(found).toMatchObject({ kind: 'request', order_id: 'only-1', why: 'approve-mode' })
      return found.id as string
    })
    expect((await line.post(`/api/cases/${request}/resolve`, { resolution_type: 'could_not_find_order' })).status).toBe(
      409,
    )
    expect((await line.post(`/api/cases/${request}/approve`)).status).toBe(200)
    await eventually(async () => expect((await line.get(`/api/cases/${request}`)).body.state).toBe('refunded'))
    expect(line.sandbox.refunds.list('only-1')).toHaveLength(1)
    expect((await line.post(`/api/cases/${request}/approve`)).status).toBe(409)

    const guid = await awaiting(line, 'only-2')
    const { siblings } = (await line.get(pathOf(guid))).body
    expect(siblings).toMatchObject([{ kind: 'request', why: 'taken-over' }])
    const { status, body } = await line.post(`/api/cases/${siblings[0].id}/approve`)
    expect([status, body.message]).toEqual([409, expect.stringContaining(idOf(guid))])
  })

  it('waits for the switch while refunds are off, says so, and turning it on wakes it at once', async () => {
    // Nothing but the switch may wake it.
    const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
    const guid = await line.alertOn('ethoca-full-refund', 'off-1')
    await line.caseOf(guid, record => record.why === 'refunds-off')
    const { status, body } = await line.post(pathOf(guid, 'approve'))
    expect([status, body.says]).toEqual([200, expect.stringContaining('refunds are switched off, so it waits')])
    expect(body).toMatchObject({ state: 'refunding', why: 'refunds-off' })
    expect(line.sandbox.refunds.list('off-1')).toEqual([])
    expect((await line.put('/api/refunds/mode', { mode: 'approve' })).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('off-1')).toHaveLength(1)
  })

  it('tries a refused refund once more, once for each approval', async () => {
    const line = await open()
    await line.soldAndKnown('again-1')
    line.sandbox.gateway.setRules([
      { order_id: 'again-1', times: 2, behave: { kind: 'refuse', code: 'do_not_honor', message: 'no' } },
    ])
    const { prevention_guid: guid } = line.sandbox.scenarios.trigger('ethoca-full-refund', {
      order_id: 'again-1',
    })
    await line.caseOf(guid!, record => record.why === 'refund-refused')
    const refusals = async () =>
      (await line.get(pathOf(guid!))).body.refunds.filter(({ state }: { state: string }) => state === 'refused').length
    expect((await line.post(pathOf(guid!, 'approve'))).body.state).toBe('refunding')
    await eventually(async () => expect(await refusals()).toBe(2))
    await line.caseOf(guid!, record => record.why === 'refund-refused')
    expect((await line.get(pathOf(guid!))).body.to_approve).toEqual({ amount: '30.00', currency: 'USD' })
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(await refusals()).toBe(2)
    expect(line.sandbox.refunds.totals('again-1')).toMatchObject({ refunded: '30.00' })
  })

  it('sends a parked refund again, once for each approval, and never one that is uncertain', async () => {
    const line = await open({ REFUND_HTTP_KEEPS_KEYS_HOURS: '0' })
    await line.soldAndKnown('parked-1')
    line.sandbox.faults.set([{ on: 'refund', times: 2, fault: { kind: 'status', status: 503 } }])
    const { prevention_guid: guid } = line.sandbox.scenarios.trigger('ethoca-full-refund', {
      order_id: 'parked-1',
    })
    await line.caseOf(guid!, record => record.why === 'refund-uncertain')
    for (const word of ['approve', 'refuse', 'resolve']) {
      const body = word === 'resolve' ? { resolution_type: 'could_not_find_order' } : {}
      const answer = await line.post(pathOf(guid!, word), body)
      expect([answer.status, answer.body.message]).toEqual([409, expect.stringContaining('under way')])
    }
    const sends = async () => (await line.get(pathOf(guid!))).body.refunds[0].sends as number
    await line.caseOf(guid!, record => record.why === 'refund-parked')
    expect(await sends()).toBe(1)
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await eventually(async () => expect(await sends()).toBe(2))
    await line.caseOf(guid!, record => record.why === 'refund-parked')
    expect(await sends()).toBe(2)
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('parked-1').filter(({ effective }) => effective)).toHaveLength(1)
  })
})

describe('refusing', () => {
  it('keeps the refund from being made, and leaves the answer to a person', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'ref-1')
    const { status, body } = await line.post(pathOf(guid, 'refuse'), { reason: 'a known customer' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ state: 'parked', why: 'refused-by-person', to_approve: { amount: '30.00' } })
    const full = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'issued_full_refund' })
    expect([full.status, full.body.message]).toEqual([
      409,
      expect.stringContaining('30 USD of the order is not given back'),
    ])
    const declined = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'declined_or_canceled_nothing_to_do' })
    expect([declined.status, declined.body.message]).toEqual([409, expect.stringContaining('neither cancelled')])
    const other = {
      resolution_type: 'other',
      other_description: ' The customer keeps the goods; card 4012888888881881. ',
    }
    expect((await line.post(pathOf(guid, 'resolve'), other)).body).toMatchObject({ state: 'resolving' })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({
      resolution_type: 'other',
      other_description: 'The customer keeps the goods; card 401288******1881.',
    })
    expect(line.sandbox.refunds.list('ref-1')).toEqual([])
    expect((await line.post(pathOf(guid, 'refuse'))).status).toBe(409)
    expect((await line.post(pathOf(guid, 'resolve'), other)).status).toBe(409)
  })

  it('is refused for what informs only', async () => {
    const line = await open()
    const guid = await line.alertOn('tc40-notice', 'tc40-1')
    await line.caseOf(guid, record => record.state === 'noted')
    for (const word of ['approve', 'refuse']) {
      const { status, body } = await line.post(pathOf(guid, word))
      expect([status, body.message]).toEqual([409, expect.stringContaining('informs only')])
    }
    const answer = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'could_not_find_order' })
    expect(answer.status).toBe(409)
  })
})

describe('resolving', () => {
  it.each([
    ['resolution_type', { resolution_type: 'refunded' }],
    ['resolution_type', {}],
    ['other_description', { resolution_type: 'other' }],
    ['other_description', { resolution_type: 'other', other_description: '  ' }],
    ['other_description', { resolution_type: 'other', other_description: 'x'.repeat(1_001) }],
    ['other_description', { resolution_type: 'could_not_find_order', other_description: 7 }],
    ['reason', { resolution_type: 'could_not_find_order', reason: ['no'] }],
    ['description', { resolution_type: 'could_not_find_order', description: 'mistyped' }],
    ['body', []],
  ])('refuses a bad %s by its name', async (field, body) => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'bad-1')
    const answer = await line.post(pathOf(guid, 'resolve'), body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field])
    expect((await line.get(pathOf(guid))).body.answer).toBeNull()
  })

  it('answers again once the platform refused an answer, in the new words', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'twice-1')
    line.sandbox.faults.set([
      { on: 'resolution', times: 1, fault: { kind: 'status', status: 400, body: { message: 'no' } } },
    ])
    const first = { resolution_type: 'could_not_find_order' }
    expect((await line.post(pathOf(guid, 'resolve'), first)).status).toBe(200)
    await line.caseOf(guid, record => record.why === 'answer-refused')
    expect((await line.get(pathOf(guid))).body.answer.platform_said).toMatchObject({ accepted: false, status: 400 })
    const second = { resolution_type: 'other', other_description: 'settled with the customer' }
    expect((await line.post(pathOf(guid, 'resolve'), second)).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject(second)
  })

  it('is not taken while an answer is on its way', async () => {
    const line = await open({ REFUND_MODE: 'approve', PUSH_TIMEOUT_MS: '1000', ALERTS_LOCK_MS: '3000' })
    const guid = await awaiting(line, 'way-1')
    line.sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'hang' } }])
    expect((await line.post(pathOf(guid, 'resolve'), { resolution_type: 'could_not_find_order' })).status).toBe(200)
    await eventually(async () => expect((await line.get(pathOf(guid))).body.answer.calls).toBe(1))
    const other = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'other', other_description: 'x' })
    expect([other.status, other.body.message]).toEqual([409, expect.stringContaining('on its way')])
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({
      resolution_type: 'could_not_find_order',
    })
  })
})

const event = (guid: string) => ({
  type: 'alert' as const,
  guid,
  facts: { partner: 'ethoca', amount: '30', currency: 'USD' },
  sentAt: Date.now(),
})
