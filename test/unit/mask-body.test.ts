import { describe, expect, it } from 'vitest'
import { maskBody } from '../../src/domain/basics/mask-body.ts'

const masked = (body: unknown) => {
  const result = maskBody(body)
  expect(result.masked).toBe(true)
  return result.body
}

describe('a refused body that is kept', () => {
  it('is kept as it came when there is nothing to hide', () => {
    const body = { order_id: '1', order_total: 'x', a: [1, true, null, { cvv: 'M' }], cc_first_6: '401288', cc_last_4: '1881' }
    expect(maskBody(body)).toEqual({ body, masked: false })
    for (const scalar of ['x', 5, null, true, []]) expect(maskBody(scalar)).toEqual({ body: scalar, masked: false })
  }) // prettier-ignore

  it('has no card number, wherever it stands: in text, numbers, lists, unknown fields, names', () => {
    const body = {
      order_id: '4012888888881881',
      number: 378282246310005,
      deep: [{ any: ['4012 8888 8888 1881'] }],
      '4012-8888-8888-1881': 1,
    }
    expect(masked(body)).toEqual({
      order_id: '401288******1881',
      number: '378282******0005',
      deep: [{ any: ['401288******1881'] }],
      '401288******1881': 1,
    })
  })

  it.each(['cvv', 'CVV', 'cvc2', 'card_cvv', 'cvvCode', 'csc', 'cid', 'security_code', 'securityCode'])('has no security code in %s', name => {
    for (const code of ['123', '1234', 123, ' 123 ', '1-2-3']) expect(masked({ card: { [name]: code } })).toEqual({ card: { [name]: '***' } })
    expect(masked({ [name]: ['123'] })).toEqual({ [name]: ['***'] })
  }) // prettier-ignore

  it('has no more of a card than its first six and last four', () => {
    expect(masked({ cc_first_6: '40128888', cc_last_4: '81881' })).toEqual({ cc_first_6: '***', cc_last_4: '***' })
    expect(masked({ cc_first_6: 4012888, cc_last_4: '1 8 8 1 8' })).toEqual({ cc_first_6: '***', cc_last_4: '***' })
  })

  it('has no more of a card in the fields of an alert than a BIN and the last four, or a masked number', () => {
    const body = { card_first_6: '40128888', card_last_4: '****1881', bin: '401288******1881', last_four: '1881' }
    expect(maskBody(body)).toEqual({ body, masked: false })
    expect(masked({ card_first_6: '4012888888', card_last_4: '4012888888881882', bin: '4012888888*1882', last_four: '18 81 8' })).toEqual({
      card_first_6: '***', card_last_4: '***', bin: '***', last_four: '***',
    })
  }) // prettier-ignore
})
