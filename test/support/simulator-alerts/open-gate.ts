import { createPlatformGate } from '../../../src/jobs/platform-gate.ts'

/** A platform's gate that lets every call through: what shuts it is another simulator's matter. */
export const OPEN_GATE = createPlatformGate({
  gate: { record: async () => ({ shut: false, opened: false }), enter: async () => null },
  platform: {
    name: 'model',
    access: async () => ({ token: 'token', generation: 1 }),
    renew: async () => ({ access: { token: 'token', generation: 1 } }),
    dropAccess: () => {},
  },
  deniedProbeMs: 1_000,
  onGateOpened: async () => {},
  onGateShut: () => {},
})
