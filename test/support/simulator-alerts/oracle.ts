import type { Wording } from '../../../src/domain/case/log.ts'
import type { FieldValue } from '../../../src/domain/change.ts'
import { mergeAll } from '../simulator/reference-merge.ts'
import { centsOf } from './cents.ts'
import type { Matter } from './draw-alerts.ts'
import { DURATIONS } from './draw-terms.ts'
import { externalOf } from './model-crm.ts'
import type { World } from './world.ts'

/** An order as everything that was told of it says, worked out without the program's own code. */
export interface OrderTruth {
  isKnown: boolean
  isSettled: boolean
  isNeverPaid: boolean
  capturedCents: number
  isCapturedKnown: boolean
  isChargedBack: boolean
  values: Record<string, FieldValue>
}

/** What is known of an order from what was told of it, of its first `count` changes. */
export function orderTruth(world: World, orderId: string, count = Infinity): OrderTruth {
  const told = world.told(orderId).slice(0, count)
  const { values } = mergeAll(told)
  const [status, payment] = [values.order_status as string, values.payment_state as string]
  const isNeverPaid =
    payment === 'declined' || payment === 'voided' || (status === 'Cancelled' && payment !== 'captured')
  const isSettled =
    ['Complete', 'Refunded', 'Cancelled'].includes(status) && !['pending', 'authorized', 'declined'].includes(payment)
  const captured = values.captured_amount ?? values.order_total ?? null
  return {
    isKnown: told.length > 0,
    isSettled,
    isNeverPaid,
    capturedCents: isSettled && !isNeverPaid ? centsOf(captured as string | null) : 0,
    isCapturedKnown: captured !== null,
    isChargedBack: values.is_chargeback === true,
    values,
  }
}

/** Cents given back for good: what the gateway has confirmed, and what was given back past it. */
function givenBack(world: World, orderId: string, until = Infinity): number {
  const confirmed = world.gateway
    .refundsOf(orderId)
    .filter(({ confirmedAt }) => confirmedAt !== null && confirmedAt < until)
  const external = world.crm.order(orderId).external.filter(({ at }) => at < until)
  return [...confirmed, ...external].reduce((sum, { cents }) => sum + cents, 0)
}

/** Every order that an alert fits by what the platform has told of it, of orders told of by then. */
export function ordersFitting(
  world: World,
  matter: Matter,
  toldAt: ReadonlyMap<string, number>,
  facts = world.rules.factsTold(matter.id),
): string[] {
  const { transactionId, arn, cardFirst6, cardLast4, amount, currency } = facts
  return world.crm.orders.flatMap(({ id }) => {
    const { isKnown, values } = orderTruth(world, id, toldAt.get(id) ?? 0)
    if (!isKnown) return []
    const isSame = (value: string | undefined, field: string) => value !== undefined && values[field] === value
    const isCard =
      amount !== undefined &&
      isSame(cardFirst6, 'cc_first_6') &&
      isSame(cardLast4, 'cc_last_4') &&
      (currency ?? 'USD') === (values.currency ?? 'USD') &&
      [values.captured_amount, values.order_total].includes(amount)
    return isSame(transactionId, 'transaction_id') || isSame(arn, 'arn') || isCard ? [id] : []
  })
}

/** Why an answer that nobody but the program chose is not true now; null when it is. */
export function untruthOf(
  world: World,
  {
    matter,
    wording,
    orderId,
    toldAtRead,
  }: { matter: Matter; wording: Wording; orderId: string | null; toldAtRead: ReadonlyMap<string, number> },
): string | null {
  if (wording.type === 'other' && wording.description.trim() === '') return 'other without a description'
  if (wording.type === 'could_not_find_order') {
    if (orderId !== null) return 'its order was found'
    const { windowMs, cdrnWindowMs, stopMs } = DURATIONS
    const isCdrn = world.rules.factsTold(matter.id).partner === 'cdrn'
    const stopAt = world.rules.startedAt(matter.id) + (isCdrn ? cdrnWindowMs : windowMs) - stopMs
    if (world.clock.now < stopAt) return 'its order may still come'
    const fitting = ordersFitting(world, matter, toldAtRead)
    return fitting.length > 0 ? `it fits ${fitting.join()}` : null
  }
  if (orderId === null) return 'it is tied to no order'
  const order = orderTruth(world, orderId)
  const given = givenBack(world, orderId)
  const isWhole = order.capturedCents > 0 && given >= order.capturedCents
  const before = givenBack(world, orderId, world.rules.startedAt(matter.id))
  switch (wording.type) {
    case 'issued_full_refund':
      if (!isWhole) return `${given} of ${order.capturedCents} cents are given back`
      // What was given back for a request that came before its alert was given back for that alert.
      return before > 0 &&
        !world.gateway.refundsOf(orderId).some(({ by, cents }) => by === 'us' && cents >= order.capturedCents)
        ? `${before} cents were given back before it was issued`
        : null
    case 'issued_refund_for_remaining_amount':
      if (!isWhole) return `${given} of ${order.capturedCents} cents are given back`
      return world.gateway
        .refundsOf(orderId)
        .some(({ cents, confirmedAt }) => confirmedAt !== null && cents >= order.capturedCents)
        ? 'the whole was given back at once'
        : null
    case 'previously_refunded_nothing_to_do':
      return isWhole ? null : `${given} of ${order.capturedCents} cents are given back`
    case 'declined_or_canceled_nothing_to_do':
      return order.isNeverPaid ? null : 'it was paid'
    case '3ds_authorized_successfully':
      return order.values.eci === '05' && world.terms.resolve3ds ? null : 'it was not authenticated'
    case 'unable_to_refund_merchant_account_closed':
      return world.gateway.traits.refusal === 'merchant_account_closed' ? null : 'the account is open'
    case 'shipped':
      return 'this platform has no such word'
    case 'other':
      return world.gateway.refundsOf(orderId).some(({ by, status }) => by === 'us' && status === 'succeeded')
        ? 'a refund was made'
        : null
  }
}

/** Cents that were given back past the gateway, as far as anybody was told: what Redis lost nobody was. */
export function externalTold(world: World, orderId: string): number {
  const { is_refund: isRefund, order_status: status } = orderTruth(world, orderId).values
  return isRefund === true || status === 'Refunded' ? externalOf(world.crm.order(orderId)) : 0
}
