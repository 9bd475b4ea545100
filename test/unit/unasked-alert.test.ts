import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import { foldLog, type CaseEntry } from '../../src/domain/case/log.ts'
import type { CaseView } from '../../src/domain/case/view.ts'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 10, 21, 12)

const told: CaseEntry = {
  what: 'hook',
  at: NOW,
  event: { type: 'alert', guid: 'pre_1', facts: { partner: 'ethoca', amount: '44.5' }, sentAt: NOW },
  raw: null,
}
const asked: CaseEntry = { what: 'enriched', at: NOW, facts: { partner: 'ethoca', amount: '44.5', currency: 'USD' } }

/** An alert whose card and amount fit two orders. */
function viewOf(log: CaseEntry[]): CaseView {
  const facts = foldLog('alert', 'pre_1', log)
  return {
    now: NOW,
    id: 'midigator:pre_1',
    facts,
    search: { found: 'many', orderIds: ['1', '2'] },
    order: null,
    ledger: null,
    cases: [{ id: 'midigator:pre_1', facts }],
    terms: {
      refunds: { trigger: 'order.refund', mode: 'auto', autoLimit: null, hourlyLimit: null, limitCurrency: null },
      deadlines: {
        windowMs: 24 * HOUR_MS,
        cdrnWindowMs: 72 * HOUR_MS,
        targetMs: 4 * HOUR_MS,
        alarmMs: 12 * HOUR_MS,
        stopMs: 4 * HOUR_MS,
      },
      resolve3ds: false,
      lookMs: 300_000,
      refundLeaseMs: 25_000,
      lateAnswerMs: HOUR_MS,
    },
  }
}

describe('an alert that fits several orders', () => {
  it('is not put before a person until the platform was asked for its own match', () => {
    const { state, why, effects, alarms } = decide(viewOf([told]))
    expect({ state, why, effects, alarms }).toEqual({
      state: 'received',
      why: 'not-enriched',
      effects: ['enrich'],
      alarms: [],
    })
  })

  it('is put before a person once the platform names no order either', () => {
    const { state, why, alarms } = decide(viewOf([told, asked]))
    expect({ state, why, alarms }).toEqual({ state: 'parked', why: 'several-orders', alarms: ['case-parked'] })
  })
})
