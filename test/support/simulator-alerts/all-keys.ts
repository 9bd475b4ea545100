import { createHash } from 'node:crypto'
import { CASE_STATES } from '../../../src/domain/case/view.ts'
import type { Keys } from '../../../src/store/keys.ts'
import type { World } from './world.ts'

/** Every key that a schedule may leave; more than that is found by the test's own look. */
export function allKeys({ keys, crm, matters }: World): string[] {
  const orders = crm.orders.flatMap(({ id, identity }) => [
    keys.order(id), keys.orderNotes(id), keys.timeline(id), keys.orderCases(id), keys.refunds(id), ownerKey(keys, `T-${id}`), ownerKey(keys, id),
    `${keys.lookup}transaction_id:T-${id}`, `${keys.lookup}arn:arn-${id}`, `${keys.lookup}card:401288-${identity.cc_last_4}`,
    `${keys.lookup}sold-card:401288-${identity.cc_last_4}`, `${keys.lookup}sold-last_4:${identity.cc_last_4}`, `${keys.lookup}sold-cardless:`,
  ]) // prettier-ignore
  const cases = matters.flatMap(({ id }) => [keys.case(id), keys.caseLog(id)])
  const single = Object.values(keys).filter(key => typeof key === 'string')
  return [...orders, ...cases, ...CASE_STATES.map(keys.casesIn), ...single]
}

/** As the refund store names a transaction; an order whose transaction nobody told stands for it itself. */
const ownerKey = ({ refundOwner }: Keys, transaction: string): string =>
  `${refundOwner}${createHash('sha256').update(transaction).digest('hex').slice(0, 32)}`
