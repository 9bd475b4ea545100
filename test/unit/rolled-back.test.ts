import { describe, expect, it } from 'vitest'
import type { RollbackTerms } from '../../src/domain/account/account.ts'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { planRefund } from '../../src/domain/refund/plan.ts'
import { again } from '../../src/jobs/job.ts'
import { resolveCase } from '../../src/jobs/resolve-case.ts'
import {
  alertCase, approved, caseOf, caseView, chosenAt, claimed, confirmed, ETHOCA, hook, ledgerIn, ledgerOf, NOW, readBack, refundView,
  REFUND_TERMS, reportOf, resolved, SEEN_AT, sentAt, termsWith,
} from './build-case.ts' // prettier-ignore
import { caseWorld, ID, IDLE, linked, status } from './job-world.ts'
import { RefundWorld } from './refund-world.ts'

/** Redis lost writes, or was restored, half a minute after the alert came; its record was read before that unless a test says otherwise. */
const AT = NOW - 30_000
const LOST: RollbackTerms = { at: AT, restoredAt: null, isQuarantined: false }
const RESTORED: RollbackTerms = { at: AT, restoredAt: AT, isQuarantined: false }

type Given = { id?: string; rollback?: RollbackTerms; entries?: readonly CaseEntry[]; facts?: object }
function decideOn({ id = 'midigator:a', rollback = LOST, entries = [], facts = {} }: Given) {
  const mine = caseOf(id, 'alert', [hook('alert', { ...ETHOCA, ...facts }), readBack({ ...ETHOCA, ...facts }), ...entries])
  const terms = termsWith({ rollback })
  return decide(caseView({ mine, terms, ledger: ledgerIn(confirmed({ wantedBy: id })) }))
} // prettier-ignore
const words = (given: Given) => `${decideOn(given).state}: ${decideOn(given).reason}`
const READ = readBack({ ...ETHOCA }, AT + 1)
const cbh = 'chargebackhit:a'

describe('an alert of before Redis lost writes', () => {
  it('is read at the platform before it is answered, and then answered', () => {
    expect(decideOn({})).toMatchObject({ state: 'matched', reason: 'reading-again', effects: ['enrich'], entries: [] })
    expect(decideOn({ entries: [READ] })).toMatchObject({ state: 'resolving', effects: ['resolve'] })
    expect(words({ entries: [resolved()] }), 'what a person chose waits too').toBe('matched: reading-again')
    expect(words({ entries: [chosenAt(SEEN_AT), sentAt(SEEN_AT)] })).toBe('matched: reading-again')
    expect(words({ rollback: { ...LOST, at: SEEN_AT - 1 } })).toBe('resolving: answer-chosen')
  })

  it('keeps the answer that the platform has by then', () => {
    const entries = [readBack({ ...ETHOCA, answeredAs: 'reversed' }, AT + 1)]
    expect(decideOn({ id: cbh, entries })).toMatchObject({ state: 'resolved', reason: 'answered-before', effects: [] })
    const facts = { issuedAt: AT + 5 }
    const later = [readBack({ ...ETHOCA, ...facts, answeredAs: 'reversed' }, AT + 9)]
    const mine = caseOf(cbh, 'alert', [hook('alert', { ...ETHOCA, ...facts }, AT + 6), ...later])
    expect(decide(caseView({ mine, terms: termsWith({ rollback: LOST }) })).reason).toBe('answered-elsewhere')
  })
})

describe('an alert of before a restore', () => {
  it('waits for a person where the platform does not state answers, until one decides', () => {
    expect(words({ rollback: RESTORED, entries: [READ] })).toBe('parked: answer-unknown')
    expect(words({ rollback: RESTORED, entries: [READ, resolved(AT - 1)] }), 'decided before').toBe('parked: answer-unknown')
    expect(words({ rollback: RESTORED, entries: [READ, resolved()] })).toBe('resolving: answer-chosen')
    expect(words({ rollback: RESTORED, entries: [READ, chosenAt(SEEN_AT), sentAt(SEEN_AT)] }), 'as it was sent').toBe('resolving: answer-chosen')
    expect(words({ rollback: RESTORED, entries: [READ], id: cbh }), 'it states them').toBe('resolving: answer-chosen')
  }) // prettier-ignore
})

describe('a refund after Redis lost writes or was restored', () => {
  const plan = (rollback: RollbackTerms, over: Parameters<typeof refundView>[0] = {}) =>
    planRefund(refundView({ terms: { ...REFUND_TERMS, rollback }, ...over }))
  const by = (...entries: CaseEntry[]) => ({
    cases: [alertCase('a', {}, [readBack({ orderId: 'A' }, AT + 1), ...entries])],
  })
  const listedAt = AT + REFUND_TERMS.listLagMs

  it('goes out only once the gateway’s list must show what was sent before', () => {
    for (const ledger of [undefined, ledgerOf([claimed()], reportOf())]) {
      const given = { ...by(), ...(ledger && { ledger }) }
      expect(plan(LOST, { ...given, now: listedAt - 1 })).toEqual({
        do: 'wait',
        reason: 'writes-lost',
        until: listedAt,
      })
      expect(plan(LOST, { ...given, now: listedAt }).do).toBe(ledger ? 'send' : 'claim')
    }
    expect(plan(LOST, { now: listedAt }), 'its alert was not read since').toMatchObject({
      do: 'wait',
      reason: 'reading-again',
    })
  })

  it('is released by no approval of before the restore', () => {
    const restored = { ...RESTORED, at: SEEN_AT - 999_999 }
    const terms = { ...REFUND_TERMS, mode: 'approve' as const, rollback: restored, listLagMs: 0 }
    const given = (...entries: CaseEntry[]) => planRefund(refundView({ terms, ...by(approved('30', AT - 1), ...entries) }))
    expect(given()).toMatchObject({ do: 'ask-person', reason: 'answer-unknown' })
    expect(given(approved('30'))).toMatchObject({ do: 'claim' })
    const claim = claimed({ approvedBy: 'ann', approvedAt: AT - 1 })
    expect(planRefund(refundView({ terms, ...by(), ledger: ledgerOf([claim], reportOf()) }))).toMatchObject({ do: 'ask-person' })
  }) // prettier-ignore

  it('is not sent from what was read before Redis went back', async () => {
    const made = new RefundWorld()
    expect(await made.run({ isRedisCurrent: async () => false })).toEqual(again('rolled-back'))
    expect(made.sent).toEqual([])
    expect(made.claims()).toMatchObject([{ state: 'claimed', sends: 0 }])
  })
})

describe('a resolution', () => {
  it('is not sent from what was decided before Redis went back, and does not count as sent', async () => {
    const made = caseWorld()
    made.refunded('A', [confirmed({ wantedBy: ID, confirmedAt: SEEN_AT + 1 })], ledgerIn(confirmed()).report)
    const calls: unknown[] = []
    const answer = async () => (calls.push(1), { answer: status(200) })
    const deps = {
      ...made.deps, alertLinks: linked({ answer }), throttleMaxMs: 1_000, pushTimeoutMs: 500, onResolutionCall: () => {},
      isRedisCurrent: async () => false,
    } // prettier-ignore
    const outcome = await resolveCase.run({ caseId: ID }, deps, IDLE)
    expect(outcome).toEqual(again('back-off'))
    expect(calls).toEqual([])
    expect(made.entriesOf(ID, 'sent').at(-1)).toMatchObject({ calls: 0 })
  })
})
