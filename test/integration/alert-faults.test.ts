import { afterAll, describe, expect, it } from 'vitest'
import { refundKey, shortDigest } from '../../src/deps-alerts.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { baseOf, emptyLedger, withClaim, type Claim, type GatewayReport } from '../../src/domain/refund/ledger.ts'
import type { RefundsReport } from '../../src/gateways/gateway.ts'
import { decideCase, type CaseDecisionDeps } from '../../src/jobs/case-decision.ts'
import { refundOrder, type RefundOrderDeps } from '../../src/jobs/refund-order.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { createCaseStore } from '../../src/store/case-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { createRefundStore } from '../../src/store/refund-store.ts'
import { createSourceStore } from '../../src/store/source-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { claimed, confirmed, NOW, reportOf, TERMS } from '../unit/build-case.ts'

const { namespace, redisUrl } = testNamespace()
const redis = connectRedis(redisUrl, namespace, 'patient')
afterAll(() => closeRedis(redis))

const keys = keysOf(namespace)
const clock = () => NOW
const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 1, sweepMs: 1_000, clock })
const cases = createCaseStore(redis, { keys, clock })
const refunds = createRefundStore(redis, { keys, defaultMode: 'auto', clock })
const sources = createSourceStore(redis, { keys, clock })
const nothing = async () => {}
const wants = {
  decide: nothing, enrich: nothing, refund: nothing, resolve: nothing, alarm: nothing, othersOf: nothing, flag: nothing,
} // prettier-ignore
const deps: CaseDecisionDeps = {
  cases, orders, sources, refunds, wants, shortDigest, caseTerms: TERMS, redisNow: async () => NOW, sweepMs: 1_000, sendsAlarms: false,
  onAlarm: () => {}, onAnswered: () => {},
} // prettier-ignore

const sell = (orderId: string) =>
  orders.merge(
    {
      orderId,
      occurredAt: NOW - 1_000,
      values: {
        order_status: 'Complete',
        payment_state: 'captured',
        order_total: '30',
        currency: 'USD',
        transaction_id: `T-${orderId}`,
      },
      notes: [],
    },
    { name: 'crm', rank: 10 },
    0,
  )

async function hear(guid: string, facts: AlertFacts): Promise<string> {
  const event = {
    type: 'alert',
    guid,
    facts: { partner: 'ethoca', amount: '30', currency: 'USD', ...facts },
    sentAt: NOW,
  } as const
  return (await cases.addEvent('midigator', 'alert', `hook:${guid}`, event, {})).id
}

/** A ledger as it is after this refund came to what it says. */
async function keep(orderId: string, claim: Claim, report: GatewayReport | null = null): Promise<void> {
  const ledger = { ...emptyLedger(orderId), claims: [claim], report }
  await refunds.commit({ before: emptyLedger(orderId), ledger, lookAt: null, takes: null, event: null })
}

/** A gateway whose list of refunds is this; what is sent to it is told and never answered. */
function gatewayThat(findRefunds: () => Promise<Listed[]>) {
  const sent: string[] = []
  const refundDeps: RefundOrderDeps = {
    orders, cases, sources, wants, refunds, caseTerms: TERMS, redisNow: async () => NOW, isRedisCurrent: async () => true, monotonicMs: () => 0, newAttemptId: () => 'x', refundKey,
    sweepMs: 1_000, wantSync: nothing, startCommit: () => nothing, refundTimeoutMs: 1_000, refundLookupsMs: [1_000], onRefundCall: () => {},
    onRefunded: () => {},
    onRefundStopped: () => {},
    gateway: {
      name: 'http',
      keepsKeysMs: 0,
      bodyOf: () => '{}',
      refund: async ({ key }) => {
        sent.push(key)
        return { said: 'nothing', why: 'lost' }
      },
      findRefunds: async () => ({ read: true, refunds: await findRefunds(), refundableAmount: null, currency: null, settled: null }),
    },
  } // prettier-ignore
  return { sent, deps: refundDeps }
}
type Listed = Extract<RefundsReport, { read: true }>['refunds'][number]

describe('faults that the simulator of cases found', () => {
  it('an order that only the platform’s answer names is found in the same decision', async () => {
    await sell('named')
    const id = await hear('named-1', {})
    await decideCase(deps, id)
    const readBack: CaseEntry = { what: 'read-back', at: NOW, facts: { orderId: 'named' } }
    const decided = await decideCase(deps, id, () => ({ add: [readBack] }))
    expect(decided).toMatchObject({ record: { orderId: 'named', state: 'matched', reason: 'asking-gateway' } })
    expect((await cases.read(id))?.record.orderId).toBe('named')
  })

  it('a refund that is taken back has its finished cases looked at, whoever dies after it was written', async () => {
    await sell('back')
    const id = await hear('back-1', { orderId: 'back' })
    await decideCase(deps, id)
    await redis.zrem(keys.casesOpen, id)
    await keep('back', confirmed({ confirmedAt: NOW }))
    expect(await redis.zscore(keys.casesOpen, id)).toBeNull()
    const before = await refunds.read('back')
    const ledger = withClaim(before, {
      ...baseOf(before.claims[0]!),
      state: 'failed',
      reason: { code: 'failed-after-success', words: null },
    })
    await refunds.commit({ before, ledger, lookAt: null, takes: null, event: null })
    expect(Number(await redis.zscore(keys.casesOpen, id))).toBe(NOW)
  })

  it('a refund that came through late is found at the gateway also while refunds are off', async () => {
    await sell('late')
    await decideCase(deps, await hear('late-1', { orderId: 'late' }))
    await keep(
      'late',
      claimed({
        key: 'late-key',
        wantedBy: 'midigator:late-1',
        sends: 1,
        firstSentAt: NOW - 60_000,
        isRecorded: false,
      }),
    )
    const booked = {
      refundId: 'r1',
      status: 'succeeded',
      amount: '30',
      reference: 'late-key',
      createdAt: NOW - 30_000,
      arn: null,
    } as const
    const { sent, deps: refundDeps } = gatewayThat(async () => [booked])
    refundDeps.refunds = { ...refunds, mode: async () => ({ mode: 'off', setAt: null, setBy: null }) }
    await refundOrder.run({ orderId: 'late' }, refundDeps, { attemptsMade: 0, signal: new AbortController().signal })
    expect(sent).toEqual([])
    expect((await refunds.read('late')).claims).toMatchObject([
      { state: 'confirmed', refundId: 'r1', isRecorded: true },
    ])
  })

  it('what the gateway said is asked again when it could not be kept: nothing is sent on what stood there before', async () => {
    await sell('twice')
    const readBack: CaseEntry = { what: 'read-back', at: NOW, facts: { orderId: 'twice' } }
    await decideCase(deps, await hear('twice-1', { orderId: 'twice' }), () => ({ add: [readBack] }))
    let asked = 0
    const { sent, deps: refundDeps } = gatewayThat(async () => {
      asked += 1
      // While the second worker asks, the first writes the older answer, in which there was no refund yet.
      if (asked === 1) await keep('twice', claimed({ wantedBy: 'midigator:twice-1' }), reportOf())
      return [{ refundId: 'r1', status: 'succeeded', amount: '30', reference: null, createdAt: NOW, arn: null }]
    })
    await refundOrder.run({ orderId: 'twice' }, refundDeps, { attemptsMade: 0, signal: new AbortController().signal })
    expect(asked).toBe(2)
    expect(sent).toEqual([])
  })
})
