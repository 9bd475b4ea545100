import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compellingEvidence, evidenceQueries, type EvidenceOrder } from '../../src/domain/compelling-evidence.ts'
import { orderOf } from './build-order.ts'
import { size } from '../support/sizes.ts'

const DAY_MS = 86_400_000
const DISPUTED_AT = Date.UTC(2026, 5, 1, 12)
const daysBefore = (days: number, ms = 0) => new Date(DISPUTED_AT - days * DAY_MS - ms).toISOString()

type Fields = Record<string, unknown>
const order = (orderId: string, fields: Fields): EvidenceOrder => ({ ...orderOf([fields]), orderId })

const HOME = {
  shipping_street_address: '123 Sample Address', shipping_street_address_2: 'Apt. B', shipping_city: 'Detroit', shipping_postcode: '48201',
} // prettier-ignore
const shippedTo = (...shipments: Fields[]) => ({ fulfillment: { shipments } })
const SOLD = { order_status: 'Complete', payment_state: 'captured', order_total: '30.00', currency: 'USD' }
const BUYER = {
  cc_first_6: '401288', cc_last_4: '1881', customer_id: 'c-1', ip_address: '203.0.113.7', device_id: 'd-1', ...shippedTo(HOME),
} // prettier-ignore
const DISPUTED = { ...SOLD, ...BUYER, order_date: daysBefore(20) }
const EARLIER = { ...SOLD, ...BUYER, order_date: daysBefore(200) }

/** The verdict over two earlier orders, `e-1` of 200 and `e-2` of 250 days, with these fields of theirs. */
const over = (first: Fields, second: Fields = {}, disputed: Fields = {}, at = DISPUTED_AT) =>
  compellingEvidence(
    order('disputed', { ...DISPUTED, ...disputed }),
    [order('e-1', { ...EARLIER, ...first }), order('e-2', { ...EARLIER, order_date: daysBefore(250), ...second })],
    at,
  )
const both = (fields: Fields) => over(fields, fields)
const ALL = ['ip_address', 'device_id', 'customer_id', 'delivery_address']
/** Fields that leave nothing shared but what a case adds. */
const NOTHING = { ip_address: null, device_id: null, customer_id: null, fulfillment: null }
const { ip_address, device_id, customer_id } = BUYER

describe('two earlier orders qualify', () => {
  it.each<[says: string, first: Fields, second: Fields, shared: string[]]>([
    ['that share everything', {}, {}, ALL],
    ['exactly 120 days old', { order_date: daysBefore(120) }, {}, ALL],
    ['exactly 365 days old', {}, { order_date: daysBefore(365) }, ALL],
    ['by the day they were collected, where it is known', { order_date: daysBefore(400), captured_at: daysBefore(300) }, {}, ALL],
    ['by the IP address and the login', { device_id: 'd-2', fulfillment: null }, {}, ['ip_address', 'customer_id']],
    ['by the device and the delivery address', { ...NOTHING, device_id, ...shippedTo(HOME) }, {}, ['device_id', 'delivery_address']],
    ['by the IP address and the device', { ...NOTHING, ip_address, device_id }, {}, ['ip_address', 'device_id']],
    ['also where the cards’ digits are known in part', { cc_first_6: null }, { cc_last_4: null }, ALL],
    ['of the card, whoever was logged in', { customer_id: 'c-2' }, {}, ['ip_address', 'device_id', 'delivery_address']],
    ['of a customer whose card is not known', { cc_first_6: null, cc_last_4: null }, { cc_first_6: null, cc_last_4: null }, ALL],
    ['where nobody said how much was collected', { order_total: null }, {}, ALL],
  ])('%s', (_says, first, second, shared) => {
    expect(over(first, second)).toMatchObject({ ready: true, shared })
  }) // prettier-ignore

  it('also where nobody knows when the disputed order was sold', () => {
    expect(over({}, {}, { order_date: null })).toMatchObject({ ready: true })
  })

  it('with the same address written otherwise, and with one of several parcels', () => {
    const otherwise = {
      shipping_street_address: ' 123  sample address', shipping_street_address_2: 'APT B', shipping_city: 'DETROIT,', shipping_postcode: '48 201',
    } // prettier-ignore
    const elsewhere = { shipping_street_address: '9 Other Road', shipping_city: 'Flint' }
    const said = over({ ...NOTHING, device_id, ...shippedTo(elsewhere, otherwise) })
    expect(said).toEqual({ ready: true, orders: ['e-1', 'e-2'], shared: ['device_id', 'delivery_address'] })
  })

  it('with the same IP address written otherwise', () => {
    expect(over({ ip_address: '::ffff:203.0.113.7' })).toMatchObject({ shared: ALL })
    const [long, short] = [{ ip_address: '2001:DB8:0:0:0:0:0:1' }, { ip_address: '2001:db8::1' }]
    expect(over(long, short, short)).toMatchObject({ shared: ALL })
  })
})

describe('two earlier orders do not qualify', () => {
  const YOUNG = 'only one earlier order between 120 and 365 days old: two are needed'
  const ALONE = expect.stringMatching(/^only one earlier order shares two of .*: a second is needed$/)
  it.each<[says: string, first: Fields, missing: unknown]>([
    ['a second too young', { order_date: null, captured_at: daysBefore(120, -1_000) }, YOUNG],
    ['a second too old', { order_date: daysBefore(365, 1_000) }, YOUNG],
    ['of an unknown day', { order_date: null }, YOUNG],
    ['charged back', { is_chargeback: true }, '1 earlier order was disputed or reported as fraud'],
    ['reported as fraud', { is_fraud: true }, '1 earlier order was disputed or reported as fraud'],
    ['refunded', { order_status: 'Refunded' }, '1 earlier order was refunded or cancelled'],
    ['refunded in part', { refunded_to_date: '0.01' }, '1 earlier order was refunded or cancelled'],
    ['refunded, nobody said how much', { is_refund: true }, '1 earlier order was refunded or cancelled'],
    ['cancelled after it was captured', { order_status: 'Cancelled' }, '1 earlier order was refunded or cancelled'],
    ['authorized and never captured', { payment_state: 'authorized' }, '1 earlier order was never settled, or paid with a test card'],
    ['declined', { payment_state: 'declined' }, '1 earlier order was never settled, or paid with a test card'],
    ['of no status', { order_status: null, payment_state: null }, '1 earlier order was never settled, or paid with a test card'],
    ['of nothing collected', { captured_amount: '0' }, '1 earlier order was never settled, or paid with a test card'],
    ['paid with a test card', { is_test_cc: true }, '1 earlier order was never settled, or paid with a test card'],
    ['of another card', { cc_last_4: '1882' }, YOUNG],
    ['of another card and customer', { cc_last_4: '1882', customer_id: 'c-2' }, YOUNG],
    ['of another customer, and one card not known', { cc_first_6: null, cc_last_4: null, customer_id: 'c-2' }, YOUNG],
    ['of another card as far as it is known', { cc_first_6: null, cc_last_4: '1882' }, YOUNG],
    ['that share one element only', { ...NOTHING, ip_address }, ALONE],
    ['that share neither IP address nor device', { ip_address: '203.0.113.8', device_id: 'd-2' }, ALONE],
    ['that share what is empty', { ...NOTHING, ip_address, device_id: ' ', customer_id: '' }, ALONE],
  ])('%s', (_says, first, missing) => {
    expect(over(first)).toEqual({ ready: false, missing: expect.arrayContaining([missing]) })
  }) // prettier-ignore

  it('that share different pairs with the disputed one', () => {
    const said = over({ ...NOTHING, ip_address, customer_id }, { ...NOTHING, device_id, ...shippedTo(HOME) })
    expect(said).toEqual({
      ready: false,
      missing: [expect.stringMatching(/^no two earlier orders, each a payment of its own, share the same two of/)],
    })
  })

  it('that are one payment, or the disputed one’s', () => {
    expect(both({ transaction_id: 't-1' })).toMatchObject({ ready: false })
    expect(over({ transaction_id: 't-1' }, { transaction_id: 't-2' })).toMatchObject({ ready: true })
    expect(over({ transaction_id: 't-1' }, {}, { transaction_id: 't-1' })).toMatchObject({ ready: false })
  })

  it('sold after the disputed one, in a dispute that came late', () => {
    expect(over({}, {}, { order_date: daysBefore(220) })).toMatchObject({ ready: false, missing: [YOUNG] })
  })

  it.each<[says: string, empty: Fields]>([
    ['with guests’ ids', { ...NOTHING, ip_address, customer_id: '0' }],
    ['with addresses of a local network', { ...NOTHING, customer_id, ip_address: '10.0.0.1' }],
    ['with what is no IP address', { ...NOTHING, customer_id, ip_address: 'unknown' }],
    ['with addresses of no street or no place', { ...NOTHING, ip_address, ...shippedTo({ shipping_city: 'Ulm' }, { shipping_street_address: '9 Road' }) }],
    ['with addresses of nothing but punctuation', { ...NOTHING, ip_address, ...shippedTo({ shipping_street_address: '--', shipping_city: '.' }) }],
    ['with billing addresses', { ...NOTHING, ip_address, billing_street_address: '9 Road', billing_city: 'Ulm', billing_postcode: '89073' }],
  ])('equal only %s', (_says, empty) => {
    expect(over(empty, empty, empty)).toMatchObject({ ready: false })
  }) // prettier-ignore

  it('to a card that is not Visa’s', () => {
    const mastercard = { cc_first_6: '555555' }
    const said = over(mastercard, mastercard, mastercard)
    expect(said).toEqual({ ready: false, missing: ['the card is not a Visa card: the rule is Visa’s'] })
  })

  it('when one is told twice, or is the disputed order itself', () => {
    const [disputed, one] = [order('disputed', { ...DISPUTED, order_date: null }), order('e-1', EARLIER)]
    const itself = order('disputed', EARLIER)
    expect(compellingEvidence(disputed, [one, one, itself], DISPUTED_AT)).toMatchObject({ ready: false })
  })
})

describe('what is missing', () => {
  it('is said of an order of which nothing is known', () => {
    expect(compellingEvidence(order('o', SOLD), [], DISPUTED_AT)).toEqual({
      ready: false,
      missing: [
        'neither the card (cc_first_6 and cc_last_4) nor customer_id is known for this order',
        'ip_address is not known for this order',
        'device_id is not known for this order',
        'customer_id is not known for this order',
        'no delivery address (fulfillment.shipments) is known for this order',
        'no earlier order between 120 and 365 days old',
      ],
    })
  })

  it('tells an IP address that cannot be used from one that is not known', () => {
    const local = { ...DISPUTED, ip_address: '127.0.0.1', device_id: null }
    const said = compellingEvidence(order('o', local), [], DISPUTED_AT)
    expect(said).toMatchObject({
      missing: expect.arrayContaining(['ip_address of this order is no public IP address']),
    })
  })

  it('is no element of an order that has enough of them, while there are no two earlier orders', () => {
    const said = compellingEvidence(order('o', { ...DISPUTED, device_id: null }), [], DISPUTED_AT)
    expect(said).toEqual({ ready: false, missing: ['no earlier order between 120 and 365 days old'] })
    expect(over({ ip_address: null }, {}, { device_id: null })).toMatchObject({
      missing: ['device_id is not known for this order', expect.stringMatching(/^only one earlier order shares/)],
    })
  })

  it('counts earlier orders by what stands against them', () => {
    expect(both({ is_chargeback: true })).toEqual({
      ready: false,
      missing: ['2 earlier orders were disputed or reported as fraud'],
    })
  })
})

describe('of several', () => {
  const found = (...others: EvidenceOrder[]) => compellingEvidence(order('disputed', DISPUTED), others, DISPUTED_AT)
  const sold = (orderId: string, days: number, fields: Fields = {}) =>
    order(orderId, { ...EARLIER, order_date: daysBefore(days), ...fields })

  it('the pair that shares the most is taken, also where it is older', () => {
    const less = { device_id: null }
    const said = found(sold('a', 130, less), sold('b', 140, less), sold('c', 300), sold('d', 310))
    expect(said).toEqual({ ready: true, orders: ['c', 'd'], shared: ALL })
  })

  it('the newest is taken among equals, and the lesser id of one second', () => {
    expect(found(sold('a', 300), sold('b', 150), sold('c', 140))).toMatchObject({ orders: ['c', 'b'] })
    expect(found(sold('z', 150), sold('y', 150), sold('x', 150))).toMatchObject({ orders: ['x', 'y'] })
  })
})

describe('whatever orders there are', () => {
  const often = (value: unknown, ...rarely: unknown[]) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constantFrom(...rarely, null) })
  const drawn = fc.record({
    order_date: fc
      .constantFrom(10, 119, 120, 121, 200, 250, 300, 364, 365, 366)
      .chain(days => fc.constantFrom(daysBefore(days), daysBefore(days, 1_000), daysBefore(days, -1_000))),
    order_status: often('Complete', 'Refunded'),
    payment_state: often('captured', 'authorized'),
    is_chargeback: often(false, true),
    refunded_to_date: often('0', '5'),
    cc_first_6: often('401288', '401289', '555555'),
    cc_last_4: often('1881', '1882'),
    customer_id: often('c-1', 'c-2', '0', ''),
    ip_address: often('203.0.113.7', '203.0.113.8', '10.0.0.1', ''),
    device_id: often('d-1', 'd-2', ''),
    transaction_id: often(null, 't-1', 't-2', 't-3'),
    city: often('Detroit', 'Flint', ''),
  })
  type Drawn = Record<string, unknown>
  const world = fc.array(drawn, { minLength: 2, maxLength: 10 }).chain(others =>
    fc.record({
      disputed: drawn.map(fields => ({ ...fields, order_date: daysBefore(10) })),
      others: fc.constant<Drawn[]>(others),
      shuffled: fc.shuffledSubarray([...others.keys()], { minLength: others.length }),
    }),
  )
  const toOrder = (orderId: string, { city, ...fields }: Drawn) =>
    order(orderId, { ...SOLD, ...fields, ...shippedTo({ ...HOME, shipping_postcode: null, shipping_city: city }) })

  /** The rule once more, on the fields as they were told. */
  function qualifies(disputed: Drawn, earlier: readonly Drawn[]): boolean {
    const all = [disputed, ...earlier]
    const isShared = (field: string, ...empty: unknown[]) =>
      ![null, '', ...empty].includes(disputed[field]) && all.every(one => one[field] === disputed[field])
    const [ip, device] = [isShared('ip_address', '10.0.0.1'), isShared('device_id')]
    const shared = [ip, device, isShared('customer_id', '0'), isShared('city')].filter(Boolean).length
    const payments = all.map(one => one.transaction_id).filter(id => id !== null)
    return (
      (ip || device) &&
      shared >= 2 &&
      disputed.cc_first_6 !== '555555' &&
      new Set(payments).size === payments.length &&
      earlier.every(one => isTied(disputed, one) && isClean(one))
    )
  }

  /** By the whole card; where that is not known, by a customer's id that is one, and nothing of the cards differs. */
  function isTied(disputed: Drawn, one: Drawn): boolean {
    const digits = ['cc_first_6', 'cc_last_4'].map(field => [disputed[field], one[field]])
    if (digits.some(([a, b]) => a !== null && b !== null && a !== b)) return false
    if (digits.flat().every(part => part !== null)) return true
    return one.customer_id === disputed.customer_id && !['', '0', null].includes(one.customer_id as string | null)
  }

  function isClean(one: Drawn): boolean {
    const days = (DISPUTED_AT - Date.parse(String(one.order_date))) / DAY_MS
    const isPaid =
      one.order_status === 'Complete'
        ? one.payment_state !== 'authorized'
        : one.order_status === null && one.payment_state === 'captured'
    return days >= 120 && days <= 365 && isPaid && one.is_chargeback !== true && one.refunded_to_date !== '5'
  }

  it('what is found qualifies by the rule as it is written, and is found in whatever order they come', () => {
    let ready = 0
    fc.assert(
      fc.property(world, ({ disputed, others, shuffled }) => {
        const told = others.map((one, i) => toOrder(String(i), one))
        const sale = toOrder('disputed', disputed)
        const said = compellingEvidence(sale, told, DISPUTED_AT)
        expect(compellingEvidence(sale, shuffled.map(i => told[i]!), DISPUTED_AT)).toEqual(said)
        if (!said.ready) return said.missing.length > 0
        ready += 1
        expect(new Set(said.orders).size).toBe(2)
        expect(qualifies(disputed, said.orders.map(id => others[Number(id)]!))).toBe(true)
        return true
      }),
      { numRuns: size(100, 300) },
    ) // prettier-ignore
    expect(ready, 'worlds in which a pair was found').toBeGreaterThan(10)
  })

  it('nothing is found only where no two qualify by the rule as it is written', () => {
    fc.assert(
      fc.property(world, ({ disputed, others }) => {
        const told = others.map((one, i) => toOrder(String(i), one))
        const { ready } = compellingEvidence(toOrder('disputed', disputed), told, DISPUTED_AT)
        const pairs = others.flatMap((one, i) => others.slice(i + 1).map(other => [one, other]))
        expect(ready).toBe(pairs.some(pair => qualifies(disputed, pair)))
      }),
      { numRuns: size(100, 300) },
    )
  })
})

it('candidates are looked for by card and customer, within the days that the rule takes', () => {
  const window = { fromMs: Date.parse(daysBefore(365)), toMs: Date.parse(daysBefore(120)) }
  const looked = (fields: Fields) => evidenceQueries(order('disputed', { ...DISPUTED, ...fields }), DISPUTED_AT)
  const byCard = { by: 'card', value: '401288-1881', ...window }
  const byCustomer = { by: 'customer_id', value: 'c-1', ...window }
  expect(looked({})).toEqual([byCard, byCustomer])
  expect(looked({ cc_first_6: null })).toEqual([byCustomer])
  expect(looked({ customer_id: '0' })).toEqual([byCard])
})
