import type { StoredCase } from '../../../src/store/case-store.ts'
import { centsOf } from './cents.ts'
import type { Matter } from './draw-alerts.ts'
import { ordersFitting, orderTruth } from './oracle.ts'
import type { World } from './world.ts'

/** Whether what a case says of itself at rest is so, as far as the models know. */
export async function isReasonTrue(world: World, matter: Matter, { record }: StoredCase): Promise<boolean> {
  const { orderId, why } = record
  const order = orderId === null ? null : orderTruth(world, orderId)
  const toldAll = new Map(world.crm.orders.map(({ id }) => [id, Infinity]))
  const ledger = orderId === null ? null : await world.refunds.read(orderId)
  const said = world.rules.said.get(matter.id) ?? []
  const claims = ledger?.claims ?? []
  const hasClaim = (state: string) => claims.some(claim => claim.state === state)
  const accepted = world.midigator.accepted.get(matter.guid)
  const tied = [...world.rules.records.values()].filter(one => orderId !== null && one.orderId === orderId)
  switch (why) {
    case 'notice':
      return matter.isNotice
    case 'answered-elsewhere':
      return false
    case 'unknown-partner':
      return matter.partner === 'somebody'
    case 'no-match':
      return (
        orderId === null && ordersFitting(world, matter, toldAll, world.midigator.facts.get(matter.guid)).length === 0
      )
    case 'several-orders':
      return ordersFitting(world, matter, toldAll).length > 1
    case 'order-unknown':
      return order?.isKnown === false
    case 'not-settled':
      return order !== null && !order.isSettled && !order.isNeverPaid
    case 'never-paid':
      return order?.isNeverPaid === true
    case 'refunds-off':
      return world.mode === 'off'
    case 'approve-mode':
      return world.mode === 'approve'
    case 'above-limit':
      return world.terms.refunds.autoLimit !== null
    case 'hourly-limit':
      return world.terms.refunds.hourlyLimit !== null
    case 'other-currency':
      return order?.values.currency !== world.terms.refunds.limitCurrency
    case 'amount-differs':
      return tied.some(one => one.kind === 'alert' && centsOf(one.amount) !== order?.capturedCents)
    case 'no-trigger':
    case 'not-wanted':
      return !tied.some(({ kind }) => kind === 'request') || world.terms.refunds.trigger === 'match'
    case 'chargeback':
      return order?.isChargedBack === true
    case 'rdr-paid':
      return tied.some(({ partner }) => partner?.includes('rdr') === true)
    case 'refused-by-person':
      return tied.some(({ id }) => world.rules.said.get(id)?.some(({ word }) => word === 'refuse') === true)
    case 'refund-parked':
      return hasClaim('parked')
    case 'refund-refused':
      return hasClaim('refused') || hasClaim('failed')
    case 'refund-taken-back':
      return world.gateway.refundsOf(orderId ?? '').some(({ status }) => status === 'taken back')
    case 'refund-done':
      return hasClaim('confirmed')
    case 'refund-contradicted':
      return world.gateway.traits.tellsRefundable
    case 'refunded-amount-unknown':
      return orderId !== null && world.crm.order(orderId).isVague
    case 'answered':
      return accepted !== undefined && said.length >= 0
    case 'answer-refused':
    case 'probably-answered':
      return accepted !== undefined || world.midigator.closed.has(matter.guid)
    case 'deadline-passed':
      return world.clock.now > (record.respondBy ?? Infinity)
    case 'taken-over':
      return tied.some(({ kind }) => kind === 'alert')
    case 'chargeback-told':
      return order?.isChargedBack === true || order?.isKnown === false
    case 'captured-unknown':
      return order !== null && order.capturedCents === 0
    default:
      return true
  }
}
