import { textsOf } from '../../../src/domain/diff-order.ts'
import { VITAL_FIELDS } from '../../../src/domain/order-fields.ts'
import type { FieldValue } from '../../../src/domain/change.ts'
import type { OrderRecord } from '../../../src/domain/order.ts'
import { digestText } from '../../../src/store/digest.ts'
import { LOOKUPS, REFUSED_EMAIL, SALE_LOOKUPS } from './draw-change.ts'
import { loweredAtRest, mergeAll, paidAtRest, settledAtRest, shownAtRest, shownBy } from './reference-merge.ts'
import type { World } from './world.ts'

/**
 * What must hold of one order once nothing is left to do; answers where it stands. `sinceFaults`: it was tried again since the
 * last fault, so that what a platform refuses for no reason can no longer stand in the way.
 */
export async function checkAtRest(
  world: World,
  orderId: string,
  sinceFaults: boolean,
): Promise<'nothing' | 'held' | 'rejected' | 'clean'> {
  const fail = (what: string) => world.fail(`${orderId} at rest: ${what}`)
  const [order, standing] = await Promise.all([world.orders.read(orderId), world.orders.standing(orderId)])
  const told = world.told(orderId)
  if (world.isForgotten(orderId)) {
    await checkForgotten(world, orderId)
    return 'nothing'
  }
  if (told.length === 0) {
    if (order !== null) fail('there is an order of which nothing was told')
    return 'nothing'
  }
  if (order === null) return (fail('nothing is kept of it'), 'nothing')
  if (order.push.attempt !== null) fail('an attempt was never ended')
  const settled = settledAtRest(told)
  // A change of nothing but nulls to an order that nobody knows is kept, and there is nothing to tell of it.
  if (order.rev === 0) return 'nothing'
  if (order.wasPaid !== paidAtRest(told)) fail(`it was ${order.wasPaid ? '' : 'never '}paid, and was told otherwise`)
  for (const origin of loweredAtRest(told))
    if (!order.holds.has(`lowered refunded_to_date@${origin}`))
      fail(`nobody noticed that ${origin} lowered its refunds`)
  const isSwapped = [...order.holds.keys()].some(name => name.startsWith('swapped '))
  if (isSwapped && !told.some(({ change: { values } }) => SWAPPING.every(name => values[name] != null)))
    fail('it counts as swapped, and no change stated card, merchant account and transaction')
  await checkSaleLookUps(world, orderId, { values: mergeAll(told).values, isSwapped })
  if (!order.push.sent && !settled) {
    if (standing.heldSince === null) fail('it is not settled, was never sent, and is not held')
    if (standing.retryAt !== null) fail('it is held and rejected at once')
    if (world.platform.records.has(orderId)) fail('the platform has it though it was never settled')
    return 'held'
  }
  if (standing.heldSince !== null) fail('it is held though it is settled or was sent')
  const rejected = standing.retryAt !== null
  const refusedForGood = mergeAll(told).values.email_address === REFUSED_EMAIL
  if (rejected && world.rules.refusedRev.get(orderId) !== order.rev) fail('it is rejected though it has changed since')
  if (rejected && sinceFaults && !refusedForGood) fail('it is rejected though nobody minds it')
  if (refusedForGood && !rejected) fail('the platform refuses it, and it is not rejected')
  const shown = shownBy(world.platform.records.get(orderId) ?? {})
  const wanted = shownAtRest(told)
  for (const field of new Set([...Object.keys(shown), ...Object.keys(wanted)])) {
    // Rule 5: an unsettled status is withheld; whatever was told of it last stands.
    if (field === 'order_status' && !settled) continue
    if (rejected && !isVitalAndTold(order, field, sinceFaults)) continue
    const [is, should] = [JSON.stringify(shown[field]), JSON.stringify(wanted[field])]
    if (is !== should) fail(`the platform has ${field} ${is}, the merge says ${should}`)
  }
  if (rejected) return 'rejected'
  if (order.push.refusal !== null) fail('a refusal is told of it though nothing is refused')
  const doubts = Object.keys(order.push.doubts).filter(field => field !== 'order_status' || settled)
  if (doubts.length > 0 || standing.doubtUntil !== null) fail(`still in doubt: ${doubts.join() || 'by its set only'}`)
  return 'clean'
}

/** What one change states that replaces an order by another sale; the simulator draws no first six alone. */
const SWAPPING = ['cc_last_4', 'transaction_merchant_id', 'transaction_id'] as const

/** It is found by what it was sold by, and by nothing else; one that may be two sales, also without its card. */
async function checkSaleLookUps(
  world: World,
  orderId: string,
  { values, isSwapped }: { values: Record<string, FieldValue>; isSwapped: boolean },
): Promise<void> {
  const { redis, keys } = world
  const { cc_last_4: last4 = null, cc_type: cardType, transaction_merchant_id: account = null } = values
  for (const name of SALE_LOOKUPS) {
    const should =
      name === 'sold-cardless:'
        ? last4 === null || cardType === 'Apple Pay' || isSwapped
        : name === `sold-last_4:${last4 as string}`
    if (((await redis.zscore(`${keys.lookup}${name}`, orderId)) !== null) !== should)
      world.fail(`${orderId} at rest: it is ${should ? 'not ' : ''}among ${name}`)
  }
  if (typeof account === 'string' && !(await world.orders.knowsMerchantAccount(account)))
    world.fail(`${orderId} at rest: its merchant account is not known`)
}

/** Rule 6: of a refused order that was once accepted the vital fields are told all the same. */
function isVitalAndTold(order: OrderRecord, name: string, sinceFaults: boolean): boolean {
  const field = VITAL_FIELDS.find(vital => vital === name)
  if (field === undefined || Object.keys(order.push.acknowledged).length === 0) return false
  const text = textsOf(order).get(field)
  return sinceFaults || (text !== undefined && order.push.acknowledged[field] === digestText(text))
}

/** Rule 19: of a forgotten order nothing is left but the tombstone. */
export async function checkForgotten(world: World, orderId: string): Promise<void> {
  const { redis, keys } = world
  const lookups = Object.entries(LOOKUPS).flatMap(([name, values]) =>
    values.map(value => `${keys.lookup}${name}:${value}`),
  )
  const sales = SALE_LOOKUPS.map(name => `${keys.lookup}${name}`)
  const sets = [...sales, keys.orders, keys.dirty, keys.due, keys.held, keys.rejected, keys.doubtful]
  const [kept, scores, found] = await Promise.all([
    redis.exists(keys.order(orderId), keys.orderNotes(orderId), keys.timeline(orderId)),
    Promise.all(sets.map(key => redis.zscore(key, orderId))),
    Promise.all(lookups.map(key => redis.sismember(key, orderId))),
  ])
  const left = kept > 0 || scores.some(score => score !== null) || found.some(is => is === 1)
  if (left) world.fail(`${orderId} was forgotten, and something of it is left`)
}
