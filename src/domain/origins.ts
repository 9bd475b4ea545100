import type { Origin } from './register.ts'

/** Our own refund ledger, where a confirmed refund becomes a change of its order. */
export const LEDGER: Origin = { name: 'ledger', rank: 90 }
/** Refunds that were read from the gateway, ours and others'. */
export const GATEWAY: Origin = { name: 'gateway', rank: 85 }

/** A person who refunded by hand and recorded it. */
export const PERSON: Origin = { name: 'person', rank: 70 }

/** The origins that know of a refund because the money moved: no snapshot of a source outranks them. */
export const MONEY_ORIGINS: readonly Origin[] = [LEDGER, GATEWAY]

/** True for the name of an origin that saw the money move; false for sources and platforms. */
export const sawMoney = (origin: string): boolean => MONEY_ORIGINS.some(({ name }) => name === origin)

/** True when a register was written by an origin that saw the money move: `tieOf` ends every tie with the origin's rank. */
export const isMoneyTie = (tie: string): boolean => MONEY_ORIGINS.some(({ rank }) => tie.endsWith(String(rank)))

/** A dispute platform as the origin of what it says of an order, such as that it was charged back. */
export const platformOrigin = (platform: string): Origin => ({ name: platform, rank: 80 })
