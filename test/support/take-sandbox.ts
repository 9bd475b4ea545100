import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts'

/** Sandboxes of this worker that are free, by their options. */
const free = new Map<string, Sandbox[]>()

/**
 * A sandbox with these options, as good as new, and free for another test once it is closed: to start one costs more processor time than
 * most of what tests do with it.
 */
export async function takeSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const key = JSON.stringify(options)
  const sandbox = free.get(key)?.pop() ?? (await startSandbox(options))
  let isTaken = true
  return {
    ...sandbox,
    close: async () => {
      if (!isTaken) return
      isTaken = false
      sandbox.faults.clear()
      sandbox.revokeTokens()
      sandbox.chargebackhit.resumeDelivery()
      sandbox.chargebackhit.notifyAt(options.chargebackhitNotifyUrl ?? null)
      sandbox.clear()
      free.set(key, [...(free.get(key) ?? []), sandbox])
    },
  }
}
