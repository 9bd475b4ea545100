import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { HookSender } from './hook-sender.ts'
import type { SentChange } from './order-stream.ts'

/**
 * Sends deliveries, `atOnce` of them at a time in the order given, each lane with `paceMs` between two; every change of each
 * must be taken (202, not rejected).
 */
export async function deliverAll(
  hooks: HookSender,
  deliveries: readonly (SentChange | SentChange[])[],
  { atOnce = 8, paceMs = 0 }: { atOnce?: number; paceMs?: number } = {},
): Promise<void> {
  let next = 0
  const refused: unknown[] = []
  const lane = async () => {
    for (let at = next++; at < deliveries.length; at = next++) {
      const { status, body } = await hooks.send(deliveries[at])
      const taken = body.results?.every(result => result.status !== 'rejected') === true
      if (status !== 202 || !taken) refused.push({ status, body })
      if (paceMs > 0) await pause(paceMs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  expect(refused, 'deliveries of good changes that were not taken whole').toEqual([])
}
