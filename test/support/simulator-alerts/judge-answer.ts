import { capturedOf, sumOf, type Sale } from './sales.ts'
import type { Matter } from './draw-alerts.ts'
import type { JudgedWorld } from './judged-world.ts'
import { DURATIONS } from './draw-terms.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** So far apart two times must be before one of them is surely the earlier. */
const SURELY_MS = 11 * MINUTE_MS
/** A refund that the platform asked for within so long before an alert counts as made for it. */
const ASKED_MS = 72 * HOUR_MS

/** An answer as it is about to go out. */
export interface Said {
  matter: Matter
  type: string
  description: string
  /** Sales of which the case could know when it was decided about. */
  toldAtRead: ReadonlySet<string>
}

/** Why an answer that nobody but the program chose is not true now, by the vendor's definitions; null when it is. */
export function untruthOf(world: JudgedWorld, said: Said): string | null {
  const { matter, type, description } = said
  const { sale } = matter
  switch (type) {
    case 'pending':
      return matter.platform === 'chargebackhit' ? null : 'this platform has no such word'
    case 'shipped':
      return 'nothing was shipped'
    case 'could_not_find_order':
      return notFoundUntruth(world, said)
    case 'unable_to_refund_merchant_account_closed':
      return world.gateway.traits.refusal === 'merchant_account_closed' ? null : 'the account is open'
    case 'other':
      return otherUntruth(world, sale, description)
    default:
      return sale === null ? 'it is about no order of ours' : moneyUntruth(world, { ...said, sale })
  }
}

function notFoundUntruth(world: JudgedWorld, { matter, toldAtRead }: Said): string | null {
  const { sale, id } = matter
  const { clock, rules, behaviours } = world
  const isCdrn = rules.factsTold(id).partner?.includes('cdrn') === true
  const stopAt = rules.startedAt(id) + (isCdrn ? DURATIONS.cdrnWindowMs : DURATIONS.windowMs) - DURATIONS.stopMs
  if (clock.now < stopAt) return 'its order may still come'
  if (sale === null) return null
  if (toldAtRead.has(sale.transaction)) return `its order ${sale.orderId} is there`
  // What a store that is said to be whole was never told nobody can know of.
  return behaviours.has('store-incomplete') ? 'the store does not reach back to its sale' : null
}

const PASSING = ['gateway-sale-unsettled', 'gateway-refusal-passes', 'gateway-look-again'] as const

function otherUntruth({ gateway, behaviours }: JudgedWorld, sale: Sale | null, description: string): string | null {
  if (description.trim() === '') return 'other without a description'
  if (sale === null) return null
  const made = sumOf(gateway.refundsOf(sale).filter(({ status }) => status === 'succeeded'))
  if (/no refund was made|not refunded/i.test(description) && made > 0) return `a refund of ${made} cents was made`
  const hasPassed = PASSING.some(name => behaviours.has(name)) && !gateway.isRefusingForNow(sale)
  const isPossible = hasPassed && gateway.traits.refusal === null && gateway.left(sale) > 0
  return /refused/i.test(description) && isPossible ? 'the gateway would make that refund now' : null
}

/** What was given back of a sale, for good or so that it looked so. `asked`: a refund of ours that the platform asked for. */
function givenOf(
  { gateway }: Pick<JudgedWorld, 'gateway'>,
  sale: Sale,
): { cents: number; at: number; by: 'us' | 'hand' }[] {
  const confirmed = gateway
    .refundsOf(sale)
    .flatMap(({ cents, confirmedAt: at, by }) => (at === null ? [] : [{ cents, at, by }]))
  return [...confirmed, ...sale.elsewhere.map(one => ({ ...one, by: 'hand' as const }))]
}

function moneyUntruth(world: JudgedWorld, { matter, type, sale }: Said & { sale: Sale }): string | null {
  const captured = capturedOf(sale)
  const given = givenOf(world, sale)
  const total = sumOf(given)
  const issuedAt = world.rules.startedAt(matter.id)
  const isAskedFor = ({ by, at }: { by: 'us' | 'hand'; at: number }) => by === 'us' && at > issuedAt - ASKED_MS
  const before = sumOf(given.filter(one => one.at < issuedAt - SURELY_MS && !isAskedFor(one)))
  const isWhole = captured > 0 && total >= captured
  const notWhole = `${total} of ${captured} cents are given back`
  switch (type) {
    case 'issued_full_refund':
      if (!isWhole) return notWhole
      // All of it was given back for the alert, whatever others gave before.
      if (total - before >= captured) return null
      return before > 0 ? `${before} cents were given back before the alert was issued` : null
    case 'issued_refund_for_remaining_amount':
      if (!isWhole) return notWhole
      if (before >= captured) return 'all was given back before the alert was issued'
      return given.some(({ cents }) => cents >= captured) ? 'the whole was given back at once' : null
    case 'previously_refunded_nothing_to_do': {
      if (!isWhole) return notWhole
      const early = sumOf(given.filter(({ at }) => at < issuedAt + SURELY_MS))
      return early >= captured ? null : `${early} of ${captured} cents were given back before the alert was issued`
    }
    case 'declined_or_canceled_nothing_to_do':
      return captured > 0 ? `${captured} cents were captured` : null
    case '3ds_authorized_successfully':
      if (sale.eci !== '05' || !world.terms.resolve3ds) return 'it was not authenticated'
      return given.some(({ by }) => by === 'us') ? 'it was refunded' : null
    default:
      return `nobody knows the answer ${type}`
  }
}
