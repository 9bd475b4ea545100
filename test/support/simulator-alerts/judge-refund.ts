import type { RefundRequest } from '../../../src/gateways/gateway.ts'
import { centsOf } from './cents.ts'
import type { Matter } from './draw-alerts.ts'
import type { JudgedWorld } from './judged-world.ts'
import { DURATIONS } from './draw-terms.ts'
import { capturedOf, sumOf, type Sale } from './sales.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A platform that names orders has so long to name this one before anybody acts on a guess, at most until so long after the alert. */
const GRACE_MS = HOUR_MS
const TARGET_MS = 4 * HOUR_MS
const GUESS_DAYS = 3

/** A refund on its way, and what its process could know. */
export interface Asked {
  sale: Sale
  request: RefundRequest
  key: string
  /** What was heard of since then may have come too late. */
  knownAt: number
}

/** Why nobody but a person may have this refund made; null when all that could be known speaks for it. */
export function wrongOf(world: JudgedWorld, asked: Asked): string | null {
  const { sale, request } = asked
  if (request.currency !== sale.currency) return `${request.currency} for a sale in ${sale.currency}`
  const cents = centsOf(request.amount)
  if (cents > capturedOf(sale)) return `${cents} cents of a sale of ${capturedOf(sale)}`
  return clawedBack(world, asked) ?? unwanted(world, asked, cents)
}

/** The buyer's bank has paid already, and the event that says so had come. */
function clawedBack({ rules }: JudgedWorld, { sale, knownAt }: Asked): string | null {
  const heard = sale.clawbacks.find(({ matterId }) => rules.decidedAt(matterId) < knownAt)
  return heard === undefined ? null : `${heard.kind} ${heard.matterId} has paid`
}

function unwanted(world: JudgedWorld, asked: Asked, cents: number): string | null {
  const { sale } = asked
  const { rules, gateway, terms, clock } = world
  const { trigger } = terms.refunds
  const seen = world.matters.filter(matter => matter.sale === sale && !matter.isNotice && rules.isSeen(matter.id))
  const alerts = seen.filter(({ kind, partner }) => kind === 'alert' && partner !== 'somebody')
  const requests = seen.filter(({ kind, flaw }) => kind === 'request' && flaw === null)
  const asking = trigger === 'match' ? [] : requests
  const selfAsking = alerts.filter(({ platform }) => platform === 'chargebackhit')
  if (alerts.length + asking.length === 0)
    return mayGuess(world, asked) ? null : 'nobody asks for a refund of this sale'
  if (trigger === 'order.refund' && asking.length + selfAsking.length === 0 && !actsAtStop(world, alerts))
    return mayGuess(world, asked) ? null : 'no true request for it has come'
  const open = alerts.filter(({ platform, guid }) => !world.platforms[platform].accepted.has(guid))
  const earlier = gateway
    .refundsOf(sale)
    .filter(({ by, reference, status }) => by === 'us' && reference !== asked.key && /pending|succeeded/.test(status))
  if (earlier.length > 0 && open.length === 0) return `${earlier.length} refunds were made, and nobody asks for another`
  const isLate = (matter: Matter) => respondBy(world, matter) < clock.now
  // Of an alert that does not say which sale it is about a request for that sale knows nothing.
  const isAskedAlone = asking.some(one => !isLate(one)) && !alerts.some(one => isIdentified(world, one))
  const known = alerts.filter(({ id }) => rules.decidedAt(id) < asked.knownAt)
  if (known.length > 0 && known.every(isLate) && !isAskedAlone) return 'its alert is late'
  const parts = [...open, ...asking].filter(matter => matter.cents < sale.cents)
  const isWholeAsked = open.some(matter => matter.cents >= sale.cents)
  return parts.length > 0 && !isWholeAsked && !parts.some(matter => matter.cents === cents)
    ? `${cents} cents where ${parts[0]!.cents} are disputed`
    : null
}

/** The merchant has what we only guess refunded at the last safe moment. */
const actsAtStop = (world: JudgedWorld, alerts: readonly Matter[]): boolean =>
  world.terms.refunds.likelyAtStop === 'act' &&
  alerts.some(matter => {
    return !isReferred(world, matter) && world.clock.now >= respondBy(world, matter) - DURATIONS.stopMs
  })

/** It names its sale by a reference. */
function isReferred({ rules }: JudgedWorld, { id }: Matter): boolean {
  const { transactionId, arn, orderId } = rules.factsTold(id)
  return transactionId !== undefined || arn !== undefined || orderId !== undefined
}
/** It names its sale by a reference, or says when it took place and nothing that was sold about then to the same card could be meant. */
function isIdentified(world: JudgedWorld, matter: Matter): boolean {
  const { sale } = matter
  const isTimed = world.rules.factsTold(matter.id).transactionAt !== undefined
  const isAlike = (other: Sale) =>
    sale !== null &&
    other !== sale &&
    other.card.last4 === sale.card.last4 &&
    Math.abs(other.soldAt - sale.soldAt) <= GUESS_DAYS * DAY_MS
  return isReferred(world, matter) || (isTimed && !world.sales.some(isAlike))
}

export function respondBy({ rules }: JudgedWorld, { id, partner }: Matter): number {
  return rules.startedAt(id) + (partner?.includes('cdrn') === true ? DURATIONS.cdrnWindowMs : DURATIONS.windowMs)
}

/**
 * A wrong sale that nobody could know to be wrong: the alert states when its sale took place, the sale it is really about was never told
 * of, this one alone fits, and a platform that names orders had its time to name it.
 */
export function mayGuess(world: JudgedWorld, { sale }: Pick<Asked, 'sale'>): boolean {
  const { rules, clock, platforms } = world
  return world.matters.some(matter => {
    if (matter.kind !== 'alert' || matter.isNotice || !rules.isSeen(matter.id) || matter.sale === null) return false
    if (isKnowable(world, matter.sale) || world.behaviours.has('store-incomplete')) return false
    const { transactionAt, cardFirst6, cardLast4, currency, orderId } = rules.factsTold(matter.id)
    if (transactionAt === undefined || orderId !== undefined || cardFirst6 === undefined || cardLast4 === undefined)
      return false
    const isThere =
      cardFirst6 === sale.card.first6 &&
      cardLast4 === sale.card.last4 &&
      currency === sale.currency &&
      matter.cents === sale.cents
    const isNear = Math.abs(transactionAt - sale.soldAt) <= GUESS_DAYS * DAY_MS
    const isNamed = platforms[matter.platform].facts.get(matter.guid)?.orderId !== undefined
    const graceEnds = Math.min(rules.seenAt(matter.id) + GRACE_MS, rules.startedAt(matter.id) + TARGET_MS)
    const hadTime = matter.platform === 'chargebackhit' || clock.now >= graceEnds
    return isThere && isNear && !isNamed && hadTime
  })
}

/** Its own order is there, was paid, and states the amount that was paid. */
const isKnowable = (world: JudgedWorld, sale: Sale): boolean =>
  world.isVisible(sale) && capturedOf(sale) > 0 && !AMOUNT_LIES.some(name => world.behaviours.met.has(name))
const AMOUNT_LIES = ['crm-amounts-in-minor-units', 'crm-total-in-another-currency'] as const

/** What is wrong with the sum of all that was given back once this refund takes effect; null: nothing. `known`: cents beside our own. */
export function excessOf({ gateway }: JudgedWorld, { sale, request, key }: Asked, known: number): string | null {
  const ours = gateway
    .refundsOf(sale)
    .filter(({ by, status, reference }) => by === 'us' && reference !== key && /pending|succeeded/.test(status))
  const cents = centsOf(request.amount)
  const captured = capturedOf(sale)
  return sumOf(ours) + known + cents > captured
    ? `${cents} cents on top of ${sumOf(ours)} and ${known} of ${captured}`
    : null
}
