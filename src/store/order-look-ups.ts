import { formatInstant } from '../domain/basics/instant.ts'
import type { EvidenceQuery } from '../domain/compelling-evidence.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

/** Whose orders are looked for, sold when, and how many of them. */
export interface SoldQuery extends EvidenceQuery {
  atMost: number
}

/** By what orders are looked for between two times of sale, and how many of them; `cardless` has the value `''`. */
export interface SaleQuery {
  by: 'card' | 'last_4' | 'cardless'
  value: string
  fromMs: number
  toMs: number
  atMost: number
}

/** How orders are found by their values. Merging and deleting keep the keys (`move_lookup.lua`, `move_buyer.lua`). */
export function createOrderLookUps(redis: Redis, keys: Pick<Keys, 'lookup' | 'merchantAccounts'>) {
  /**
   * Ids of the orders that carry a look-up value: a transaction id, ARN, auth code, or `first6-last4` of the card. Where there are more
   * than `atMost`, at least that many of them: every order of a careless CRM may carry the same value.
   */
  async function find(
    by: 'transaction_id' | 'arn' | 'auth_id' | 'card',
    value: string,
    atMost = 1_000,
  ): Promise<string[]> {
    const found = new Set<string>()
    let cursor = '0'
    do {
      const [next, ids] = await redis.sscan(`${keys.lookup}${by}:${textOf(value)}`, cursor, 'COUNT', atMost)
      for (const id of ids) found.add(id)
      cursor = next
    } while (cursor !== '0' && found.size < atMost)
    return [...found]
  }

  /**
   * Ids of the orders sold to a card (`first6-last4`) or a customer from one time to another (milliseconds, both seconds
   * included), newest first. A customer may have thousands: no more than `atMost` are read. Orders of no known time of sale,
   * and those that last changed before this look-up was kept, are not among them.
   */
  const findSold = ({ by, value, fromMs, toMs, atMost }: SoldQuery): Promise<string[]> =>
    redis.zrange(
      `${keys.lookup}sold-${by}:${textOf(value)}`, soldDigits(toMs), soldDigits(fromMs), 'BYSCORE', 'REV', 'LIMIT', 0, atMost,
    ) // prettier-ignore

  /**
   * Ids of the orders of a card (`first6-last4`), of a last four, or without a usable card (value `''`: last four not known, or
   * paid by a wallet) that were sold between two times (milliseconds, both seconds included), newest first, and of those whose
   * time of sale is not known. `isCut`: there are more than `atMost`. Orders that last changed under version 0.1.0 are found by
   * their card alone.
   */
  async function soldBetween({
    by,
    value,
    fromMs,
    toMs,
    atMost,
  }: SaleQuery): Promise<{ ids: string[]; isCut: boolean }> {
    const key = `${keys.lookup}sold-${by}:${textOf(value)}`
    const limit = ['LIMIT', 0, atMost + 1] as const
    const [timed, timeless] = await Promise.all([
      redis.zrange(key, soldDigits(toMs), soldDigits(fromMs), 'BYSCORE', 'REV', ...limit),
      redis.zrange(key, '0', '0', 'BYSCORE', ...limit),
    ])
    const ids = [...timed, ...timeless]
    return { ids: ids.slice(0, atMost), isCut: ids.length > atMost }
  }

  /** True when some order carries exactly this `transaction_merchant_id`. */
  const knowsMerchantAccount = async (account: string): Promise<boolean> =>
    (await redis.hexists(keys.merchantAccounts, JSON.stringify(account))) === 1

  return { find, findSold, soldBetween, knowsMerchantAccount }
}

/** A value as its key has it. */
const textOf = (value: string) => JSON.stringify(value).slice(1, -1)
/** A time as `buyer_of.lua` scores a sale. */
const soldDigits = (ms: number) => formatInstant(ms).replaceAll(/\D/g, '')
