import type { IncomingMessage } from 'node:http'
import { AppError } from '../errors.ts'
import { senderOf } from './sender-address.ts'

const MIB = 1024 * 1024
/** What a request may hold uncounted: nearly every hook is smaller, and is taken however busy the process is. */
export const UNCOUNTED_BYTES = 64 * 1024
/** Bytes of bodies that may be in memory at once, packed and unpacked, beyond what is uncounted. */
const MOST = { process: 48 * MIB, sender: 16 * MIB }
const RETRY_AFTER_MS = 5_000

export type BodyBudget = ReturnType<typeof createBodyBudget>

/** Caps the bytes of bodies in memory, for the process and for each sender. */
export function createBodyBudget(most = MOST) {
  const holds = new WeakMap<IncomingMessage, { sender: string; bytes: number }>()
  const bySender = new Map<string, number>()
  let total = 0

  function add(sender: string, bytes: number): void {
    total += bytes
    const left = (bySender.get(sender) ?? 0) + bytes
    if (left > 0) bySender.set(sender, left)
    else bySender.delete(sender)
  }

  /** A request holds `bytes` more. Throws `transient` where the process holds too much, `throttled` where its sender does. */
  function take({ raw, ip }: { raw: IncomingMessage; ip: string }, bytes: number): void {
    const before = holds.get(raw)
    const sender = before?.sender ?? senderOf(ip)
    const after = (before?.bytes ?? 0) + bytes
    const counted = Math.max(0, after - UNCOUNTED_BYTES) - Math.max(0, (before?.bytes ?? 0) - UNCOUNTED_BYTES)
    const wait = { retryAfterMs: RETRY_AFTER_MS }
    if ((bySender.get(sender) ?? 0) + counted > most.sender)
      throw new AppError('too-much-at-once', 'too many large bodies from one address at once; send fewer at a time', wait) // prettier-ignore
    if (total + counted > most.process)
      throw new AppError('busy', 'too many large bodies are being read; send again later', wait)
    holds.set(raw, { sender, bytes: after })
    if (counted > 0) add(sender, counted)
  }

  /** Nothing of a request is in memory any more. */
  function release(raw: IncomingMessage): void {
    const held = holds.get(raw)
    if (held === undefined) return
    holds.delete(raw)
    if (held.bytes > UNCOUNTED_BYTES) add(held.sender, UNCOUNTED_BYTES - held.bytes)
  }

  return { take, release, heldBytes: () => total }
}
