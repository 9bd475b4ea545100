import { seeded, type Seeded } from './seeded.ts'

/** One change as the generic hook takes it. */
export type SentChange = { order_id: string; occurred_at: string } & Record<string, unknown>

export interface OrderStream {
  changesOf: Map<string, SentChange[]>
  /**
   * Every change, a fifth of them twice, in random order, in deliveries of one change or an array. Of half the orders the
   * order is random within limits, about that of the CRM: where all is random few changes win, and few values return.
   */
  deliveries: (SentChange | SentChange[])[]
  changes: number
}

const SECOND_MS = 1_000
/** Of orders, how many never settle: nothing of those may ever be pushed. */
const NEVER_SETTLED = 0.05
const TWICE = 0.2
const LARGEST_DELIVERY = 10
/** How far a change is out of its place, as a share of the whole stream. */
const NEARLY_IN_ORDER = 0.3

/**
 * Changes over orders, the same for the same seed. Values return to what they were, are cleared and set again; stamps of one
 * order differ, save for twins that set only fields whose order DESIGN states (status, amounts, flags). The newest change
 * of an order settles it, so that every field of it must end up at the platform.
 */
export function orderStream({ seed, orders, changes }: { seed: number; orders: number; changes: number }): OrderStream {
  const random = seeded(seed)
  const startAt = Date.now() - 6 * 3_600_000
  const changesOf = new Map<string, SentChange[]>()
  for (let i = 0; i < orders; i++) {
    const orderId = `${seed}-${String(i).padStart(5, '0')}`
    const count = Math.max(2, Math.floor(changes / orders) + (i < changes % orders ? 1 : 0))
    changesOf.set(orderId, oneOrder(random, orderId, count, startAt + random.below(3_600_000)))
  }
  const placed = [...changesOf.values()].flatMap(list => {
    const within = random.chance(0.5) ? NEARLY_IN_ORDER : Number.POSITIVE_INFINITY
    const place = (at: number) =>
      within === Number.POSITIVE_INFINITY ? random.next() : at + (random.next() - 0.5) * within
    return list.flatMap((change, j) => {
      const times = random.chance(TWICE) ? 2 : 1
      return Array.from({ length: times }, () => ({ change, place: place(j / list.length) }))
    })
  })
  const sent = placed.toSorted((a, b) => a.place - b.place).map(({ change }) => change)
  return { changesOf, deliveries: inDeliveries(random, sent), changes: [...changesOf.values()].flat().length }
}

function oneOrder(random: Seeded, orderId: string, count: number, startAt: number): SentChange[] {
  const settles = !random.chance(NEVER_SETTLED)
  const changes: SentChange[] = []
  let at = startAt
  for (let j = 0; j < count; j++) {
    const before = changes.at(-1)
    const isTwin = before !== undefined && j < count - 1 && random.chance(0.15)
    if (!isTwin) at += 1 + random.below(20 * SECOND_MS)
    const fields = isTwin ? twinFields(random, settles) : someFields(random, `${orderId}.${j}`, at, settles)
    changes.push({
      order_id: orderId,
      occurred_at: timeText(random, at),
      ...fields,
      ...(j === count - 1 && last(settles)),
    })
  }
  return changes
}

const last = (settles: boolean) =>
  settles ? { order_status: 'Complete', payment_state: 'captured' } : { payment_state: 'authorized' }

/** Times are sent in the forms that are accepted; one without milliseconds only where nothing is cut off by it. */
function timeText(random: Seeded, ms: number): string {
  const iso = new Date(ms).toISOString()
  return ms % SECOND_MS === 0 && random.chance(0.5) ? iso.slice(0, 19).replace('T', ' ') : iso
}

function twinFields(random: Seeded, settles: boolean): Record<string, unknown> {
  return {
    order_total: random.pick(AMOUNTS),
    is_fraud: random.pick([true, false, null]),
    ...(settles && { order_status: random.pick(['Complete', 'Cancelled', 'Refunded', null]) }),
  }
}

const AMOUNTS = ['26.85', '26.850', '9', '100.00', '0.5', '26.8', null]

/** Each field of a change, drawn by itself. A unique value tells which change it is from; the others return. */
function someFields(random: Seeded, unique: string, at: number, settles: boolean): Record<string, unknown> {
  const drawn: Record<string, unknown> = { customer_id: `customer ${unique}`, currency: 'USD' }
  const sometimes = (share: number, name: string, value: () => unknown) => {
    if (random.chance(share)) drawn[name] = value()
  }
  if (settles) sometimes(0.5, 'order_status', () => random.pick(['Complete', 'Refunded', 'Cancelled', null]))
  sometimes(0.4, 'payment_state', () => random.pick(settles ? ['pending', 'authorized', 'captured'] : ['pending']))
  sometimes(0.5, 'order_total', () => random.pick(AMOUNTS))
  sometimes(0.4, 'refunded_to_date', () => random.pick(['0', '10.00', '26.85', '5.5']))
  sometimes(0.4, 'is_refund', () => random.pick([true, false, 1, 0]))
  sometimes(0.2, 'is_chargeback', () => random.pick([true, false]))
  sometimes(0.4, 'billing_city', () => random.pick(['Rome', 'Paris', 'Zürich', null]))
  sometimes(0.4, 'affiliate', () => random.pick(['north', 'south', null]))
  sometimes(0.3, 'rma_number', () => `rma ${unique}`)
  sometimes(0.3, 'email_address', () => `${unique}@example.com`)
  sometimes(0.2, 'order_date', () => new Date(at - SECOND_MS).toISOString().slice(0, 19).replace('T', ' '))
  sometimes(0.2, 'captured_amount', () => '26.85')
  sometimes(0.3, 'products', () => products(random, unique))
  sometimes(0.3, 'fulfillment', () => fulfillment(random, unique))
  sometimes(0.3, 'notes', () => [{ timestamp: new Date(at).toISOString(), note: `note ${unique} "quoted" \u{1F4E6}` }])
  return drawn
}

function products(random: Seeded, unique: string): unknown {
  if (random.chance(0.2)) return random.pick([null, []])
  const one = { name: 'Shoe', price: random.pick(['4.5', '12.00']), sku: `sku ${unique}` }
  return random.chance(0.5) ? [one] : [one, { name: 'Lace', product_id: '7' }]
}

function fulfillment(random: Seeded, unique: string): unknown {
  if (random.chance(0.1)) return null
  const shipments = random.pick([null, [], [{ tracking_number: `track ${unique}`, shipping_city: 'Rome' }]])
  const proof = random.pick([null, [{ type: 'login', value: `seen ${unique}` }]])
  return { ...(random.chance(0.7) && { shipments }), ...(random.chance(0.7) && { proof_of_service: proof }) }
}

function inDeliveries(random: Seeded, changes: readonly SentChange[]): (SentChange | SentChange[])[] {
  const deliveries: (SentChange | SentChange[])[] = []
  for (let at = 0; at < changes.length;) {
    const count = random.chance(0.3) ? 1 : 2 + random.below(LARGEST_DELIVERY - 1)
    const part = changes.slice(at, at + count)
    deliveries.push(count === 1 ? part[0]! : part)
    at += count
  }
  return deliveries
}
