import { describe, expect, it } from 'vitest'
import { slotOf, type CaseEntry } from '../../src/domain/case/log.ts'
import { describeLog } from '../../src/ops/describe-case.ts'
import { answeredAt, approved, chose, chosenAt, closed, declined, hook, missing, NOW, readBack, resolved, SEEN_AT, sentAt } from './build-case.ts' // prettier-ignore

const says = (...entries: CaseEntry[]) => describeLog(entries, 'midigator').map(event => event.says)

describe('the history of a case', () => {
  it.each([
    [hook('alert', { partner: 'ethoca', amount: '30', currency: 'USD' }), 'Midigator sent an alert from ethoca over 30.00 USD'],
    [hook('alert-match', { orderId: '7' }), 'Midigator matched the alert to order 7'],
    [hook('refund', { orderId: '7', amount: '30' }), 'Midigator requested a refund of order 7 over 30.00'],
    [hook('chargeback', { amount: '30', currency: 'USD' }), 'Midigator reported a chargeback over 30.00 USD'],
    [hook('chargeback-match', {}), 'Midigator matched the chargeback to an order'],
    [readBack(), 'Details read from Midigator'],
    [{ what: 'matched', at: NOW, orderId: '7', by: 'arn', isActed: true }, 'Matched to order 7 by ARN'],
    [approved('12.5'), 'ann approved the refund of 12.50 USD'],
    [declined(), 'ann declined the refund'],
    [resolved(), 'ann resolved the alert as other (“by hand”)'],
    [chose('7'), 'ann chose order 7'],
    [closed(), 'ann closed the case'],
    [{ ...closed(), reason: 'contested' } as CaseEntry, 'ann closed the case: contested'],
    [chosenAt(NOW), 'order-sync chose the resolution issued_full_refund'],
    [sentAt(NOW), 'Sending the resolution to Midigator'],
    [answeredAt(NOW), 'Midigator accepted the resolution'],
    [answeredAt(NOW, { accepted: false, status: 400, words: 'no' }), 'Midigator rejected the resolution with 400: no'],
    [{ what: 'mark', at: NOW, mark: 'stop' }, 'Not answered by the hard stop: escalated'],
    [{ what: 'alarmed', at: NOW, alarm: 'case-parked', reason: 'paid-twice' }, 'Alarm raised: case-parked (Paid twice)'],
    [{ what: 'flag', at: NOW, orderId: '7', flag: 'is_chargeback', value: true }, 'Order 7 marked as charged back'],
    [{ what: 'flag', at: NOW, orderId: '7', flag: 'is_fraud', value: false }, 'Order 7 no longer marked as fraud'],
  ] satisfies [CaseEntry, string][])('%#: describes an entry', (entry, text) => {
    expect(says(entry)).toEqual([text])
  }) // prettier-ignore

  it('names the fields of an event that could not be read, and never their values', () => {
    const entry = hook('alert', { partner: 'ethoca' })
    entry.event.faults = [
      { field: 'amount', message: 'expected an amount' },
      { field: 'arn', message: 'expected digits' },
    ]
    expect(says(entry)).toEqual(['Midigator sent an alert from ethoca; not readable: amount, arn'])
  })

  it('only grows: what was shown keeps its time and its text, however often the platform was asked or called', () => {
    const facts = [
      hook('alert', { partner: 'ethoca' }), missing(SEEN_AT, NOW + 1), missing(SEEN_AT, NOW + 2), readBack({}, NOW + 3), approved('30', NOW + 4),
      chosenAt(NOW + 5), sentAt(NOW + 5, 1, NOW + 5), sentAt(NOW + 5, 2, NOW + 60_000), sentAt(NOW + 5, 3, NOW + 120_000),
      // A call that surely was not taken does not count: the count goes down again.
      sentAt(NOW + 5, 2, NOW + 120_000), answeredAt(NOW + 130_000),
    ] // prettier-ignore
    const kept = new Map<string, CaseEntry>()
    let before: object[] = []
    for (const entry of facts) {
      kept.set(
        slotOf(entry, () => 'key'),
        entry,
      )
      const shown = describeLog([...kept.values()], 'midigator')
      expect(shown.slice(0, before.length)).toEqual(before)
      before = shown
    }
    expect(before).toHaveLength(6)
  })
})
