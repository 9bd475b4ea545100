import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cardDigits,
  isThisCard,
  looksLikeCard,
  maskCardNumbers,
  passesLuhn,
} from '../../src/domain/basics/card-data.ts'
import { cpuMs } from './cpu-ms.ts'

/** Numbers that the schemes publish for testing. */
const CARDS = {
  visa: '4012888888881881',
  'visa of 13': '4222222222222',
  mastercard: '5555555555554444',
  'mastercard of the 2 series': '2223003122003222',
  amex: '378282246310005',
  discover: '6011111111111117',
  diners: '30569309025904',
  'diners of 36': '36227206271667',
  jcb: '3530111333300000',
  unionpay: '6212345678901232',
  maestro: '6759649826438453',
}
const short = (digits: string) => `${digits.slice(0, 6)}******${digits.slice(-4)}`
const inGroups = (digits: string, gap: string) => digits.match(/\d{1,4}/g)!.join(gap)

describe('card numbers in prose', () => {
  it.each(Object.entries(CARDS))('%s is cut to its first six and last four', (_, digits) => {
    expect(looksLikeCard(digits)).toBe(true)
    expect(maskCardNumbers(digits)).toBe(short(digits))
    expect(maskCardNumbers(`card ${digits}, thanks`)).toBe(`card ${short(digits)}, thanks`)
  })

  it.each([' ', '-', '\u00a0', '\u2011', '\u2013'])('is found in groups with %j between', gap => {
    for (const digits of Object.values(CARDS))
      expect(maskCardNumbers(`(${inGroups(digits, gap)})`)).toBe(`(${short(digits)})`)
    expect(maskCardNumbers(`3782${gap}822463${gap}10005`)).toBe('378282******0005')
  })

  it.each([
    ['beside other numbers', 'order 12 4012 8888 8888 1881 123 5', 'order 12 401288******1881 123 5'],
    ['behind a number and a dash', '7-4012888888881881-04', '7-401288******1881-04'],
    ['twice in a row', '4012888888881881 5555555555554444', '401288******1881 555555******4444'],
    ['digit by digit', '4 0 1 2 8 8 8 8 8 8 8 8 1 8 8 1', '401288******1881'],
    ['over a changing gap', '4012-8888 8888-1881', '401288******1881'],
    ['glued to letters', 'PAN4012888888881881x', 'PAN401288******1881x'],
  ])('is found %s', (_, text, masked) => {
    expect(maskCardNumbers(text)).toBe(masked)
  })

  it.each([
    '8546315789936',
    '9400111899223100001234',
    '1Z999AA10123456784',
    '985631214878714',
    '555-254-4925',
    '+44 20 7946 0958',
    '1-800-555-0199 ext 1234',
    '4012888888881882',
    '4012 8888 8888',
    '40128888888818810000000',
    '192.168.133.7',
    '2017-06-28 09:20:11',
    '',
  ])('is not seen in %j', text => {
    expect(maskCardNumbers(text)).toBe(text)
  })

  it('never survives, wherever it stands and however it is grouped', () => {
    const card = fc.constantFrom(...Object.values(CARDS))
    const gaps = fc.array(fc.constantFrom('', '', ' ', '-'), { minLength: 19, maxLength: 19 })
    const around = fc.constantFrom('', 'a', '. ', ' x ', '#', '\n')
    fc.assert(
      fc.property(card, gaps, around, around, (digits, between, before, after) => {
        const written = digits.split('').map((digit, i) => digit + (i < digits.length - 1 ? between[i]! : '')).join('')
        expect(maskCardNumbers(before + written + after)).toBe(before + short(digits) + after)
      }),
      { numRuns: 300 },
    ) // prettier-ignore
  })

  it('that were masked stay as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('4', '0', '1', '8', ' ', '-', 'x'), maxLength: 60 }), text => {
        const once = maskCardNumbers(text)
        expect(maskCardNumbers(once)).toBe(once)
      }),
      { numRuns: 300 },
    )
  })

  it('cost time in proportion to the text, whatever is written', () => {
    const before = process.cpuUsage()
    for (const piece of ['1 ', '4 0 1 2 ', '1', '4012-8888-8888-1881 ', '4', ' ', '4012 8888 8888 188 '])
      maskCardNumbers(piece.repeat(60_000 / piece.length))
    expect(cpuMs(before)).toBeLessThan(1_500)
  })
})

describe("the order's own card", () => {
  it('is 13 to 19 digits with its first six, its last four and a right check digit', () => {
    for (const digits of Object.values(CARDS)) {
      expect(isThisCard(digits, digits.slice(0, 6), digits.slice(-4))).toBe(true)
      expect(isThisCard(digits, digits.slice(0, 6), '0000')).toBe(digits.endsWith('0000'))
      expect(isThisCard(digits, '999999', digits.slice(-4))).toBe(false)
      expect(isThisCard(`${digits.slice(0, 7)}${(Number(digits[7]) + 1) % 10}${digits.slice(8)}`, digits.slice(0, 6), digits.slice(-4))).toBe(false)
    }
  }) // prettier-ignore

  it('needs no known brand', () => {
    expect(passesLuhn('9999990000000006')).toBe(true)
    expect(looksLikeCard('9999990000000006')).toBe(false)
    expect(isThisCard('9999990000000006', '999999', '0006')).toBe(true)
  })

  it('is the same in groups, and is nothing that holds anything else', () => {
    expect(cardDigits('4012-8888 8888-1881')).toBe(CARDS.visa)
    for (const other of ['x4012888888881881', '401288888888', '4'.repeat(20), '', '4012.8888.8888.1881', 'abc'])
      expect(cardDigits(other)).toBeNull()
  })
})
