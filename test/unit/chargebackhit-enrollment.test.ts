import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkEnrollment, tellFault } from '../../src/platforms/chargebackhit/enrollment.ts'

const ARN = `74${'0'.repeat(21)}`
const ROW = { required_products: ['ethoca', 'cdrn'], psp_name: 'Acme Pay', descriptor: 'ACME*SHOP' }
const ACCEPTOR = { card_acceptor_id: '123456789012', acquirer_bin: '412345' }
const told = (...rows: unknown[]) => checkEnrollment(rows).faults.map(tellFault)

describe('a row of an enrolment', () => {
  it.each([
    ['the least there can be', ROW],
    ['every column', { ...ROW, ...ACCEPTOR, required_products: ['ethoca', 'rdr', 'oi', 'cdrn', 'consumer-clarity', 'visa-dispute', 'visa-fraud', 'paypal'], merchant_internal_id: 'shop-1', mcc: '5734', description: 'caid-1', arns: [ARN, ARN, ARN], support_info_merchant: { website_url: 'https://shop.test' }, paypal_merchant_id: 'P1', integration_for_matching: 'stripe' }],
    ['RDR by card acceptor id and BIN', { ...ROW, ...ACCEPTOR, required_products: ['rdr'] }],
    ['RDR by ARNs', { ...ROW, required_products: ['rdr'], arns: [ARN, ARN, ARN] }],
    ['ten ARNs', { ...ROW, arns: Array.from({ length: 10 }, () => ARN) }],
    ['columns that are null', { ...ROW, arns: null, acquirer_bin: null }],
  ])('may be sent: %s', (_what, row) => {
    expect(told(row)).toEqual([])
  }) // prettier-ignore

  it.each([
    ['no row', 'psp', 'row 1: expected columns and values, found 3 characters'],
    ['nothing', null, 'row 1: expected columns and values, found nothing'],
    ['no psp_name', { ...ROW, psp_name: null }, 'row 1, psp_name: is missing; it is required'],
    ['an empty descriptor', { ...ROW, descriptor: ' ' }, 'row 1, descriptor: expected text, found none; leave the column out'],
    ['a text too long', { ...ROW, descriptor: 'x'.repeat(501) }, 'row 1, descriptor: expected at most 500 characters, found 501; shorten it'],
    ['a text that is none', { ...ROW, mcc: true }, 'row 1, mcc: expected text, found a boolean'],
    ['no product', { ...ROW, required_products: [] }, 'row 1, required_products: expected at least one of ethoca, rdr, oi, cdrn, consumer-clarity, visa-dispute, visa-fraud, paypal, found an empty list'],
    ['an unknown product', { ...ROW, required_products: ['ethoca', 'cdnr'] }, 'row 1, required_products: item 2: expected one of ethoca, rdr, oi, cdrn, consumer-clarity, visa-dispute, visa-fraud, paypal, found something near cdrn'],
    ['a product twice', { ...ROW, required_products: ['cdrn', 'cdrn'] }, 'row 1, required_products: expected each product once; leave out the repeated one'],
    ['a BIN of five digits', { ...ROW, acquirer_bin: '12345' }, "row 1, acquirer_bin: expected the acquirer's six digits, found 5 characters; a spreadsheet may have changed the number"],
    ['digits of another script', { ...ROW, acquirer_bin: '٤١٢٣٤٥' }, "row 1, acquirer_bin: expected the acquirer's six digits, found 6 characters; a spreadsheet may have changed the number"],
    ['two ARNs', { ...ROW, arns: [ARN, ARN] }, 'row 1, arns: expected 3 to 10 ARNs, found 2; leave the column out to give none'],
    ['eleven ARNs', { ...ROW, arns: Array.from({ length: 11 }, () => ARN) }, 'row 1, arns: expected 3 to 10 ARNs, found 11; leave the column out to give none'],
    ['an ARN of a Mastercard payment', { ...ROW, arns: [ARN, ARN, `75${'0'.repeat(21)}`] }, 'row 1, arns: item 3: expected 23 characters with a 4, for Visa, in the second place, found 23 characters'],
    ['an ARN that a spreadsheet rounded', { ...ROW, arns: [ARN, '7.40E+22', ARN] }, 'row 1, arns: item 2: expected 23 characters with a 4, for Visa, in the second place, found 8 characters'],
    ['ARNs that are one text', { ...ROW, arns: ARN }, 'row 1, arns: expected 3 to 10 ARNs, found 23 characters'],
    ['an unknown column', { ...ROW, descripter: 'x' }, 'row 1, descripter: is no column of an enrolment; the nearest is descriptor'],
    ['a card number for a column', { ...ROW, '4111111111111111': 'x' }, expect.stringMatching(/^row 1, 411111\D+1111: is no column/)],
    ['something else about support', { ...ROW, support_info_merchant: { phone: '1' } }, 'row 1, support_info_merchant: expected website_url and nothing else in it'],
    ['a website that is no address', { ...ROW, support_info_merchant: { website_url: 'shop.test' } }, 'row 1, support_info_merchant: website_url: expected an address such as https://example.com, found 9 characters'],
    ['RDR with ARNs, but without a BIN for order insight', { ...ROW, required_products: ['rdr', 'oi'], arns: [ARN, ARN, ARN], card_acceptor_id: '1' }, 'row 1, acquirer_bin: is missing; oi cannot do without it'],
    ['RDR without a BIN', { ...ROW, required_products: ['rdr'], card_acceptor_id: '1' }, 'row 1, acquirer_bin: is missing; rdr cannot do without it, or arns instead of it'],
    ['Visa notifications without a card acceptor', { ...ROW, required_products: ['visa-fraud', 'visa-dispute'], acquirer_bin: '412345' }, 'row 1, card_acceptor_id: is missing; visa-fraud, visa-dispute cannot do without it'],
  ])('is refused: %s', (_what, row, message) => {
    expect(told(row)).toEqual([message])
  }) // prettier-ignore

  it('has all its faults told, and so have the rows after it', () => {
    expect(told({ arns: [] }, ROW, { ...ROW, psp_name: 7, colour: 'red' }).map(line => line.split(':')[0])).toEqual([
      'row 1, arns',
      'row 1, required_products',
      'row 1, psp_name',
      'row 1, descriptor',
      'row 3, psp_name',
      'row 3, colour',
    ])
  })

  it('satisfies what Chargebackhit publishes, whenever it passes', () => {
    const anyText = fc.oneof(fc.string(), fc.constantFrom('', ' ', 'ACME', 'x'.repeat(500), 'x'.repeat(501)))
    const mostly = <Value>(arbitrary: fc.Arbitrary<Value>) =>
      fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: fc.oneof(anyText, fc.anything()) })
    const anyArn = fc.oneof({ weight: 40, arbitrary: fc.constant(ARN) }, { weight: 1, arbitrary: anyText })
    const anyProduct = fc.constantFrom('ethoca', 'rdr', 'oi', 'cdrn', 'visa-fraud', 'ethoca', 'rdr', 'RDR')
    const anyRow = fc.record(
      {
        required_products: mostly(fc.uniqueArray(anyProduct, { minLength: 1, maxLength: 2 })),
        psp_name: mostly(fc.constantFrom('Acme', 'x'.repeat(500))),
        descriptor: mostly(fc.constantFrom('ACME', 'ACME*SHOP')),
        card_acceptor_id: mostly(fc.constant('123')),
        acquirer_bin: mostly(fc.constant('412345')),
        arns: mostly(fc.oneof(fc.array(anyArn, { minLength: 2, maxLength: 11 }), fc.constant(null))),
      },
      { requiredKeys: ['required_products', 'psp_name'] },
    )
    let passed = 0
    fc.assert(
      fc.property(anyRow, given => {
        const { rows, faults } = checkEnrollment([given])
        if (faults.length > 0) return
        passed++
        expect(breaches(rows[0]!)).toEqual([])
      }),
      { numRuns: 3_000 },
    )
    expect(passed).toBeGreaterThan(300)
  })
})

/** What a row breaks of the reference's “Enroll MID batch”, in words of its own. */
function breaches(row: Readonly<Record<string, unknown>>): string[] {
  const isText = (value: unknown) => typeof value === 'string' && value.length >= 1 && value.length <= 500
  const products = row.required_products as string[]
  const arns = row.arns as string[] | undefined
  const byCaid = 'card_acceptor_id' in row && 'acquirer_bin' in row
  const rules = {
    psp_name: isText(row.psp_name),
    descriptor: isText(row.descriptor),
    products: products.length > 0 && products.every(name => ['ethoca', 'rdr', 'oi', 'cdrn', 'visa-fraud'].includes(name)),
    bin: row.acquirer_bin === undefined || /^\d{6}$/.test(row.acquirer_bin as string),
    arns: arns === undefined || (arns.length >= 3 && arns.length <= 10 && arns.every(arn => /^.4.{21}$/.test(arn))),
    acceptor: byCaid || !products.some(name => name === 'oi' || name === 'visa-fraud' || (name === 'rdr' && !arns)),
    nulls: !Object.values(row).includes(null),
  }
  return Object.entries(rules).flatMap(([name, holds]) => (holds ? [] : [name]))
} // prettier-ignore
