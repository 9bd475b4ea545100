import type { Origin } from './register.ts'

/** Our own refund ledger, where a confirmed refund becomes a change of its order (rule 14). */
export const LEDGER: Origin = { name: 'ledger', rank: 90 }
/** How a register's tie ends when the ledger wrote it (see `tieOf`). */
export const LEDGER_RANK_DIGITS = '90'

/** A dispute platform as the origin of what it says of an order, such as that it was charged back. */
export const platformOrigin = (platform: string): Origin => ({ name: platform, rank: 80 })
