import { describe, expect, it } from 'vitest'
import { alertKindOf, isRdr, mayBeFraud, namesCdrn, mayTakeEvidence, networkOf } from '../../src/domain/alert/kind.ts'

describe('who sent it', () => {
  it.each([
    ['ethoca', 'refundable'],
    ['verifi', 'refundable'],
    ['verifi cdrn', 'refundable'],
    ['cdrn', 'refundable'],
    ['rdr', 'notice'],
    ['verifi rdr', 'notice'],
    ['tc40', 'notice'],
    ['ethoca safe', 'notice'],
    ['vmpi', 'notice'],
    ['verifi order_insight', 'notice'],
    ['consumer_clarity', 'notice'],
    ['inquiry', 'notice'],
    ['somebody', 'unknown'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('%j is %s', (partner, kind) => {
    expect(alertKindOf(partner === undefined ? {} : { partner })).toBe(kind)
  })

  it('RDR and CDRN are told apart', () => {
    expect([{ partner: 'verifi rdr' }, { partner: 'verifi cdrn' }, { partner: 'verifi' }, {}].map(isRdr)).toEqual([true, false, false, false]) // prettier-ignore
    expect([{ partner: 'verifi rdr' }, { partner: 'verifi cdrn' }, { partner: 'verifi' }, {}].map(namesCdrn)).toEqual([false, true, false, false]) // prettier-ignore
  })
})

describe('fraud', () => {
  it.each(['10.4', '10', '10_4', '4837', '4863 x', 'fraud', 'card stolen', 'unauthorized', 'unauthorised use'])('%j is', reason => {
    expect(mayBeFraud({ reason })).toBe(true)
  }) // prettier-ignore
  it.each(['13.1', '4853', '104', 'service dispute', '100', '12.6'])('%j is not', reason => {
    expect(mayBeFraud({ reason })).toBe(false)
  })
  it('may be what gives no reason', () => {
    expect(mayBeFraud({})).toBe(true)
  })
})

it('takes compelling evidence for Visa’s 10.4 alone, and where no code is given for what may be fraud', () => {
  const taken = (reason?: string) => mayTakeEvidence(reason === undefined ? {} : { reason })
  expect(['10.4', '10.4 fraud', 'fraud', undefined].map(taken)).toEqual([true, true, true, true])
  expect(['10.5', '10.5 fraud', '13.1', '13.1 fraud', 'service'].map(taken)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})

describe('the network an alert comes from', () => {
  it.each([
    ['ethoca', 'ethoca'],
    ['ethoca prevented', 'ethoca'],
    ['cdrn', 'verifi'],
    ['cdrn verifi', 'verifi'],
    ['verifi', 'verifi'],
    ['order_insight verifi', 'verifi'],
    ['rdr', 'rdr'],
    ['rdr verifi', 'rdr'],
    ['visa vmpi', 'vmpi'],
    ['init-refund', 'init-refund'],
    [undefined, ''],
  ])('of %j is %j', (partner, network) => {
    expect(networkOf(partner === undefined ? {} : { partner })).toBe(network)
  })
})

it.each(['ethoca prevented', 'ethoca resolved', 'fraud-notification'])('%j is a notice too', partner => {
  expect(alertKindOf({ partner })).toBe('notice')
})
