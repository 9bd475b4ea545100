import type { Behaviours } from './behaviours.ts'
import type { Random } from '../simulator/random.ts'
import type { Sale } from './sales.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const CARDS = ['1881', '5555', '0341'] as const

/** The sales of one schedule: one or two of their own, and what behaviours add to the first of them. */
export function drawSales(random: Random, behaviours: Behaviours, now: number): Sale[] {
  const ids = random.chance(0.6) ? ['A'] : ['A', 'B']
  const sales = ids.map((id, i) => drawSale(random, id, CARDS[i]!, now))
  const [first] = sales as [Sale]
  const add = (id: string, change: Partial<Sale>) => {
    const sale: Sale = {
      ...first, id, orderId: id, transaction: `T-${id}`, captures: [], elsewhere: [], clawbacks: [], ...(first.arn !== null && { arn: `arn-${id}` }), ...change,
    } // prettier-ignore
    sales.push(sale)
    return sale
  }
  if (behaviours.has('sale-long-ago')) {
    const own = behaviours.random('sale-long-ago')
    first.soldAt = now - own.pick([5, 12, 40, 100, 170]) * DAY_MS
    if (own.chance(0.7)) first.arn = null
  }
  // What names no order is only found by its card for a few days.
  if (behaviours.has('chargeback-untied') || behaviours.has('rdr-untied'))
    first.soldAt = Math.min(first.soldAt, now - 20 * DAY_MS)
  if (behaviours.has('chargebackhit') && behaviours.random('chargebackhit').chance(0.5))
    first.soldAt = Math.min(first.soldAt, now - 10 * DAY_MS)
  if (behaviours.has('sale-rebilled')) {
    const own = behaviours.random('sale-rebilled')
    first.soldAt = now - own.pick([31, 62, 93]) * DAY_MS
    add('R', { soldAt: own.pick([now - DAY_MS, first.soldAt + 30 * DAY_MS, first.soldAt - 30 * DAY_MS]) })
    if (own.chance(0.3)) first.delivery = 'whenever'
  }
  if (behaviours.has('sale-with-declined-attempts')) {
    const own = behaviours.random('sale-with-declined-attempts')
    add('D', { soldAt: first.soldAt - own.pick([2, 30]) * MINUTE_MS, stage: 'never paid', isDeclined: true, arn: null })
    if (own.chance(0.6)) first.delivery = 'whenever'
  }
  if (behaviours.has('platform-corrects-before-money') || behaviours.has('platform-corrects-after-money')) {
    const own = behaviours.random('platform-corrects-before-money')
    add('W', { soldAt: first.soldAt + own.pick([-1, 1]) * own.pick([10, 300, 600]) * MINUTE_MS, delivery: 'early' })
    first.delivery = 'whenever'
  }
  if (behaviours.has('crm-two-shops-one-order-id'))
    add('A2', { orderId: 'A', cents: 8_000, card: { first6: '555555', last4: '4444' }, mid: 'M-2', soldAt: now - 3_600_000, delivery: 'whenever' }) // prettier-ignore
  if (behaviours.has('crm-total-in-another-currency'))
    Object.assign(first, { currency: 'INR', cents: first.cents * 98 })
  if (behaviours.has('sale-never-delivered') || behaviours.has('store-incomplete')) first.delivery = 'never'
  return sales
}

function drawSale(random: Random, id: string, last4: string, now: number): Sale {
  return {
    id,
    orderId: id,
    transaction: `T-${id}`,
    cents: random.pick([2_000, 3_000]),
    currency: random.chance(0.9) ? 'USD' : 'EUR',
    card: { first6: '401288', last4 },
    arn: random.chance(0.5) ? `arn-${id}` : null,
    mid: 'M-1',
    eci: random.chance(0.3) ? '05' : null,
    soldAt: now - DAY_MS,
    delivery: random.chance(0.7) ? 'early' : 'whenever',
    stage: 'none',
    isDeclined: false,
    captures: [],
    elsewhere: [],
    clawbacks: [],
  }
}
