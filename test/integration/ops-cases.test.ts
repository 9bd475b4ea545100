import { describe, expect, it } from 'vitest'
import { preventionNew } from '../../src/sandbox/event-payloads.ts'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'
import { queueViews } from '../../src/queue/inspect.ts'

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
    const line = await open({}, { isScheduled: true })
    const { redis, keys } = line.deps
    const ids = Array.from({ length: 7 }, (_, i) => idOf(`pre_${i}`))
    for (const id of ids) await line.deps.cases.addEvent('midigator', 'alert', `hook:${id}`, event(id.slice(10)), {})
    // The platform does not know them: until ten minutes have passed they are asked for again.
    await eventually(async () => {
      const { cases } = (await line.get('/api/cases?state=received')).body
      expect(cases.map(({ why }: { why: string }) => why)).toEqual(ids.map(() => 'not-enriched'))
    })
    // Whatever decides a case writes its time anew.
    for (const name of ['decide-case', 'enrich-case']) {
      const queue = line.deps.queues.of(name)
      await queue.pause()
      await eventually(async () => expect(await queue.getActiveCount()).toBe(0))
    }
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
    const { body } = await line.get('/api/cases?state=received')
    expect(body.cases).toHaveLength(7)
    expect(body.cursor).toBeNull()
    expect(body.cases[0]).toMatchObject({
      platform: 'midigator', state: 'received', order_id: null, amount: '30.00', currency: 'USD', partner: 'ethoca',
      respond_by: expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/), decide: expect.stringContaining('Look the alert up at the platform'),
    }) // prettier-ignore
  })

  it('refuses a bad state, limit or cursor by its name', async () => {
    const line = await open()
    for (const [field, query] of [
      ['state', 'state=open'],
      ['limit', 'limit=0'],
      ['limit', 'limit=501'],
      ['limit', 'limit=two'],
      ['cursor', 'cursor=nonsense'],
      ['state', 'state=parked&state=resolved'],
      ['cursor', 'cursor=MTAtYQ&cursor=MTAtYQ'],
    ]) {
      const { status, body } = await line.get(`/api/cases?${query}`)
      const errors = [{ field, message: expect.stringMatching(/^expected /) }]
      expect({ query, status, body }).toMatchObject({ query, status: 422, body: { code: 'invalid', errors } })
    }
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
      at(/Midigator sent an alert from ethoca over 30\.00/), at(/refund of 30\.00 USD was sent to the gateway/),
      at(/refund of 30\.00 USD is confirmed/), at(/order-sync chose the resolution issued_full_refund/),
      at(/Sending the resolution to Midigator/), at(/Midigator accepted the resolution/),
    ] // prettier-ignore
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(JSON.stringify(body)).not.toContain('transaction_id\\"')
    expect(body.refunds[0]).not.toHaveProperty('body')
  })

  it('names the fields that could not be read, without their values', async () => {
    const line = await open()
    const alert = line.sandbox.alerts.add({ mid: '242', card_last_4: '1881', amount: '30.00', currency: 'USD', partner: 'ethoca' }) // prettier-ignore
    expect(await line.send({ ...preventionNew(alert, 'v0.6').members, currency: 'FUNNY-MONEY' })).toBe(200)
    await line.caseOf(alert.prevention_guid)
    const { body } = await line.get(pathOf(alert.prevention_guid))
    expect(body.faults).toEqual([{ field: 'currency', message: expect.stringMatching(/^expected /) }])
    const page = (await line.get(`/cases/${encodeURIComponent(idOf(alert.prevention_guid))}`)).text
    expect(page).toContain('Fields that could not be read')
    expect(page + JSON.stringify(body)).not.toContain('FUNNY')
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
      to_approve: { amount: '30.00', currency: 'USD', alert_amount: null, is_late: false },
      may: { approve: { allowed: true }, refuse: { allowed: true }, resolve: { allowed: true } },
    })
    expect(line.sandbox.refunds.list('appr-1')).toEqual([])
    const { status, body } = await line.post(pathOf(guid, 'approve'), { reason: 'card 4012888888881881 called' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: idOf(guid),
      why: 'asking-gateway',
      says: 'the refund of 30.00 USD is approved; the refund is being sent',
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
    expect(told.join('\n')).toMatch(/was sent to the gateway, approved by operator/)
  })

  it.runIf(isLong)(
    'is refused once the alert is resolved, without an order, and for an amount that is not refundable',
    async () => {
      const line = await open({ REFUND_MODE: 'approve' })
      const guid = await awaiting(line, 'appr-2')
      for (const [body, message] of [
        [{ amount: '30.01' }, 'at most 30.00 USD is refundable now'],
        [{ amount: '29.00', refundable: '29.00' }, 'the refundable amount is now 30.00 USD; reload before approving'],
        [{ amount: '0.005' }, 'more digits than USD can move'],
        [{ amount: '0' }, 'must be above 0'],
      ] as const) {
        const refused = await line.post(pathOf(guid, 'approve'), body)
        expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining(message)])
      }
      expect((await line.post(pathOf(guid, 'approve'), { amount: '30.00', refundable: '30.00' })).status).toBe(200)
      await line.caseOf(guid, record => record.state === 'resolved')
      const answered = await line.post(pathOf(guid, 'approve'))
      expect([answered.status, answered.body]).toEqual([
        409,
        expect.objectContaining({ code: 'not-now', message: expect.stringContaining('final') }),
      ])

      const { prevention_guid: nobodys } = await line.play('ethoca-unmatched', {
        prevention_timestamp: hoursAgo(1),
      })
      await line.caseOf(nobodys!, record => record.state === 'unmatched')
      const without = await line.post(pathOf(nobodys!, 'approve'))
      expect([without.status, without.body.message]).toEqual([409, expect.stringContaining('no order is matched')])
    },
  )

  it.runIf(isLong)(
    'is refused while the refund is made by itself, and refusing stops one that has not begun',
    async () => {
      const line = await open()
      await line.deps.queues.of('refund-order').pause()
      const guid = await line.alertOn('ethoca-full-refund', 'self-1')
      await line.caseOf(guid, record => record.reason === 'asking-gateway')
      const { status, body } = await line.post(pathOf(guid, 'approve'))
      expect([status, body.message]).toEqual([409, 'no approval is needed: the refund is being sent'])
      expect((await line.post(pathOf(guid, 'refuse'))).body).toMatchObject({ why: 'refused-by-person' })
      await line.deps.queues.of('refund-order').resume()
      await eventually(async () => {
        const [queue] = await queueViews(line.deps.queues, ['refund-order'])
        expect(queue).toMatchObject({ waiting: 0, active: 0, delayed: 0 })
      })
      expect(line.sandbox.refunds.list('self-1')).toEqual([])
    },
  )

  it('releases what no trigger came for', async () => {
    const line = await open({}, { isScheduled: true })
    const guid = await line.alertOn('ethoca-full-refund', 'trigger-1', { refund: false })
    await line.caseOf(guid, record => record.reason === 'no-trigger')
    expect((await line.get(pathOf(guid))).body).toMatchObject({ state: 'matched', to_approve: { amount: '30.00' } })
    expect((await line.post(pathOf(guid, 'approve'))).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('trigger-1')).toMatchObject([{ amount: '30.00', effective: true }])
  })

  it.runIf(isLong)(
    'releases an `order.refund` that no alert came for, and leaves one that an alert carries on to that alert',
    async () => {
      const line = await open({ REFUND_MODE: 'approve' })
      await line.soldAndKnown('only-1')
      await line.play('refund-only', { order_id: 'only-1' })
      const request = await eventually(async () => {
        const [found] = (await line.get('/api/cases?state=awaiting-approval')).body.cases
        expect(found).toMatchObject({ kind: 'request', order_id: 'only-1', why: 'approve-mode' })
        return found.id as string
      })
      expect(
        (await line.post(`/api/cases/${request}/resolve`, { resolution_type: 'could_not_find_order' })).status,
      ).toBe(409)
      expect((await line.post(`/api/cases/${request}/approve`)).status).toBe(200)
      await eventually(async () => expect((await line.get(`/api/cases/${request}`)).body.state).toBe('refunded'))
      expect(line.sandbox.refunds.list('only-1')).toHaveLength(1)
      expect((await line.post(`/api/cases/${request}/approve`)).status).toBe(409)

      const guid = await awaiting(line, 'only-2')
      const { siblings } = (await line.get(pathOf(guid))).body
      expect(siblings).toMatchObject([{ kind: 'request', why: 'taken-over' }])
      const { status, body } = await line.post(`/api/cases/${siblings[0].id}/approve`)
      expect([status, body.message]).toEqual([409, expect.stringContaining(idOf(guid))])
    },
  )

  it('waits for the switch while refunds are off, says so, and turning it on wakes it at once', async () => {
    // Nothing but the switch may wake it.
    const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
    const guid = await line.alertOn('ethoca-full-refund', 'off-1')
    await line.caseOf(guid, record => record.reason === 'refunds-off')
    const { status, body } = await line.post(pathOf(guid, 'approve'))
    expect([status, body.says]).toEqual([200, expect.stringContaining('refunds are off, so the refund waits')])
    expect(body).toMatchObject({ state: 'refunding', why: 'refunds-off' })
    expect(line.sandbox.refunds.list('off-1')).toEqual([])
    expect((await line.put('/api/refunds/mode', { mode: 'approve' })).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('off-1')).toHaveLength(1)
  })

  it.runIf(isLong)('tries a refused refund once more, once for each approval', async () => {
    const line = await open()
    await line.soldAndKnown('again-1')
    line.sandbox.gateway.setRules([
      { order_id: 'again-1', times: 2, behave: { kind: 'refuse', code: 'do_not_honor', message: 'no' } },
    ])
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', {
      order_id: 'again-1',
    })
    await line.caseOf(guid!, record => record.reason === 'refund-refused')
    const refusals = async () =>
      (await line.get(pathOf(guid!))).body.refunds.filter(({ state }: { state: string }) => state === 'refused').length
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await eventually(async () => expect(await refusals()).toBe(2))
    await line.caseOf(guid!, record => record.reason === 'refund-refused')
    expect((await line.get(pathOf(guid!))).body.to_approve).toMatchObject({ amount: '30.00', currency: 'USD' })
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(await refusals()).toBe(2)
    expect(line.sandbox.refunds.totals('again-1')).toMatchObject({ refunded: '30.00' })
  })

  it.runIf(isLong)('sends a parked refund again, once for each approval, and never one that is uncertain', async () => {
    const line = await open({ REFUND_HTTP_KEEPS_KEYS_HOURS: '0' })
    // A gateway that states what is refundable proves within a quarter of an hour that a refund was not made.
    line.sandbox.gateway.traits.set([{ refundable_amount: false }])
    await line.soldAndKnown('parked-1')
    line.sandbox.faults.set([{ on: 'refund', times: 2, fault: { kind: 'status', status: 503 } }])
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', {
      order_id: 'parked-1',
    })
    await line.caseOf(guid!, record => record.reason === 'refund-uncertain')
    for (const word of ['approve', 'refuse', 'resolve']) {
      const body = word === 'resolve' ? { resolution_type: 'could_not_find_order' } : {}
      const answer = await line.post(pathOf(guid!, word), body)
      expect([answer.status, answer.body.message]).toEqual([409, expect.stringContaining('under way')])
    }
    const sends = async () => (await line.get(pathOf(guid!))).body.refunds[0].sends as number
    await line.caseOf(guid!, record => record.reason === 'refund-parked')
    expect(await sends()).toBe(1)
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await eventually(async () => expect(await sends()).toBe(2))
    await line.caseOf(guid!, record => record.reason === 'refund-parked')
    expect(await sends()).toBe(2)
    expect((await line.post(pathOf(guid!, 'approve'))).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('parked-1').filter(({ effective }) => effective)).toHaveLength(1)
  })
})

describe('approving a part', () => {
  it('offers the alert’s amount beside the whole, refunds the chosen one, and tells the platform what was done', async () => {
    const line = await open()
    await line.soldAndKnown('part-1', { order_total: '50.00' })
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', { order_id: 'part-1', amount: '20.00' }) // prettier-ignore
    await line.caseOf(guid!, record => record.reason === 'part-of-order')
    // The request is read back beside the alert.
    await eventually(async () =>
      expect((await line.get(pathOf(guid!))).body).toMatchObject({
        state: 'awaiting-approval',
        to_approve: { amount: '50.00', alert_amount: '20.00', currency: 'USD', is_late: false },
        account: { captured: '50.00', refunded: '0.00', refundable: '50.00', conflict: null },
        requested: [
          { amount: '50.00', currency: 'USD', stated_by: 'request' },
          { amount: '50.00', currency: 'USD', stated_by: 'record' },
        ],
      }),
    )
    const page = (await line.get(`/cases/${encodeURIComponent(idOf(guid!))}`)).text
    for (const text of ['Approve refund of 20.00 USD', 'Approve refund of 50.00 USD', 'Account of the sale']) expect(page).toContain(text) // prettier-ignore
    expect((await line.post(pathOf(guid!, 'approve'), { amount: '20.00', refundable: '50.00' })).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(line.sandbox.refunds.totals('part-1')).toMatchObject({ refunded: '20.00' })
    expect(line.sandbox.alerts.get(guid!)?.resolutions.accepted).toMatchObject({
      resolution_type: 'other',
      other_description: 'A refund of 20.00 USD was issued for this alert, out of 50.00 USD charged for the order.',
    })
  })
})

describe('a refund that is pending at the hard stop', () => {
  it.runIf(isLong)('has a prepared resolution, and nothing else can be sent', async () => {
    const line = await open()
    await line.soldAndKnown('pend-1')
    line.sandbox.gateway.setRules([{ order_id: 'pend-1', behave: pending(600_000, 'succeeded') }])
    const { prevention_guid: guid } = await line.play('ethoca-full-refund', {
      order_id: 'pend-1',
      prevention_timestamp: hoursAgo(21),
    })
    await line.caseOf(guid!, record => record.reason === 'refund-pending' && record.state === 'parked')
    const { prepared, may } = (await line.get(pathOf(guid!))).body
    expect(prepared).toEqual({
      resolution_type: 'other',
      other_description: expect.stringMatching(
        /^A refund of 30\.00 USD was submitted on 20\S+ and is not confirmed yet\.$/,
      ),
    })
    expect([may.approve.allowed, may.refuse.allowed, may.resolve.allowed]).toEqual([false, false, true])
    const page = (await line.get(`/cases/${encodeURIComponent(idOf(guid!))}`)).text
    expect(page).toContain('Send prepared resolution')
    expect(page).not.toContain('choose what happened')
    const other = await line.post(pathOf(guid!, 'resolve'), { resolution_type: 'could_not_find_order' })
    expect([other.status, other.body.message]).toEqual([409, expect.stringContaining('only the prepared resolution')])
    expect((await line.post(pathOf(guid!, 'resolve'), prepared)).status).toBe(200)
    await line.caseOf(guid!, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid!)?.resolutions.accepted).toMatchObject(prepared)
  })
})

describe('choosing the order', () => {
  it('shows the candidates side by side, and acts on the chosen order alone', async () => {
    const line = await open({ REFUND_TRIGGER: 'match' }, { isScheduled: true })
    await line.soldAndKnown('cand-1')
    await line.soldAndKnown('cand-2')
    const { prevention_guid: guid } = await line.alert()
    await line.caseOf(guid, record => record.reason === 'several-orders')
    const { body } = await line.get(pathOf(guid))
    expect(body).toMatchObject({
      order_id: null, account: null, match: { verdict: 'open', by: null, reason: 'several' },
      may: { match: { allowed: true }, approve: { allowed: false }, close: { allowed: false } },
    }) // prettier-ignore
    expect(body.match.candidates.map((one: { order_id: string }) => one.order_id).toSorted()).toEqual([
      'cand-1',
      'cand-2',
    ])
    expect(body.match.candidates[0]).toMatchObject({
      agrees: expect.arrayContaining(['first_six', 'last_four', 'amount', 'currency']), contradicts: [],
      unknown: expect.arrayContaining(['arn']), amount: '30.00', currency: 'USD', card_last_4: '1881',
    }) // prettier-ignore
    const page = (await line.get(`/cases/${encodeURIComponent(idOf(guid))}`)).text
    expect(page.match(/This is the order/g)).toHaveLength(2)
    for (const [given, status] of [[{}, 422], [{ order_id: 7 }, 422], [{ order_id: 'cand-none' }, 409]] as const) expect((await line.post(pathOf(guid, 'match'), given)).status).toBe(status) // prettier-ignore
    const matched = await line.post(pathOf(guid, 'match'), { order_id: 'cand-2', reason: 'by e-mail' })
    expect([matched.status, matched.body.says]).toEqual([200, 'the case is matched to order cand-2'])
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('cand-1')).toEqual([])
    expect(line.sandbox.refunds.totals('cand-2')).toMatchObject({ refunded: '30.00' })
    const seen = (await line.get(pathOf(guid))).body
    expect(seen).toMatchObject({ matched_by: 'person', order_id: 'cand-2' })
    expect(seen.timeline).toContainEqual(expect.objectContaining({ what: 'said', word: 'match', says: 'operator chose order cand-2: by e-mail' })) // prettier-ignore
    const again = await line.post(pathOf(guid, 'match'), { order_id: 'cand-1' })
    expect([again.status, again.body.message]).toEqual([409, expect.stringContaining('money may have moved for order cand-2')]) // prettier-ignore
  })
})

describe('closing', () => {
  it.runIf(isLong)('ends a double payment, and nothing else', async () => {
    const line = await open()
    const guid = await line.alertOn('chargeback-after-refund', 'twice-2')
    await line.caseOf(guid, record => record.reason === 'answered')
    const doubled = await eventually(async () => {
      const [found] = (await line.get('/api/cases?state=parked')).body.cases
      expect(found).toMatchObject({ why: 'paid-twice', order_id: 'twice-2' })
      return found.id as string
    })
    expect((await line.get('/api/overview')).body.alarms).toContainEqual(
      expect.objectContaining({ name: 'paid-twice' }),
    )
    expect((await line.get('/metrics')).text).toContain('order_sync_cases_waiting{reason="paid-twice"} 1')
    const other = await line.alertOn('ethoca-full-refund', 'twice-3')
    await line.caseOf(other, record => record.reason === 'answered')
    expect((await line.post(pathOf(other, 'close'))).status).toBe(409)
    const closed = await line.post(`/api/cases/${doubled}/close`, { reason: 'contested with proof' })
    expect([closed.status, closed.body.says]).toEqual([200, 'the case is closed'])
    await eventually(async () => expect((await line.get('/api/cases?state=parked')).body.cases).toEqual([]))
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
      expect.stringContaining('30 USD of the order is not refunded'),
    ])
    const declined = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'declined_or_canceled_nothing_to_do' })
    expect([declined.status, declined.body.message]).toEqual([409, expect.stringContaining('was not cancelled')])
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
  it('refuses a bad type, description or reason by its name', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'bad-1')
    for (const [field, body] of [
      ['resolution_type', { resolution_type: 'refunded' }],
      ['resolution_type', {}],
      ['other_description', { resolution_type: 'other' }],
      ['other_description', { resolution_type: 'other', other_description: '  ' }],
      ['other_description', { resolution_type: 'other', other_description: 'x'.repeat(1_001) }],
      ['other_description', { resolution_type: 'could_not_find_order', other_description: 7 }],
      ['reason', { resolution_type: 'could_not_find_order', reason: ['no'] }],
      ['description', { resolution_type: 'could_not_find_order', description: 'mistyped' }],
      ['body', []],
    ] as const) {
      const { status, body: refusal } = await line.post(pathOf(guid, 'resolve'), body)
      const fields = refusal.errors.map((error: { field: string }) => error.field)
      expect({ body, status, fields }).toEqual({ body, status: 422, fields: [field] })
      expect((await line.get(pathOf(guid))).body.answer).toBeNull()
    }
  }) // prettier-ignore

  it('answers again once the platform refused an answer, in the new words', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const guid = await awaiting(line, 'twice-1')
    line.sandbox.faults.set([
      { on: 'resolution', times: 1, fault: { kind: 'status', status: 400, body: { message: 'no' } } },
    ])
    const first = { resolution_type: 'could_not_find_order' }
    expect((await line.post(pathOf(guid, 'resolve'), first)).status).toBe(200)
    await line.caseOf(guid, record => record.reason === 'answer-refused')
    expect((await line.get(pathOf(guid))).body.answer.platform_said).toMatchObject({ accepted: false, status: 400 })
    const second = { resolution_type: 'other', other_description: 'settled with the customer' }
    expect((await line.post(pathOf(guid, 'resolve'), second)).status).toBe(200)
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject(second)
  })

  it.runIf(isLong)('is not taken while an answer is on its way', async () => {
    const line = await open({ REFUND_MODE: 'approve', PUSH_TIMEOUT_MS: '1000', ALERTS_LOCK_MS: '3000' })
    const guid = await awaiting(line, 'way-1')
    line.sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'hang' } }])
    expect((await line.post(pathOf(guid, 'resolve'), { resolution_type: 'could_not_find_order' })).status).toBe(200)
    await eventually(async () => expect((await line.get(pathOf(guid))).body.answer.calls).toBe(1))
    const other = await line.post(pathOf(guid, 'resolve'), { resolution_type: 'other', other_description: 'x' })
    expect([other.status, other.body.message]).toEqual([409, expect.stringContaining('is being sent')])
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
