import type { OrderRecord, Register, RegisterName } from '../domain/order.ts'

/** Splits a flat `member, score, member, score` reply. */
export const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((item, i) => (i % 2 === 0 ? [[item, flat[i + 1] ?? ''] as [string, string]] : []))

/**
 * An order's hash and its notes with their times as a record. Fields of the hash: `v:<register>` = `<stamp><tie>|<value>`,
 * `rev`, `changed_at`, `notes` (how many), `pushes`, `sent`, `acknowledged`, `doubts`, `refusal`, and `attempt…` while one is alive.
 */
export function toRecord(orderId: string, hash: Record<string, string>, notes: readonly string[]): OrderRecord {
  const registers = new Map<RegisterName, Register>()
  for (const [name, text] of Object.entries(hash)) {
    if (!name.startsWith('v:')) continue
    const bar = text.indexOf('|', 15)
    registers.set(name.slice(2) as RegisterName, {
      stamp: Number(text.slice(0, 15)),
      tie: text.slice(15, bar),
      value: text.slice(bar + 1),
    })
  }
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
  } // prettier-ignore
}

const parse = <Value>(text: string | undefined, otherwise: Value): Value =>
  text === undefined ? otherwise : (JSON.parse(text) as Value)
