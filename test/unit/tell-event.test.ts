import { describe, expect, it } from 'vitest'
import { leftText } from '../../src/ops/pages/time-left.ts'
import { tellEvent } from '../../src/ops/tell-event.ts'

const CASE = { case: 'midigator:pre_1', partner: 'ethoca', amount: '30', currency: 'USD' }
const MONEY = { amount: '30', currency: 'USD' }

describe('what an order’s timeline tells of alerts and refunds', () => {
  it.each([
    [{ what: 'alert', ...CASE, by: 'platform' }, 'ethoca alert midigator:pre_1 over 30.00 USD was tied to it by the platform'],
    [{ what: 'alert', ...CASE, by: 'arn' }, 'ethoca alert midigator:pre_1 over 30.00 USD was tied to it by its arn'],
    [{ what: 'request', ...CASE, partner: null, by: 'platform' }, 'a refund of it was asked for (midigator:pre_1)'],
    [{ what: 'chargeback', ...CASE, by: 'platform' }, 'it is charged back (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'approve', by: 'jo', reason: null }, 'jo approved the refund (midigator:pre_1)'],
    [{ what: 'decided', ...CASE, word: 'refuse', by: 'jo', reason: 'known' }, 'jo decided against the refund (midigator:pre_1): known'],
    [{ what: 'decided', ...CASE, word: 'resolve', by: 'jo', reason: null }, 'jo chose the answer (midigator:pre_1)'],
    [{ what: 'answer-chosen', ...CASE, type: 'other', description: 'we fight it' }, 'ethoca alert midigator:pre_1 is to be answered other (“we fight it”)'],
    [{ what: 'resolved', ...CASE, type: 'issued_full_refund', description: '' }, 'ethoca alert midigator:pre_1 was answered issued_full_refund'],
    [{ what: 'answer-refused', ...CASE, status: 400 }, 'the answer to ethoca alert midigator:pre_1 was refused with 400'],
    [{ what: 'parked', ...CASE, why: 'refund-parked' }, 'ethoca alert midigator:pre_1 needs a person: Nobody can tell whether the refund took effect.'],
    [{ what: 'awaiting-approval', ...CASE, why: 'approve-mode' }, 'the refund for ethoca alert midigator:pre_1 waits to be approved: Every refund is released by a person.'],
    [{ what: 'refund-sent', ...MONEY, approved_by: null }, 'the refund of 30.00 USD was sent to the gateway'],
    [{ what: 'refund-sent', ...MONEY, approved_by: 'jo' }, 'the refund of 30.00 USD was sent to the gateway, released by jo'],
    [{ what: 'refunded', ...MONEY, arn: '74537604221222132710572' }, 'the refund of 30.00 USD is confirmed, ARN 74537604221222132710572'],
    [{ what: 'refund-pending', ...MONEY }, 'the gateway has the refund of 30.00 USD and is not done with it'],
    [{ what: 'refund-uncertain', ...MONEY, code: 'timeout' }, 'nobody knows yet whether the refund of 30.00 USD took effect (timeout); it is looked up before anything is sent again'],
    [{ what: 'refund-refused', ...MONEY, code: 'too_old', words: 'too old' }, 'the gateway refused the refund of 30.00 USD (too_old): too old'],
    [{ what: 'refund-parked', ...MONEY, code: 'not-found' }, 'the refund of 30.00 USD needs a person (not-found)'],
    [{ what: 'refunded', amount: '3000', currency: 'JPY' }, 'the refund of 3000 JPY is confirmed'],
  ])('%o', (event, says) => {
    expect(tellEvent({ at: 0, ...event })).toMatchObject({ at: '1970-01-01T00:00:00.000Z', what: event.what, says })
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
