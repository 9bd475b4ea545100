import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'

/** Sandboxes of this worker that are free. */
const free: Sandbox[] = []

/**
 * A sandbox with its everyday options, as good as new, and free for another test once it is closed: to start one costs more processor time than
 * most of what tests do with it.
 */
export async function takeSandbox(): Promise<Sandbox> {
  const sandbox = free.pop() ?? (await startSandbox({ redeliverMs: 50 }))
  let isTaken = true
  return {
    ...sandbox,
    close: async () => {
      if (!isTaken) return
      isTaken = false
      sandbox.faults.clear()
      sandbox.revokeTokens()
      sandbox.chargebackhit.resumeDelivery()
      sandbox.chargebackhit.notifyAt(null)
      sandbox.clear()
      free.push(sandbox)
    },
  }
}
