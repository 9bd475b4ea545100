import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addAmounts,
  canonicalAmount,
  compareAmounts,
  exponentOf,
  formatAmount,
  greatestAmount,
  millionths,
  minorUnits,
  sortableAmount,
  subtractAmounts,
} from '../../src/domain/basics/money.ts'

/** An amount as whole millionths and as text, with zeros that mean nothing. */
const amount = fc
  .tuple(fc.bigInt({ min: 0n, max: 999_999_999_999_999_999_999n }), fc.nat(2), fc.nat(6))
  .map(([millionths, leading, cut]) => {
    const digits = millionths.toString().padStart(7, '0')
    const [integer, fraction] = [digits.slice(0, -6), digits.slice(-6)]
    const short = fraction.replace(new RegExp(`0{0,${cut}}$`), '')
    return { millionths, text: ('0'.repeat(leading) + integer).slice(-15) + (short === '' ? '' : `.${short}`) }
  })

describe('canonical amounts', () => {
  it.each([
    ['26.850', '26.85'],
    ['26.00', '26'],
    ['007', '7'],
    ['000', '0'],
    ['0.0', '0'],
    ['0.10', '0.1'],
    ['100', '100'],
    ['999999999999999.999999', '999999999999999.999999'],
    ['9007199254740993.1'.slice(1), '7199254740993.1'],
    ['900719925474099.300001', '900719925474099.300001'],
  ])('%s is kept as %s', (text, canonical) => {
    expect(canonicalAmount(text)).toBe(canonical)
  })

  it.each(['', '.', '-1', '-0', '+1', '1e5', '1E5', '0x1', '1_000', '1,5', '1.', '.1', ' 1', '1\n', '٣', '３', '1.0000000', '1234567890123456', 'NaN', 'Infinity', '$1', '1.2.3'])('%j is no amount', text => {
    expect(canonicalAmount(text)).toBeNull()
  }) // prettier-ignore

  it('keep every digit, are equal when the amounts are, and stay as they are', () => {
    fc.assert(
      fc.property(amount, ({ millionths, text }) => {
        const canonical = canonicalAmount(text)!
        expect(canonical).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
        expect(canonicalAmount(canonical)).toBe(canonical)
        const [integer = '0', fraction = ''] = canonical.split('.')
        expect(BigInt(integer + fraction.padEnd(6, '0'))).toBe(millionths)
      }),
      { numRuns: 300 },
    )
  })

  it('are ordered by value, and so are their sortable digits', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [left, right] = [canonicalAmount(a.text)!, canonicalAmount(b.text)!]
        const sign = a.millionths < b.millionths ? -1 : a.millionths > b.millionths ? 1 : 0
        expect(compareAmounts(left, right)).toBe(sign)
        expect(sortableAmount(left)).toMatch(/^\d{21}$/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('currencies', () => {
  it.each([
    ['25', 'USD', '25.00'],
    ['26.8', 'EUR', '26.80'],
    ['26.85', 'USD', '26.85'],
    ['25', 'JPY', '25'],
    ['25', 'KWD', '25.000'],
    ['25.1', 'CLF', '25.1000'],
    ['25', null, '25.00'],
    ['25', undefined, '25.00'],
    ['25', 'toString', '25.00'],
  ])('%s %s goes out as %s', (canonical, currency, wire) => {
    expect(formatAmount(canonical, currency)).toBe(wire)
  })

  it('never lose a digit that the currency does not have', () => {
    expect(formatAmount('26.855', 'USD')).toBe('26.855')
    expect(formatAmount('26.85', 'JPY')).toBe('26.85')
  })

  it('have the digits of ISO 4217', () => {
    expect(['USD', 'JPY', 'KRW', 'BHD', 'TND', 'CLF', 'HUF'].map(exponentOf)).toEqual([2, 0, 0, 3, 3, 4, 2])
  })

  it('tell whole minor units exactly, and none for an amount that has parts of one', () => {
    expect(minorUnits('26.85', 'USD')).toBe(2685n)
    expect(minorUnits('25', 'JPY')).toBe(25n)
    expect(minorUnits('999999999999999.99', 'USD')).toBe(99_999_999_999_999_999n)
    expect(minorUnits('26.855', 'USD')).toBeNull()
    expect(minorUnits('0.5', 'JPY')).toBeNull()
  })

  it('an amount is the same after going out and coming in again', () => {
    fc.assert(
      fc.property(amount, fc.constantFrom('USD', 'JPY', 'KWD', null), ({ text }, currency) => {
        const canonical = canonicalAmount(text)!
        expect(canonicalAmount(formatAmount(canonical, currency))).toBe(canonical)
      }),
      { numRuns: 200 },
    )
  })
})

describe('sums', () => {
  const canonical = amount.map(({ text, millionths: value }) => ({ text: canonicalAmount(text)!, value: value / 4n }))
  const quarter = canonical.map(({ value }) => {
    const digits = value.toString().padStart(7, '0')
    return { value, text: canonicalAmount(`${digits.slice(0, -6)}.${digits.slice(-6)}`)! }
  })

  it('are exact to the last digit, and canonical', () => {
    fc.assert(
      fc.property(fc.array(quarter, { maxLength: 4 }), parts => {
        const sum = addAmounts(...parts.map(({ text }) => text))
        expect(millionths(sum)).toBe(parts.reduce((total, { value }) => total + value, 0n))
        expect(canonicalAmount(sum)).toBe(sum)
      }),
      { numRuns: 150 },
    )
    expect(addAmounts('0.1', '0.2')).toBe('0.3')
    expect(addAmounts()).toBe('0')
  })

  it('and what is left of one are never below nothing', () => {
    fc.assert(
      fc.property(quarter, quarter, quarter, (a, b, c) => {
        const left = subtractAmounts(a.text, b.text, c.text)
        const exact = a.value - b.value - c.value
        expect(millionths(left)).toBe(exact < 0n ? 0n : exact)
        expect(canonicalAmount(left)).toBe(left)
      }),
      { numRuns: 150 },
    )
    expect(subtractAmounts('30', '9.99')).toBe('20.01')
    expect(subtractAmounts('30')).toBe('30')
  })

  it('the greatest is one of them, and not less than any', () => {
    fc.assert(
      fc.property(fc.array(quarter, { minLength: 1, maxLength: 4 }), parts => {
        const texts = parts.map(({ text }) => text)
        const greatest = greatestAmount(...texts)
        expect(texts).toContain(greatest)
        for (const text of texts) expect(compareAmounts(greatest, text)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 100 },
    )
    expect(greatestAmount()).toBe('0')
  })
})
