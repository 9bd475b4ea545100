import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import type { KeyProof, KeyTrial, KeyTrialRequest } from '../ops/doctor-prove-keys.ts'
import { plain, print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

/** `doctor --prove-keys`: sends one small refund twice under one key, once a person has confirmed it, and prints what was seen. */
export async function proveKeys(request: KeyTrialRequest, flags: { yes: boolean; json: boolean }): Promise<void> {
  const proof = await withDeps(async ({ config, orders, refunds, jobDeps }) => {
    const { prepareTrial, runTrial } = await import('../ops/doctor-prove-keys.ts')
    const deps = { config, orders, refunds, gateway: jobDeps.gateway }
    const prepared = await prepareTrial(deps, request)
    if ('refusal' in prepared) throw new AppError('trial-refused', prepared.refusal)
    const { trial } = prepared
    if (!flags.yes && !(await isMeant(trial))) throw new AppError('not-confirmed', 'no refund was sent')
    return runTrial(deps, trial, { newId: randomUUID, pause, monotonicMs: () => performance.now() })
  })
  if (flags.json) printJson(proof)
  else show(request.orderId, proof)
  if (proof.keys !== 'kept') process.exitCode = 1
}

async function isMeant({ orderId, amount, currency }: KeyTrial): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const typed = await dialogue.question(
      `This moves money: ${amount} ${currency} of order ${plain(orderId)} is refunded, twice if the gateway does not keep keys.\n` +
        `Type the order's id (${plain(orderId)}) to send it: `,
    )
    return typed.trim() === orderId
  } finally {
    dialogue.close()
  }
}

const VERDICT: Record<KeyProof['keys'], string> = {
  kept: '✓ Keys are kept. One key made one refund.',
  'not-kept': '✗ Keys are NOT kept. One key made two refunds.',
  'not-proven': '! Not proven.',
}

function show(orderId: string, { keys, seen, refunded, reference, advice }: KeyProof): void {
  for (const line of seen) print(line)
  print()
  print(VERDICT[keys])
  print(`  → ${advice}`)
  if (refunded === 'nothing') return
  print(`  ${refunded ?? 'An unknown amount'} of order ${orderId} was refunded, with the reference ${reference}.`)
  print("  order-sync records nothing about it, and finds it in the gateway's list like a refund made by hand.")
}
