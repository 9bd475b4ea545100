import { describe, expect, it } from 'vitest'
import { leftText } from '../../src/ops/pages/time-left.ts'
import { describeEvent } from '../../src/ops/describe-event.ts'

const CASE = { case: 'midigator:pre_1', partner: 'ethoca', amount: '30', currency: 'USD' }
const MONEY = { amount: '30', currency: 'USD' }

describe('how an order’s timeline describes alerts and refunds', () => {
  it.each([
    [{ what: 'alert', ...CASE, by: 'platform' }, 'ethoca alert midigator:pre_1 over 30.00 USD was matched to the order by the platform'],
    [{ what: 'alert', ...CASE, by: 'arn' }, 'ethoca alert midigator:pre_1 over 30.00 USD was matched to the order by its arn'],
    [{ what: 'request', ...CASE, partner: null, by: 'platform' }, 'a refund of the order was requested (midigator:pre_1)'],
    [{ what: 'chargeback', ...CASE, by: 'platform' }, 'the order is charged back (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'approve', by: 'jo', reason: null }, 'jo approved the refund (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'refuse', by: 'jo', reason: 'known' }, 'jo declined the refund (midigator:pre_1): known'],
    [{ what: 'decided', ...CASE, word: 'decline', by: 'jo', reason: null }, 'jo declined the refund (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'match', by: 'jo', reason: null }, 'jo matched the case to the order (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'close', by: 'jo', reason: null }, 'jo closed the case (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'resolve', by: 'jo', reason: null }, 'jo chose the resolution (midigator:pre_1)'],
    [{ what: 'answer-chosen', ...CASE, type: 'other', description: 'we fight it' }, 'ethoca alert midigator:pre_1 will be resolved as other (“we fight it”)'],
    [{ what: 'resolved', ...CASE, type: 'issued_full_refund', description: '' }, 'ethoca alert midigator:pre_1 was resolved as issued_full_refund'],
    [{ what: 'answer-refused', ...CASE, status: 400 }, 'the resolution of ethoca alert midigator:pre_1 was rejected with 400'],
    [{ what: 'parked', ...CASE, why: 'refund-parked' }, 'ethoca alert midigator:pre_1 needs review: Refund status unknown. The refund was sent, and the gateway’s records do not show it.'],
    [{ what: 'awaiting-approval', ...CASE, why: 'approve-mode' }, 'the refund for ethoca alert midigator:pre_1 awaits approval: Awaiting approval. Refund mode: manual approval.'],
    [{ what: 'refund-sent', ...MONEY, approved_by: null }, 'the refund of 30.00 USD was sent to the gateway'],
    [{ what: 'refund-sent', ...MONEY, approved_by: 'jo' }, 'the refund of 30.00 USD was sent to the gateway, approved by jo'],
    [{ what: 'refunded', ...MONEY, arn: '74537604221222132710572' }, 'the refund of 30.00 USD is confirmed, ARN 74537604221222132710572'],
    [{ what: 'refund-pending', ...MONEY }, 'the gateway has accepted the refund of 30.00 USD and not confirmed it'],
    [{ what: 'refund-uncertain', ...MONEY, code: 'timeout' }, 'the refund of 30.00 USD is unconfirmed (timeout); the gateway’s records are read before anything is sent again'],
    [{ what: 'refund-refused', ...MONEY, code: 'too_old', words: 'too old' }, 'the gateway refused the refund of 30.00 USD (too_old): too old'],
    [{ what: 'refund-parked', ...MONEY, code: 'not-found' }, 'the refund of 30.00 USD needs review (not-found)'],
    [{ what: 'changed', origin: 'generic', fields: ['avs'], rev: 2, unread: ['order_date', 'cc_last_4'] }, 'generic changed avs (rev 2); could not be read: order_date, cc_last_4'],
    [{ what: 'unchanged', origin: 'generic', fields: [], rev: 2, unread: ['order_date'] }, 'generic sent a change; nothing was changed; could not be read: order_date'],
    [{ what: 'refunded', amount: '3000', currency: 'JPY' }, 'the refund of 3000 JPY is confirmed'],
  ])('%o', (event, says) => {
    expect(describeEvent({ at: 0, ...event })).toMatchObject({ at: '1970-01-01T00:00:00.000Z', what: event.what, says })
  }) // prettier-ignore
})

describe('the time left', () => {
  it.each([
    [59_999, '0 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h 0 min'],
    [86_400_000, '1 d 0 h'],
    [-300_000, 'late by 5 min'],
  ])('of %d ms is told as %s', (leftMs, says) => {
    expect(leftText(leftMs)).toBe(says)
  })
})
