import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsNamedIn, partWithout, planPush, textsOf, vitalPart, type PushPlan } from '../../src/domain/diff-order.ts'
import { SENT_FIELDS, VITAL_FIELDS, type SentField } from '../../src/domain/order-fields.ts'
import type { PushState } from '../../src/domain/order.ts'
import { isSettled } from '../../src/domain/settled.ts'
import { asItIs, note, orderOf } from './build-order.ts'

type Fields = Record<string, unknown>
const COMPLETE = { order_status: 'Complete' }
const fieldsOf = (plan: PushPlan): SentField[] => (plan.do === 'push' ? plan.fields : [])
/** What a platform was told that accepted these changes. */
const told = (...changes: Fields[]): Partial<PushState> => {
  const texts = [...textsOf(orderOf(changes))].filter(([field]) => SENT_FIELDS.includes(field))
  return { sent: true, acknowledged: Object.fromEntries(texts) }
}
const planAfter = (accepted: Fields, ...later: Fields[]) =>
  planPush(orderOf([COMPLETE, accepted, ...later], told(COMPLETE, accepted)), asItIs)

describe('what a push carries', () => {
  it('the first time: every field there is, in the order of the Data API, and nothing that was never told', () => {
    const plan = planPush(orderOf([{ ...COMPLETE, notes: [note(1, 'a')], avs: 'Y', order_total: '5', email_address: null, arn: '1' }]), asItIs)
    expect(plan).toEqual({
      do: 'push',
      fields: ['order_total', 'order_status', 'avs', 'notes'],
      digests: {
        order_total: '"5"',
        order_status: '"Complete"',
        avs: '"Y"',
        notes: '[{"timestamp":"2026-01-01T00:00:01Z","note":"a"}]',
      },
      texts: expect.any(Map),
    })
  }) // prettier-ignore

  it('later only what differs from what was acknowledged', () => {
    expect(planAfter({ avs: 'Y', cvv: 'M' }, { avs: 'N' })).toEqual({
      do: 'push',
      fields: ['avs'],
      digests: { avs: '"N"' },
      texts: expect.any(Map),
    })
  })

  it('nothing when nothing differs, also after a value that came back', () => {
    expect(planAfter({ avs: 'Y' })).toEqual({ do: 'nothing' })
    expect(planAfter({ avs: 'Y' }, { avs: 'N' }, { avs: 'Y' })).toEqual({ do: 'nothing' })
    expect(planAfter({ order_total: '5' }, { order_total: '5.00' })).toEqual({ do: 'nothing' })
    expect(planAfter({ products: [{ name: 'a', sku: 'b' }] }, { products: [{ sku: 'b', name: 'a' }] })).toEqual({
      do: 'nothing',
    })
  })

  it('a field that was cleared, once it had been told', () => {
    expect(planAfter({ avs: 'Y' }, { avs: null })).toEqual({
      do: 'push',
      fields: ['avs'],
      digests: { avs: 'null' },
      texts: expect.any(Map),
    })
    expect(planAfter({ cvv: 'M' }, { avs: null })).toEqual({ do: 'nothing' })
    expect(planAfter({ avs: null })).toEqual({ do: 'nothing' })
  })

  it('all notes once one is new', () => {
    const plan = planAfter({ notes: [note(1, 'a')] }, { notes: [note(2, 'b')] })
    expect(fieldsOf(plan)).toEqual(['notes'])
    expect(plan).toMatchObject({ digests: { notes: JSON.stringify([note(1, 'a'), note(2, 'b')]) } })
  })

  it('both halves of a fulfillment when one differs, and one where there is no other', () => {
    const [shipments, proof] = [[{ tracking_number: '1' }], [{ type: 'a', value: 'b' }]]
    expect(fieldsOf(planAfter({ fulfillment: { shipments, proof_of_service: proof } }, { fulfillment: { shipments: [] } }))).toEqual(['shipments', 'proof_of_service'])
    expect(fieldsOf(planAfter({ fulfillment: { shipments, proof_of_service: proof } }, { fulfillment: { proof_of_service: [] } }))).toEqual(['shipments', 'proof_of_service'])
    expect(fieldsOf(planAfter({ fulfillment: { shipments } }, { fulfillment: { shipments: [] } }))).toEqual(['shipments'])
  }) // prettier-ignore

  it('never a field that is ours alone', () => {
    expect(planAfter({ avs: 'Y' }, { payment_state: 'captured', arn: '1', captured_amount: '5' })).toEqual({ do: 'nothing' }) // prettier-ignore
  })

  it('is the difference between what is and what was acknowledged, for any two states', () => {
    const some = fc.dictionary(fc.constantFrom('avs', 'cvv', 'email_address', 'is_recurring'), fc.constantFrom('1', null).map(text => text), { maxKeys: 4 }) // prettier-ignore
    fc.assert(
      fc.property(some, some, (before, after) => {
        const clean = ({ is_recurring: flag, ...rest }: Fields) => ({ ...rest, ...(flag !== undefined && { is_recurring: flag === '1' }) }) // prettier-ignore
        const [first, second] = [clean(before), clean(after)]
        const now = { ...first, ...second } as Fields
        const expected = SENT_FIELDS.filter(field => (now[field] ?? null) !== ((first as Fields)[field] ?? null))
        expect(fieldsOf(planAfter(first, second))).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a field in doubt', () => {
  const accepted = { ...COMPLETE, avs: 'Y', cvv: 'M' }

  it('differs though its value is the acknowledged one', () => {
    const order = orderOf([accepted], { ...told(accepted), doubts: { avs: 5 } })
    expect(planPush(order, asItIs)).toEqual({
      do: 'push',
      fields: ['avs'],
      digests: { avs: '"Y"' },
      texts: expect.any(Map),
    })
  })

  it('differs while an attempt that carried it has not ended', () => {
    const attempt = { id: 'a', fields: ['cvv'] as const, startedAt: 0, leaseUntil: 9 }
    expect(fieldsOf(planPush(orderOf([accepted], { ...told(accepted), attempt }), asItIs))).toEqual(['cvv'])
  })

  it('that is cleared by now goes out as null though nothing of it was ever acknowledged', () => {
    const order = orderOf([accepted, { email_address: 'a@example.com' }, { email_address: null }], {
      ...told(accepted),
      doubts: { email_address: 5 },
    })
    expect(planPush(order, asItIs)).toMatchObject({
      fields: ['email_address'],
      digests: { email_address: 'null' },
      texts: expect.any(Map),
    })
  })
})

describe('held', () => {
  const settles = (fields: Fields) => isSettled(orderOf([fields]).registers)

  it.each([
    [{}, false],
    [{ order_status: null }, false],
    [{ payment_state: 'captured' }, true],
    [{ payment_state: 'voided' }, true],
    [{ payment_state: 'authorized' }, false],
    [{ order_status: 'Complete' }, true],
    [{ order_status: 'Refunded' }, true],
    [{ order_status: 'Cancelled' }, true],
    [{ order_status: 'Complete', payment_state: null }, true],
    [{ order_status: 'Complete', payment_state: 'captured' }, true],
    [{ order_status: 'Cancelled', payment_state: 'voided' }, true],
    [{ order_status: 'Complete', payment_state: 'pending' }, false],
    [{ order_status: 'Complete', payment_state: 'authorized' }, false],
    [{ order_status: 'Cancelled', payment_state: 'declined' }, false],
  ])('an order of %j: settled is %s', (fields, settled) => {
    expect(settles(fields)).toBe(settled)
    expect(planPush(orderOf([{ ...fields, avs: 'Y' }]), asItIs).do).toBe(settled ? 'push' : 'held')
  })

  it.each([
    [{ payment_state: 'authorized' }, { order_status: 'Complete' }, true],
    [{ payment_state: 'pending' }, { order_status: 'Refunded' }, true],
    [{ payment_state: 'declined' }, { order_status: 'Complete' }, true],
    [{ order_status: 'Complete' }, { payment_state: 'authorized' }, false],
    [{ order_status: 'Complete' }, { payment_state: 'declined' }, false],
  ])('an order of %j and then %j: settled is %s, for the later one decides', (first, then, settled) => {
    expect(isSettled(orderOf([first, then]).registers)).toBe(settled)
    expect(isSettled(orderOf([{}, first, then]).registers)).toBe(settled)
  })

  it('ends for good once it was sent: then the unsettled status alone is withheld, and no other field', () => {
    const accepted = { ...COMPLETE, avs: 'Y' }
    for (const unsettled of [{ order_status: null }, { order_status: 'Refunded', payment_state: 'pending' }]) {
      const order = orderOf([accepted, { ...unsettled, avs: 'N', is_refund: true }], told(accepted))
      expect(fieldsOf(planPush(order, asItIs))).toEqual(['avs', 'is_refund'])
    }
  })

  it('the withheld status goes out when it is settled again', () => {
    const accepted = { ...COMPLETE, avs: 'Y' }
    const order = orderOf([accepted, { order_status: 'Refunded', payment_state: 'pending' }, { payment_state: 'captured' }], told(accepted)) // prettier-ignore
    expect(fieldsOf(planPush(order, asItIs))).toEqual(['order_status'])
  })
})

describe('the vital part of a refused push', () => {
  const planOf = (fields: Fields) => planAfter({}, fields) as Extract<PushPlan, { do: 'push' }>

  it('is the fields that say how the order stands', () => {
    expect(VITAL_FIELDS).toEqual(['order_status', 'is_refund', 'refunded_to_date', 'is_chargeback', 'is_fraud'])
    const vital = vitalPart(planOf({ email_address: 'bad', is_refund: true, refunded_to_date: '5', order_status: 'Refunded' }))
    expect(vital).toEqual({
      do: 'push',
      fields: ['order_status', 'is_refund', 'refunded_to_date'],
      digests: { order_status: '"Refunded"', is_refund: 'true', refunded_to_date: '"5"' }, texts: expect.any(Map),
    })
  }) // prettier-ignore

  it('is the rest where the platform’s words name fields, each by its whole name', () => {
    const plan = planOf({ email_address: 'bad', customer_id: '8', eci: '05' })
    const named = (words: string) => fieldsNamedIn(words, plan.fields)
    expect(named('"email_address" is not valid, nor is customer_id.')).toEqual(['customer_id', 'email_address'].filter(one => plan.fields.includes(one as SentField))) // prettier-ignore
    expect(named('my_email_address, email_addresses, decide')).toEqual([])
    expect(partWithout(plan, ['email_address'])?.fields).toEqual(plan.fields.filter(one => one !== 'email_address'))
    expect(partWithout(plan, ['email_address'])?.digests).not.toHaveProperty('email_address')
    expect([partWithout(plan, []), partWithout(plan, plan.fields)]).toEqual([null, null])
  })

  it('is nothing when no vital field differs, or when it would be the same push again', () => {
    expect(vitalPart(planOf({ email_address: 'bad' }))).toBeNull()
    expect(vitalPart(planOf({ is_refund: true, is_fraud: true }))).toBeNull()
  })
})
