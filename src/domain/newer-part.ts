import { partOf, type PushPlan } from './diff-order.ts'
import type { SentField } from './order-fields.ts'
import type { OrderRecord } from './order.ts'

type Pushed = Extract<PushPlan, { do: 'push' }>

/**
 * The part of a push whose every value is from after `sinceMs`: it cannot put an older value over a newer one, whatever the platform was
 * told before. It may be empty. Of an order that was never acknowledged, which is pushed whole, all or nothing.
 */
export function newerPart(plan: Pushed, order: OrderRecord, sinceMs: number): Pushed {
  const newer = plan.fields.filter(field => isNewer(field, plan.texts.get(field), order, sinceMs))
  // Both halves of `fulfillment` go out as one.
  const halves = HALVES.filter(half => plan.fields.includes(half))
  const isWhole = halves.every(half => newer.includes(half))
  const fields = newer.filter(field => isWhole || !HALVES.includes(field))
  const wasAcknowledged = Object.keys(order.push.acknowledged).length > 0
  return partOf(plan, !wasAcknowledged && fields.length < plan.fields.length ? [] : fields)
}

const HALVES: readonly SentField[] = ['shipments', 'proof_of_service']
const STATUS: readonly string[] = ['order_status', 'refunded_to_date@ledger', 'refunded_to_date@gateway']

/** The register that a value is shown from was set after then. Notes are one list, some of which may be lost. */
function isNewer(field: SentField, text: string | undefined, { registers }: OrderRecord, sinceMs: number): boolean {
  if (field === 'notes') return false
  const isAbout = (name: string, value: string) =>
    field === 'order_status'
      ? STATUS.includes(name) && (name === field ? value === text : text === '"Refunded"')
      : (name === field || name.startsWith(`${field}@`)) && value === text
  return [...registers].some(([name, { stamp, value }]) => stamp > sinceMs && isAbout(name, value))
}
