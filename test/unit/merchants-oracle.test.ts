import { describe, expect, it } from 'vitest'
import { seededRandom } from '../support/simulator/random.ts'
import { differencesOf } from '../support/merchants/compare.ts'
import { drawAlerts } from '../support/merchants/draw-alerts.ts'
import { drawMerchant } from '../support/merchants/draw-merchant.ts'
import { drawSales } from '../support/merchants/draw-sales.ts'
import { lookalikeOf, untruthOf } from '../support/merchants/judge.ts'
import type { Played } from '../support/merchants/play.ts'
import {
  capturedOf,
  DAY,
  decimal,
  HOUR,
  minorOf,
  MINUTE,
  type Alert,
  type TrueRefund,
} from '../support/merchants/truth.ts'

const ISSUED = Date.UTC(2026, 8, 1)

/** An alert about a paid sale of 50.00 in the store, and nothing given back. */
function anAlert(): Alert {
  const random = seededRandom(3)
  const merchant = drawMerchant(random, { seed: 1, business: 'shop', generation: 'midigator 2', historyDays: 400 })
  const sales = drawSales(random, merchant, ISSUED - 60 * DAY, ISSUED, 200)
  const { alerts } = drawAlerts(random, merchant, sales, { from: ISSUED, to: ISSUED + DAY, count: 20 })
  const alert = alerts.find(({ kind, sale }) => kind === 'plain' && sale?.fate === 'paid')!
  const sale = { ...alert.sale!, captures: [{ minor: 5_000, at: ISSUED - 9 * DAY }], currency: 'USD' as const, total: 5_000 }
  sale.refunds = []
  sale.refusal = 'none'
  sale.settlesAt = 0
  sale.knownAt = ISSUED - 9 * DAY
  sale.wallet = 'none'
  return { ...alert, sale, issuedAt: ISSUED, requests: [] }
} // prettier-ignore

const refund = (minor: number, at: number, status: TrueRefund['status'] = 'succeeded'): TrueRefund => ({
  id: 'r', minor, at, by: 'hand', status, settledAt: null, reference: '', arn: null,
}) // prettier-ignore

/** What the oracle says of an answer given an hour after the alert, after these refunds. */
function judged(type: string, refunds: TrueRefund[] = [], description = '', orderId: string | null = null) {
  const alert = anAlert()
  alert.sale!.refunds = refunds
  return untruthOf(alert, { at: ISSUED + HOUR, type, description, orderId }, { mayNotBeMissing: null })
}

describe('the oracle of merchants', () => {
  it('takes "issued" for true once all is back and some of it went back since the alert', () => {
    expect(judged('issued_full_refund')).toContain('50.00 USD was not refunded')
    expect(judged('issued_full_refund', [refund(4_999, ISSUED + MINUTE)])).toContain('0.01 USD was not refunded')
    expect(judged('issued_full_refund', [refund(5_000, ISSUED + MINUTE, 'pending')])).toContain('was not refunded')
    expect(judged('reversed', [refund(5_000, ISSUED + MINUTE)])).toBeNull()
    expect(judged('issued_full_refund', [refund(5_000, ISSUED - DAY)])).toContain('before the alert')
  })

  it('takes "previously refunded" for true of what was back when the alert was issued', () => {
    expect(judged('previously_refunded_nothing_to_do', [refund(5_000, ISSUED - DAY)])).toBeNull()
    expect(judged('previously-reversed', [refund(5_000, ISSUED + 30 * MINUTE)])).toContain('after the alert')
  })

  it('takes "declined" for true only where nothing was captured, and "not found" only of what the store does not know', () => {
    expect(judged('declined_or_canceled_nothing_to_do')).toContain('50.00 USD was captured')
    expect(judged('could_not_find_order')).toContain('which the store knows')
  })

  it('takes "other" for true only where a gateway refused, and its words say nothing that is not so', () => {
    expect(judged('other', [], 'The gateway refused.')).toContain('refused nothing')
    expect(judged('other', [refund(2_000, ISSUED - DAY)], 'no refund was made')).toContain('and one was')
    expect(
      judged('other', [refund(5_000, ISSUED + MINUTE, 'pending')], 'A refund of 50.00 USD was submitted'),
    ).toBeNull()
  })

  it('holds an answer that names another order for untrue', () => {
    expect(judged('reversed', [refund(5_000, ISSUED + MINUTE)], '', 'another')).toContain('names order another')
  })
})

describe('an order that looks like the alert’s sale', () => {
  /** The alert's sale was never delivered; a second one like it was, an hour after it. */
  function lookalikes() {
    const first = anAlert()
    const sale = { ...first.sale!, knownAt: null, card: { first6: '401288', last4: '1881', brand: 'visa' as const } }
    const other = { ...sale, id: 'other', soldAt: sale.soldAt + HOUR, knownAt: ISSUED - 9 * DAY, arn: '1', arnKnownAt: ISSUED - 9 * DAY }
    const names = { ...first.names, soldAt: sale.soldAt, arn: null, authCode: null, merchantTransactionId: null }
    const alert: Alert = { ...first, sale, names, match: null, currency: 'USD', minor: 5_000 }
    return { sale, other, alert, of: (one: Alert, ...sales: (typeof other)[]) => lookalikeOf(one, 'other', { sales }, ISSUED + HOUR)?.id }
  } // prettier-ignore

  it('is one that cannot be distinguished from it', () => {
    const { sale, other, alert, of } = lookalikes()
    expect(of(alert, sale as never, other)).toBe('other')
  })

  it('is none where the sale is stored, or anything tells them apart', () => {
    const { sale, other, alert, of } = lookalikes()
    expect(of({ ...alert, sale: { ...sale, knownAt: ISSUED - DAY } }, other)).toBeUndefined()
    expect(of({ ...alert, names: { ...alert.names, arn: sale.arn } }, other)).toBeUndefined()
    expect(of({ ...alert, names: { ...alert.names, soldAt: null } }, other)).toBeUndefined()
    expect(of({ ...alert, names: { ...alert.names, soldAt: other.soldAt - 4 * DAY } }, other)).toBeUndefined()
    expect(of(alert, other, { ...other, id: 'third' })).toBeUndefined()
    expect(of(alert, { ...other, total: 4_000, captures: [] })).toBeUndefined()
  })
})

describe('two runs of the same alert', () => {
  const asksPerson = { state: 'parked', why: 'several-orders', orderId: null, asksPerson: true }
  function played(type: string | null, refunds: TrueRefund[] = []): Played {
    const alert = anAlert()
    alert.sale!.refunds = refunds
    if (type !== null)
      alert.answer = { at: ISSUED, type, description: '', orderId: null, untruth: null, isBlind: false, isOfLookalike: false }
    const merchant = drawMerchant(seededRandom(3), { seed: 1, business: 'shop', generation: 'midigator 2', historyDays: 400 })
    const known = { merchant, sales: [alert.sale!], completeSince: null, alerts: [alert] }
    return { merchant, known, alerts: [alert], states: new Map([[alert, asksPerson]]), breaches: [], rejected: [], refunds: 0 }
  } // prettier-ignore
  const differences = (one: Played, other: Played) =>
    differencesOf([one], [other]).map(({ one, other }) => [one, other])

  it('are alike where both gave the same answer, or both ask a person', () => {
    expect(differences(played('other'), played('other'))).toEqual([])
    expect(differences(played(null), played(null))).toEqual([])
  })

  it('differ in the answer, in whether a person is asked, and in what was refunded', () => {
    const ours = [{ ...refund(5_000, ISSUED), by: 'us' as const }]
    expect(differences(played('other'), played('reversed'))).toEqual([['other', 'reversed']])
    expect(differences(played(null), played('reversed'))).toEqual([['asks a person', 'reversed']])
    expect(differences(played('reversed', ours), played('reversed'))).toEqual([
      ['reversed, 50.00 refunded', 'reversed'],
    ])
  })
})

describe('amounts of merchants', () => {
  it('are whole minor units of their currency', () => {
    expect([decimal(5, 'USD'), decimal(5_000, 'EUR'), decimal(500, 'JPY')]).toEqual(['0.05', '50.00', '500'])
    expect([minorOf('0.05', 'USD'), minorOf('50', 'USD'), minorOf('1.005', 'USD'), minorOf('1.5', 'JPY')]).toEqual([5, 5_000, null, null])
  }) // prettier-ignore

  it('are captured by a time', () => {
    const { sale } = anAlert()
    expect([capturedOf(sale!, ISSUED - 10 * DAY), capturedOf(sale!)]).toEqual([0, 5_000])
  })
})
