import type { Role } from '../config.ts'

export type DaemonName = Exclude<Role, 'cli'>

/** Every daemon there is, in the order in which they are named. */
export const DAEMONS: readonly DaemonName[] = ['ingress', 'order-sync', 'alerts', 'scheduler', 'ops']
