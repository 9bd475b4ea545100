import { describe, expect, it } from 'vitest'
import { statedAmount } from '../../src/gateways/http/stated-amount.ts'

describe('an amount as a gateway states it', () => {
  it.each([
    ['10.040000000000001', 'USD', '10.04'],
    ['12.299999999999999', 'USD', '12.3'],
    ['26.85', 'USD', '26.85'],
    ['25', 'USD', '25'],
    ['0.1', null, '0.1'],
    ['1.7763568394002505e-15', 'USD', '0'],
    ['-1.7763568394002505E-15', 'USD', '0'],
    ['-0.00', 'USD', '0'],
    ['5e-3', 'KWD', '0.005'],
    ['2500.0000000001', 'JPY', '2500'],
    ['1.2345000000000001', 'CLF', '1.2345'],
    // Exactly a millionth of a cent, and a little more.
    ['1.00000001', 'USD', '1'],
    ['0.99999999', 'USD', '1'],
    ['1.000000011', 'USD', null],
    // Finer than the currency and no noise: as it is written, for its reader to judge.
    ['12.345', 'USD', '12.345'],
    ['26.850001', 'USD', '26.850001'],
    ['12.3450001', 'USD', null],
    ['1E+2', 'USD', '100'],
    ['1.234', null, '1.234'],
    ['1.234', 'KWD', '1.234'],
    ['-1', 'USD', null],
    ['-0.01', 'USD', null],
    ['1,5', 'USD', null],
    ['', 'USD', null],
    ['NaN', null, null],
    ['1234567890123456', 'USD', null],
  ])('%s %s is read as %s', (text, currency, amount) => {
    expect(statedAmount(text, currency)).toBe(amount)
  })
})
