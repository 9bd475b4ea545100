import { statesPaid } from '../domain/order-marks.ts'
import type { HoldName, KeptHold, OrderRecord, Register, RegisterName } from '../domain/order.ts'
import type { Entry } from '../domain/register.ts'
import { AppError } from '../errors.ts'

/** Splits a flat `member, score, member, score` reply. */
export function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) found.push([flat[i]!, flat[i + 1] ?? ''])
  return found
}

/** The version of the form in which `merge-order.lua` writes orders; a record without one is of this form too. */
const RECORD_VERSION = 1

/** What newer code has written is left to newer code: senders deliver such a change again, and jobs are tried again. */
export const newerOrder = () =>
  new AppError('newer-order', 'this order was written by a newer version; only that version may continue it')

/**
 * An order's hash and its notes with their times as a record; throws `newerOrder` where newer code wrote it. Fields of the hash: `v`, `registers` (see `registersText`), `rev`, `changed_at`, `notes` (how many),
 * `paid`, `stated` and `holds` (its marks), `lookups` (`2`: it is in every look-up set), `pushes`, `sent`, `acknowledged`, `doubts`,
 * `refusal`, and `attempt…` while one is alive. Records of version 0.1.0 have no marks: what their registers say stands for them.
 */
export function toRecord(orderId: string, hash: Record<string, string>, notes: readonly string[]): OrderRecord {
  if (Number(hash.v ?? 1) > RECORD_VERSION) throw newerOrder()
  const registers = registersOf(hash.registers ?? '')
  return {
    orderId,
    rev: Number(hash.rev ?? 0),
    changedAt: Number(hash.changed_at ?? 0),
    registers,
    notes: pairs(notes).map(([text, ms]) => ({ at: Number(ms), text })),
    push: {
      pushes: Number(hash.pushes ?? 0),
      sent: hash.sent === '1',
      acknowledged: parse(hash.acknowledged, {}),
      doubts: parse(hash.doubts, {}),
      attempt: hash.attempt === undefined
        ? null
        : { id: hash.attempt, fields: parse(hash.attempt_fields, []), startedAt: Number(hash.attempt_at), leaseUntil: Number(hash.attempt_until) },
      refusal: parse(hash.refusal, null),
    },
    wasPaid: hash.paid === '1' || statesPaid(name => registers.get(name)?.value),
    stated: registersOf(hash.stated ?? ''),
    holds: holdsOf(hash.holds ?? ''),
  } // prettier-ignore
}

const parse = <Value>(text: string | undefined, otherwise: Value): Value =>
  text === undefined ? otherwise : (JSON.parse(text) as Value)

/** Registers as they are kept, a line each: name, tab, stamp in 15 digits, tie, bar, value. No value (JSON) holds a tab or a line end. */
export function registersText(entries: readonly Entry[]): string {
  let text = ''
  for (const { name, stamp, tie, value } of entries)
    text += `${name}\t${String(stamp).padStart(15, '0')}${tie}|${value}\n`
  return text
}

function registersOf(text: string): Map<RegisterName, Register> {
  const registers = new Map<RegisterName, Register>()
  for (let at = 0; at < text.length;) {
    const tab = text.indexOf('\t', at)
    const bar = text.indexOf('|', tab + 16)
    const end = text.indexOf('\n', bar)
    registers.set(text.slice(at, tab) as RegisterName, {
      stamp: Number(text.slice(tab + 1, tab + 16)),
      tie: text.slice(tab + 16, bar),
      value: text.slice(bar + 1, end),
    })
    at = end + 1
  }
  return registers
}

/** Holds as they are kept, a line each: name, tab, since when and the rejected change's stamp, in 15 digits each. */
function holdsOf(text: string): Map<HoldName, KeptHold> {
  const lines = text === '' ? [] : text.trimEnd().split('\n')
  return new Map(
    lines.map(line => {
      const tab = line.indexOf('\t')
      const kept = { at: Number(line.slice(tab + 1, tab + 16)), stamp: Number(line.slice(tab + 16)) }
      return [line.slice(0, tab) as HoldName, kept]
    }),
  )
}
