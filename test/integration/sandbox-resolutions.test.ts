import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { apiOf, send, tokenOf } from './sandbox-calls.ts'

let sandbox: Sandbox
let api: Awaited<ReturnType<typeof apiOf>>
let guid: string

const open = async (repeatedResolution: 'accept' | 'refuse') => {
  sandbox = await takeSandbox({ repeatedResolution })
  api = await apiOf(sandbox)
  guid = sandbox.alerts.add({
    mid: 'm',
    card_last_4: '1',
    amount: '5',
    currency: 'USD',
    partner: 'ethoca',
  }).prevention_guid
}

beforeEach(() => open('accept'))
afterEach(() => sandbox.close())

const shown = () => sandbox.alerts.get(guid)!.resolutions
const TYPES = [
  'could_not_find_order',
  'declined_or_canceled_nothing_to_do',
  'issued_full_refund',
  'issued_refund_for_remaining_amount',
  '3ds_authorized_successfully',
  'previously_refunded_nothing_to_do',
  'unable_to_refund_merchant_account_closed',
]

describe('a resolution', () => {
  it.each(TYPES)('%s is accepted with words and without', async type => {
    expect((await api.resolve(guid, type)).status).toBe(200)
    expect((await api.resolve(guid, type, '')).status).toBe(200)
    expect(shown()).toMatchObject({
      accepted: { resolution_type: type, other_description: '', acceptedAt: expect.any(Number) },
      acceptedTimes: 2,
      attempted: 2,
      attempts: [{ outcome: 'accepted' }, { outcome: 'repeated' }],
    })
  })

  it('other needs words', async () => {
    for (const words of [undefined, '', '  ', 5]) expect((await api.resolve(guid, 'other', words)).status).toBe(400)
    expect(shown().accepted).toBeNull()
    expect((await api.resolve(guid, 'other', 'already a chargeback')).status).toBe(200)
    expect(shown()).toMatchObject({ accepted: { other_description: 'already a chargeback' }, attempted: 5 })
  })

  it('that is none is refused: type, member, GUID, content type, token', async () => {
    const url = `${sandbox.preventionUrl}/prevention/${guid}/resolution`
    const headers = { authorization: `Bearer ${await tokenOf(sandbox)}` }
    expect((await api.resolve(guid, 'refunded')).status).toBe(400)
    expect((await api.resolve('pre_unknown', 'issued_full_refund')).status).toBe(400)
    const described = { resolution_type: 'other', description: 'x' }
    expect((await send('POST', url, { json: described, headers })).status).toBe(400)
    const json = JSON.stringify({ resolution_type: 'issued_full_refund' })
    const form = { ...headers, 'content-type': 'text/plain' }
    expect((await send('POST', url, { json, headers: form })).status).toBe(400)
    expect((await send('POST', url, { json })).status).toBe(401)
    expect(shown().accepted).toBeNull()
  })

  it('is written once: other words are refused and recorded', async () => {
    await api.resolve(guid, 'issued_full_refund')
    expect((await api.resolve(guid, 'other', 'duplicate')).status).toBe(400)
    expect(shown()).toMatchObject({
      accepted: { resolution_type: 'issued_full_refund' },
      acceptedTimes: 1,
      conflicted: 1,
      conflicts: [{ resolution_type: 'other', other_description: 'duplicate' }],
    })
    const { body } = await send('GET', `${sandbox.url}/_sandbox/alerts/${guid}`)
    expect(body.resolutions.conflicts).toHaveLength(1)
    expect((await send('GET', `${sandbox.url}/_sandbox/alerts`)).body.alerts).toEqual([body])
  })

  it('once more is refused where the sandbox is told so', async () => {
    await sandbox.close()
    await open('refuse')
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(200)
    expect((await api.resolve(guid, 'issued_full_refund')).text).toContain('already resolved')
    expect(shown()).toMatchObject({ acceptedTimes: 1, attempts: [{ outcome: 'accepted' }, { outcome: 'refused' }] })
  })
})

describe('a fault of a resolution', () => {
  it('answers 500 and leaves the alert open, or has committed all the same', async () => {
    sandbox.faults.set([
      { on: 'resolution', guid, times: 1, fault: { kind: 'status', status: 500 } },
      { on: 'resolution', guid, times: 1, fault: { kind: 'commit-then-fail' } },
      { on: 'resolution', guid: 'pre_other', fault: { kind: 'status', status: 503 } },
    ])
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(500)
    expect(shown()).toMatchObject({ accepted: null, attempts: [{ outcome: 'lost' }] })
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(500)
    expect(shown().accepted).toMatchObject({ resolution_type: 'issued_full_refund' })
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(200)
  })

  it('that commits late stands only if nothing else does by then', async () => {
    sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'late-commit', ms: 80 } }])
    expect((await api.resolve(guid, 'could_not_find_order')).status).toBe(504)
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(200)
    await eventually(() => expect(shown().conflicts).toMatchObject([{ resolution_type: 'could_not_find_order' }]))
    expect(shown().accepted).toMatchObject({ resolution_type: 'issued_full_refund' })
  })

  it('revokes the token that was presented', async () => {
    sandbox.faults.set([{ on: 'resolution', times: 1, fault: { kind: 'token-revoked' } }])
    expect((await api.resolve(guid, 'issued_full_refund')).status).toBe(401)
    expect((await api.events('GET', '/subscribe')).status).toBe(401)
  })
})
