import { foldLog } from '../domain/case-log.ts'
import { moneyOf } from '../domain/order-money.ts'
import type { Sandbox } from '../sandbox/server.ts'
import { wireTime } from '../sandbox/wire-time.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { OrderStore } from '../store/order-store.ts'

const AT_MOST = 1_000

/**
 * Tells a sandbox that begins empty of the alerts of earlier days that are not answered yet, and of what their orders paid, so
 * that the answer to one still finds it. Answers how many there are.
 */
export async function putBackAlerts(
  { alerts, payments }: Pick<Sandbox, 'alerts' | 'payments'>,
  { cases, orders }: { cases: Pick<CaseStore, 'nearest' | 'read'>; orders: Pick<OrderStore, 'read'> },
): Promise<number> {
  let count = 0
  for (const { id } of await cases.nearest(AT_MOST)) {
    const stored = await cases.read(id)
    if (stored?.record.kind !== 'alert') continue
    const { guid, orderId, amount } = stored.record
    const { facts } = foldLog('alert', guid, stored.log)
    alerts.add({
      prevention_guid: guid,
      partner: facts.partner ?? 'ethoca',
      mid: facts.mid ?? '',
      arn: facts.arn,
      card_first_6: facts.cardFirst6,
      card_last_4: facts.cardLast4 ?? '0000',
      card_brand: facts.cardBrand,
      amount: amount ?? '0',
      currency: facts.currency ?? 'USD',
      ...(facts.issuedAt !== undefined && { prevention_timestamp: wireTime(facts.issuedAt) }),
      ...(orderId !== null && { matched_order_id: orderId }),
    })
    const order = orderId === null ? null : await orders.read(orderId)
    const money = order && moneyOf(order)
    if (money?.captured) payments.set(money.orderId, { captured: money.captured, currency: money.currency })
    count++
  }
  return count
}
