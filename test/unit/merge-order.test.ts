import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Change, FieldValue } from '../../src/domain/change.ts'
import { mergeOrder } from '../../src/domain/merge-order.ts'
import { FIELD_NAMES, FIELDS, type FieldName } from '../../src/domain/order-fields.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { beats, entriesOf, keepNote, tieOf, type Origin } from '../../src/domain/register.ts'
import { showOrder } from '../../src/domain/shown-order.ts'
import { size } from '../support/sizes.ts'
import { change, emptyOrder, GENERIC, merged, note, orderOf } from './build-order.ts'

const RANKED: readonly Origin[] = [GENERIC, { name: 'ledger', rank: 90 }, { name: 'midigator', rank: 0 }]

const money = fc.constantFrom('0', '0.1', '9', '10', '10.01', '999999999999999', '0.000001')
const valueOf = (name: FieldName): fc.Arbitrary<FieldValue> => {
  switch (FIELDS[name].kind) {
    case 'money':
      return money
    case 'flag':
      return fc.boolean()
    case 'status':
      return fc.constantFrom('Complete', 'Cancelled', 'Refunded')
    case 'paymentState':
      return fc.constantFrom('pending', 'authorized', 'declined', 'captured', 'voided')
    case 'list':
      return fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'é', '😀'), sku: fc.constantFrom('1', null) }), {
        maxLength: 2,
      })
    default:
      return fc.constantFrom('', 'a', 'b', 'ab', 'é', '😀', '\uffee', '"', '|', '\\')
  }
}

/** Few fields, few stamps and few values, so that ties of every kind are the rule and not the exception. */
const FEW: FieldName[] = ['order_status', 'payment_state', 'order_total', 'is_refund', 'refunded_to_date', 'is_recurring', 'email_address', 'products'] // prettier-ignore
const anyChange: fc.Arbitrary<{ change: Change; origin: Origin }> = fc.record({
  origin: fc.constantFrom(...RANKED),
  change: fc.record({
    orderId: fc.constant('741258'),
    occurredAt: fc.constantFrom(0, 1, 999_999_999_999),
    sequence: fc.constantFrom(undefined, undefined, 0, 7),
    values: fc.record(
      Object.fromEntries(FEW.map(name => [name, fc.option(valueOf(name), { nil: null })])) as Record<FieldName, fc.Arbitrary<FieldValue>>,
      { requiredKeys: [] },
    ), // prettier-ignore
    notes: fc.array(fc.record({ timestamp: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'), note: fc.constantFrom('a', 'é') }), { maxLength: 2 }), // prettier-ignore
  }),
})

const mergeAll = (deliveries: readonly { change: Change; origin: Origin }[]) =>
  deliveries.reduce((order, delivery) => merged(order, delivery.change, delivery.origin), emptyOrder())
const state = ({ registers, notes }: Pick<OrderRecord, 'registers' | 'notes'>) => ({
  registers: [...registers].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  notes,
})

describe('merging', () => {
  it('gives one result for any order and any number of deliveries', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyChange, { minLength: 1, maxLength: 6 })
          .chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length }))),
        ([all, shuffled]) => {
          // Every change once at least, in another order, some of them twice.
          const again = [...shuffled, ...all.toReversed()]
          expect(state(mergeAll(again))).toEqual(state(mergeAll(all)))
        },
      ),
      { numRuns: size(133, 400) },
    )
  })

  it('is associative: two halves merged apart come to the same', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 4 }), fc.array(anyChange, { maxLength: 4 }), (left, right) => {
        const [a, b] = [mergeAll(left), mergeAll(right)]
        const entries = [...b.registers].map(([name, register]) => ({ name, field: name as FieldName, ...register }))
        expect(state(mergeOrder(a, entries, b.notes, 0))).toEqual(state(mergeAll([...left, ...right])))
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('changes nothing the second time, and says so', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 4 }), all => {
        const order = mergeAll(all)
        const { change: last, origin } = all.at(-1)!
        const again = mergeOrder(order, entriesOf(last, origin), last.notes.map(keepNote), 0)
        expect(again.rev).toBe(order.rev)
        expect(['unchanged', 'stale']).toContain(again.status)
      }),
      { numRuns: size(66, 200) },
    )
  })

  it('has a total order: of two different registers exactly one is the later', () => {
    for (const name of FIELD_NAMES) {
      fc.assert(
        fc.property(
          fc.tuple(fc.option(valueOf(name)), fc.option(valueOf(name)), fc.constantFrom(...RANKED), fc.constantFrom(...RANKED)),
          ([a, b, originA, originB]) => {
            const [left, right] = [[a, originA], [b, originB]].map(([value, origin]) => ({
              stamp: 5,
              tie: tieOf(name, value as FieldValue, origin as Origin),
              value: JSON.stringify(value),
            })) as [Parameters<typeof beats>[0], Parameters<typeof beats>[0]]
            expect(left.tie).toHaveLength(right.tie.length)
            const same = left.tie === right.tie && left.value === right.value
            expect(Number(beats(left, right)) + Number(beats(right, left))).toBe(same ? 0 : 1)
          },
        ),
        { numRuns: 20 },
      ) // prettier-ignore
    }
  })

  it('sets what is present, clears what is null, and leaves the absent untouched', () => {
    const order = orderOf([{ email_address: 'a@example.com', avs: 'Y', cvv: 'M' }, { email_address: 'b@example.com', avs: null }])
    expect(showOrder(order).values).toEqual({ email_address: 'b@example.com', avs: null, cvv: 'M' })
  }) // prettier-ignore

  it('keeps shipments and proof of service apart though they arrive in one object', () => {
    const order = orderOf([
      { fulfillment: { shipments: [{ tracking_number: '1' }], proof_of_service: [{ type: 'a', value: 'b' }] } },
      { fulfillment: { shipments: [{ tracking_number: '2' }] } },
    ])
    expect(showOrder(order).values).toEqual({
      shipments: [{ tracking_number: '2' }],
      proof_of_service: [{ type: 'a', value: 'b' }],
    })
    expect(showOrder(merged(order, change({ fulfillment: null }, 9))).values).toEqual({
      shipments: null,
      proof_of_service: null,
    })
  })

  it('decides by the milliseconds of occurred_at', () => {
    const early = change({ occurred_at: '2026-01-01T00:00:00.001Z', avs: 'N' })
    const late = change({ occurred_at: '2026-01-01T00:00:00.002Z', avs: 'A' })
    expect(showOrder(merged(merged(emptyOrder(), late), early)).values.avs).toBe('A')
  })
})

describe('equal stamps', () => {
  const winner = (name: FieldName, values: readonly FieldValue[], origins: readonly Origin[] = []) => {
    const deliver = (order: OrderRecord, i: number) =>
      merged(order, { orderId: '741258', occurredAt: 7, values: { [name]: values[i] }, notes: [] }, origins[i] ?? GENERIC)
    const indexes = values.map((_, i) => i)
    const [there, back] = [indexes, indexes.toReversed()].map(order => showOrder(order.reduce(deliver, emptyOrder())))
    expect(there!.values).toEqual(back!.values)
    return there!.values[name]
  } // prettier-ignore

  it.each([
    ['Refunded over Cancelled', 'order_status', ['Cancelled', 'Refunded'], 'Refunded'],
    ['Cancelled over Complete', 'order_status', ['Complete', 'Cancelled'], 'Cancelled'],
    ['Complete over cleared', 'order_status', ['Complete', null], 'Complete'],
    ['the greater amount, by value and not by text', 'order_total', ['9', '10', '9.99'], '10'],
    ['the greater fraction', 'order_total', ['10.1', '10.02'], '10.1'],
    ['zero over cleared', 'order_total', ['0', null], '0'],
    ['true over false', 'is_recurring', [true, false], true],
    ['false over cleared', 'is_recurring', [false, null], false],
    ['text over cleared', 'email_address', ['', null], ''],
    ['a list over cleared', 'products', [[], null], []],
  ] as const)('%s', (_, name, values, expected) => {
    expect(winner(name, values)).toEqual(expected)
  })

  const [low, high] = [
    { name: 'a', rank: 1 },
    { name: 'b', rank: 99 },
  ] as const

  it.each([
    ['a value of the lowest source over a cleared one of the highest', 'email_address', ['x', null], 'x'],
    ['Refunded of the lowest over Complete of the highest', 'order_status', ['Refunded', 'Complete'], 'Refunded'],
    ['the greater amount of the lowest', 'order_total', ['10', '9'], '10'],
    ['true of the lowest', 'is_test_cc', [true, false], true],
  ] as const)('%s', (_, name, values, expected) => {
    expect(winner(name, values, [low, high])).toEqual(expected)
  })

  it('the higher source where the values say nothing', () => {
    expect(winner('email_address', ['zzz', 'aaa'], [low, high])).toBe('aaa')
    expect(winner('products', [[{ sku: 'z' }], [{ sku: 'a' }]], [low, high])).toEqual([{ sku: 'a' }])
  })

  it('one and the same value in the end, also between equals, by bytes and not by UTF-16 units', () => {
    expect(winner('email_address', ['a', 'b'])).toBe('b')
    expect(winner('email_address', ['\uffee', '😀'])).toBe('😀')
  })
})

describe('the status of a merge', () => {
  const order = orderOf([{ order_status: 'Complete', avs: 'Y' }])
  const statusOf = (fields: Record<string, unknown>, second: number, before = order) => {
    const { values, notes, occurredAt, orderId } = change(fields, second)
    return mergeOrder(before, entriesOf({ orderId, occurredAt, values, notes }, GENERIC), notes.map(keepNote), 0).status
  }

  it('is changed when some field won', () => {
    expect(statusOf({ avs: 'N', cvv: null }, 5)).toBe('changed')
    expect(statusOf({ notes: [note(0, 'a')] }, 5)).toBe('changed')
  })

  it('is unchanged when nothing is new, also at a later time', () => {
    expect(statusOf({ avs: 'Y' }, 0)).toBe('unchanged')
    expect(statusOf({ avs: 'Y' }, 5)).toBe('unchanged')
    expect(statusOf({}, 5)).toBe('unchanged')
    expect(statusOf({ email_address: null }, 5)).toBe('unchanged')
  })

  it('is stale when nothing won and something lost', () => {
    const later = orderOf([{ avs: 'A' }, { avs: 'Y', order_status: 'Complete' }])
    expect(statusOf({ avs: 'N' }, 0, later)).toBe('stale')
    expect(statusOf({ avs: 'N', cvv: 'M' }, 0, later)).toBe('changed')
  })

  it('is held when something won and the order, never pushed, is not settled', () => {
    expect(statusOf({ avs: 'Y' }, 0, emptyOrder())).toBe('held')
    expect(statusOf({ payment_state: 'pending' }, 5)).toBe('held')
    expect(statusOf({ payment_state: 'pending' }, 5, { ...order, push: { ...order.push, sent: true } })).toBe('changed')
  })

  it('counts only changes that changed something', () => {
    expect(orderOf([{ avs: 'Y' }, { avs: 'Y' }, { avs: 'N' }]).rev).toBe(2)
  })
})

describe('notes', () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => note(from + i, `note ${from + i}`))
  const texts = (order: OrderRecord) => showOrder(order).notes

  it('only ever join: a later change does not replace them', () => {
    const order = orderOf([{ notes: [note(5, 'b')] }, { notes: [note(1, 'a')] }, { notes: [] }])
    expect(texts(order)).toEqual([note(1, 'a'), note(5, 'b')])
  })

  it('are one when time and text are equal, and two when either differs', () => {
    const order = orderOf([{ notes: [note(1, 'a'), note(1, 'a'), note(1, 'b'), note(2, 'a')] }, { notes: [note(1, 'a')] }])
    expect(texts(order)).toEqual([note(1, 'a'), note(1, 'b'), note(2, 'a')])
  }) // prettier-ignore

  it('are one when the same time is told in another zone', () => {
    const order = orderOf([{ notes: [{ timestamp: '2026-01-01 02:00:00+02:00', note: 'a' }] }, { notes: [note(0, 'a')] }])
    expect(texts(order)).toEqual([note(0, 'a')])
  }) // prettier-ignore

  it('are the newest 200 by their own times, whatever came when', () => {
    const [a, b] = [{ notes: many(0, 150) }, { notes: many(150, 150) }]
    const [there, back] = [orderOf([a, b]), orderOf([b, a])]
    expect(texts(there)).toEqual(many(100, 200))
    expect(texts(back)).toEqual(many(100, 200))
  })

  it('that are older than 200 others are stale news', () => {
    const full = orderOf([{ order_status: 'Complete', notes: many(100, 200) }])
    const kept = [note(0, 'too old')].map(keepNote)
    expect(mergeOrder(full, [], kept, 0)).toMatchObject({ status: 'stale', rev: full.rev, notes: full.notes })
  })
})
