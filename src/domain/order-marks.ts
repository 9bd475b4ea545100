import type { FieldName } from './order-fields.ts'
import type { HoldReason, OrderHold } from './account/order-money.ts'
import type { HoldName, KeptHold, OrderMarks, Register, RegisterName } from './order.ts'
import { isMoneyTie, sawMoney } from './origins.ts'
import { beats, type Entry } from './register.ts'
import { UNPAID_STATES } from './settled.ts'

/** What a change adds to an order's marks; `noted`: something of them changed, and decisions must be made again. */
export interface NotedMarks {
  wasPaid: boolean
  stated: Map<RegisterName, Register>
  holds: Map<HoldName, KeptHold>
  noted: boolean
  /** Names of the holds that this change set. */
  held: HoldName[]
}

/** What merging depends on beside the change: the order as it was. */
interface Before extends OrderMarks {
  registers: ReadonlyMap<RegisterName, Register>
}

export const NO_MARKS: OrderMarks = { wasPaid: false, stated: new Map(), holds: new Map() }

/** The marks of an order after one more change (its entries); `at` is Redis' time. The twin of `store/lua/includes/note_marks.lua`. */
export function noteMarks(before: Before, entries: readonly Entry[], at: number): NotedMarks {
  const marks: NotedMarks = {
    wasPaid: before.wasPaid,
    stated: new Map(before.stated),
    holds: new Map(before.holds),
    noted: false,
    held: [],
  }
  const entryOf = (name: FieldName) => entries.find(entry => entry.name === name)
  if (!marks.wasPaid && statesPaid(name => entryOf(name)?.value)) marks.wasPaid = marks.noted = true
  for (const entry of entries) if (entry.field === 'refunded_to_date') noteAmount(marks, before, entry, at)
  for (const entry of entries) noteWithdrawal(marks, before, entry, at)
  noteReadable(marks, before, entries)
  if (isSwap(before.registers, entries)) hold(marks, 'swapped', SWAPPED, { at, stamp: 0 })
  return marks
}

/** A change, or the registers, that say paid: captured, or a status of paid orders that no open payment state contradicts. */
export function statesPaid(valueOf: (name: 'order_status' | 'payment_state') => string | undefined): boolean {
  const [status, payment] = [valueOf('order_status'), valueOf('payment_state') ?? 'null']
  if (payment === '"captured"') return true
  return (status === '"Complete"' || status === '"Refunded"') && !UNPAID_STATES.includes(payment)
}

/**
 * Keeps the greatest amount that a source ever stated, and holds refunds when the source states less than before. Of two
 * statements that arrive the wrong way round the earlier one is noticed as greater.
 */
function noteAmount(marks: NotedMarks, { registers }: Before, entry: Entry, at: number): void {
  if (sawMoney(entry.name.slice(entry.name.indexOf('@') + 1))) return
  const stored = registers.get(entry.name)
  const greatest = firstGreatest(marks.stated.get(entry.name), stored)
  const amount = amountDigits(entry)
  const isLowered =
    stored === undefined || beats(entry, stored) ? amount < amountDigits(stored) : amount > amountDigits(greatest)
  const next = firstGreatest(greatest, entry)
  if (next !== undefined && next !== greatest) {
    marks.stated.set(entry.name, { stamp: next.stamp, tie: next.tie, value: next.value })
    marks.noted = true
  } else if (isLowered && greatest !== undefined) marks.stated.set(entry.name, greatest)
  if (isLowered) hold(marks, 'lowered', entry.name, { at, stamp: 0 })
}

/** Values that state a refund without its amount. */
const REFUNDED: Partial<Record<FieldName, string>> = { is_refund: 'true', order_status: '"Refunded"' }

/**
 * Holds refunds when a refund that was stated, and no amount of it, is later stated no more, whichever of the two statements arrives
 * first; what is delivered again renews nothing. An amount that was stated is kept in `stated`.
 */
function noteWithdrawal(marks: NotedMarks, { registers }: Before, entry: Entry, at: number): void {
  const refunded = REFUNDED[entry.field]
  const stored = registers.get(entry.name)
  if (refunded === undefined || stored === undefined || isMoneyTie(entry.tie) || marks.stated.size > 0) return
  const isLater = beats(entry, stored)
  const [earlier, later] = isLater ? [stored, entry] : [entry, stored]
  if (earlier.value !== refunded || later.value === refunded) return
  if (isLater || !marks.holds.has(`lowered ${entry.name}`)) hold(marks, 'lowered', entry.name, { at, stamp: 0 })
}

/** Of two statements the greater amount, then the earlier; nothing and zero state nothing. */
function firstGreatest(a: Register | undefined, b: Register | undefined): Register | undefined {
  const [left, right] = [amountDigits(a), amountDigits(b)]
  if (right === NOTHING) return left === NOTHING ? undefined : a
  if (left !== right) return left > right ? a : b
  return b!.stamp < a!.stamp ? b : a
}

/** An amount's digits stand in its tie (see `tieOf`); their text order is the order of the amounts. */
const amountDigits = (register: Pick<Register, 'tie'> | undefined): string => register?.tie.slice(-23, -2) ?? NOTHING
const NOTHING = '0'.repeat(21)

/**
 * A readable value ends the hold of its register, unless it is older than the change that could not be read: of the same time, what is
 * older by its sequence or its value ends nothing.
 */
function noteReadable(marks: NotedMarks, { registers }: Before, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const { name, stamp, value } = entry
    const kept = marks.holds.get(`unreadable ${name}`)
    const stored = registers.get(name)
    if (kept === undefined || value === 'null' || stamp < kept.stamp) continue
    if (stamp === kept.stamp && stored !== undefined && !beats(entry, stored)) continue
    marks.holds.delete(`unreadable ${name}`)
    marks.noted = true
  }
}

const SWAPPED = 'card,transaction_merchant_id,transaction_id'

/** One change replaces the card (either part), the merchant account and the transaction, all known before and all different. */
function isSwap(registers: ReadonlyMap<RegisterName, Register>, entries: readonly Entry[]): boolean {
  const replaces = (name: FieldName) => {
    const [old, entry] = [registers.get(name), entries.find(one => one.name === name)]
    if (old === undefined || entry === undefined || old.value === 'null' || entry.value === 'null') return false
    return old.value !== entry.value && beats(entry, old)
  }
  return (
    replaces('transaction_id') &&
    replaces('transaction_merchant_id') &&
    (replaces('cc_first_6') || replaces('cc_last_4'))
  )
}

function hold(marks: NotedMarks, reason: HoldReason, detail: string, kept: KeptHold): void {
  const name: HoldName = `${reason} ${detail}`
  marks.holds.set(name, kept)
  marks.held.push(name)
  marks.noted = true
}

/** Holds as decisions read them: one for each reason, with the newest time and every register it is about. */
export function holdsOf({ holds }: Pick<OrderMarks, 'holds'>): OrderHold[] {
  const byReason = new Map<HoldReason, OrderHold>()
  for (const [name, { at }] of holds) {
    const space = name.indexOf(' ')
    const [reason, detail] = [name.slice(0, space) as HoldReason, name.slice(space + 1)]
    const known = byReason.get(reason)
    if (known === undefined) byReason.set(reason, { reason, detail, at })
    else byReason.set(reason, { reason, detail: `${known.detail},${detail}`, at: Math.max(known.at, at) })
  }
  return [...byReason.values()]
}
