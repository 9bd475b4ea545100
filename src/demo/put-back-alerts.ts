import { z } from 'zod'
import { foldLog, type CaseEntry } from '../domain/case/log.ts'
import { moneyOf } from '../domain/read-money.ts'
import { ALERT_TYPES } from '../sandbox/chargebackhit-wire.ts'
import type { Sandbox } from '../sandbox/server.ts'
import { wireTime } from '../sandbox/wire-time.ts'
import type { CaseStore, StoredCase } from '../store/case-store.ts'
import type { OrderStore } from '../store/order-store.ts'

const AT_MOST = 1_000

/** The sides of a sandbox that alerts and payments are put back into. */
type Sides = Pick<Sandbox, 'alerts' | 'chargebackhit' | 'payments'>

/**
 * Tells a sandbox that begins empty of the alerts of earlier days that are not answered yet, and of what their orders paid, so
 * that the answer to one still finds it. Answers how many there are.
 */
export async function putBackAlerts(
  sandbox: Sides,
  { cases, orders }: { cases: Pick<CaseStore, 'nearest' | 'read'>; orders: Pick<OrderStore, 'read'> },
): Promise<number> {
  let count = 0
  for (const { id } of await cases.nearest(AT_MOST)) {
    const stored = await cases.read(id)
    if (stored?.record.kind !== 'alert') continue
    if (stored.record.platform === 'chargebackhit') putBackChargebackhit(stored.log, sandbox)
    else putBackMidigator(stored, sandbox)
    const { orderId } = stored.record
    const order = orderId === null ? null : await orders.read(orderId)
    const money = order && moneyOf(order, 'USD')
    if (money?.captured)
      sandbox.payments.set(money.orderId, { captured: money.captured, currency: money.currency ?? 'USD' })
    count++
  }
  return count
}

function putBackMidigator({ record, log }: StoredCase, { alerts }: Sides): void {
  const { guid, orderId, amount } = record
  const { facts } = foldLog('alert', guid, log)
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
}

const members = z.record(z.string(), z.unknown())
const TOLD = z.object({ alert: z.looseObject({ type: z.enum(ALERT_TYPES) }), transaction: members, merchant: members })

/** As it was first told: its list is read for what was missed, and another wording would look like news. */
function putBackChargebackhit(log: readonly CaseEntry[], { chargebackhit }: Sides): void {
  for (const entry of log) {
    const told = entry.what === 'hook' ? TOLD.safeParse(entry.raw).data : undefined
    if (told !== undefined) return void chargebackhit.alerts.publish(told, told.alert.type)
  }
}
