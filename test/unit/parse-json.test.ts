import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChange } from '../../src/domain/change.ts'
import { parseJson } from '../../src/parse-json.ts'
import { cpuMs } from './cpu-ms.ts'

const read = (text: string | Buffer) => parseJson(typeof text === 'string' ? Buffer.from(text) : text)
const faultOf = (text: string | Buffer) => {
  const parsed = read(text)
  return 'fault' in parsed ? parsed.fault : null
}

describe('a body', () => {
  it('is read as JSON.parse reads it, as long as no number is long', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, depthSize: 'small' }), value => {
        const text = JSON.stringify(value)
        fc.pre(!/[\d.eE+-]{16}|__proto__|constructor|prototype/.test(text))
        expect(read(text)).toEqual({ value: JSON.parse(text) as unknown })
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['{"a":12345678901234567}', { a: '12345678901234567' }],
    ['{"a":-0.12345678901234567}', { a: '-0.12345678901234567' }],
    ['[99999999999999999999999999]', ['99999999999999999999999999']],
    ['{"a": 26.85, "b":12345678901234567}', { a: 26.85, b: '12345678901234567' }],
    ['{"a":123456789012345}', { a: 123456789012345 }],
    ['{"a":"12345678901234567"}', { a: '12345678901234567' }],
    [
      String.raw`{"a":"\"[[[[[[[[[[[[[[[[[[[[[[","b":12345678901234567}`,
      { a: '"[[[[[[[[[[[[[[[[[[[[[[', b: '12345678901234567' },
    ],
    ['{"a":{"b":[1,\n 9007199254740993]}}', { a: { b: [1, '9007199254740993'] } }],
    ['{"a":"[,:1234567890123456","b":1e2,"c":true,"d":null}', { a: '[,:1234567890123456', b: 100, c: true, d: null }],
  ])('%s keeps every digit', (text, value) => {
    expect(read(text)).toEqual({ value })
  })

  it('keeps a long transaction id whole, though it came as a number', () => {
    const parsed = read('{"order_id":74125800000000000001,"occurred_at":"2026-01-01T00:00:00Z","transaction_id":98563121487871499999}')
    const change = 'value' in parsed ? parseChange(parsed.value) : null
    expect(change).toMatchObject({
      change: { orderId: '74125800000000000001', values: { transaction_id: '98563121487871499999' } },
    })
  }) // prettier-ignore

  it('means the same with a long number beside it: the last of two equal names counts', () => {
    expect(read('{"a":1,"a":2}')).toEqual({ value: { a: 2 } })
    expect(read('{"a":1,"a":2,"n":12345678901234567}')).toEqual({ value: { a: 2, n: '12345678901234567' } })
  })

  it.each(['', ' ', '{', '{"a":}', "{'a':1}", '{"a":1,}', '[1 2]', 'NaN', 'undefined', '01', '{"a":01}', '"\\x"', '{}{}', '\ufeff{}', '{"a":12345678901234567', '[12345678901234567,]', '{"a":1234567890123456.}'])('%j is no JSON', text => {
    expect(faultOf(text)).toMatchObject({ code: 'not-json', field: '' })
  }) // prettier-ignore

  it.each([[[0xff]], [[0xc3, 0x28]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]], [[0xf5, 0x80, 0x80, 0x80]], [[0x22, 0x80, 0x22]]])('of the bytes %j is no UTF-8', bytes => {
    expect(faultOf(Buffer.from(bytes))).toMatchObject({ code: 'not-utf-8', field: '' })
  }) // prettier-ignore
})

describe('nesting', () => {
  const nested = (depth: number, inner: string) => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`
  const objects = (depth: number, inner: string) => `${'{"a":'.repeat(depth)}${inner}${'}'.repeat(depth)}`

  it.each(['1', '12345678901234567'])('is taken to twenty levels and no deeper, around %s', inner => {
    for (const nest of [nested, objects]) {
      expect(read(nest(20, inner))).toHaveProperty('value')
      expect(faultOf(nest(21, inner))).toMatchObject({ code: 'too-deep' })
    }
  })

  it('of countless levels is refused as fast as any other', () => {
    const before = process.cpuUsage()
    expect(faultOf(nested(200_000, '12345678901234567'))?.code).toBe('too-deep')
    expect(faultOf('['.repeat(200_000))?.code).toBe('not-json')
    expect(faultOf(`${'['.repeat(200_000)}12345678901234567`)?.code).toBe('not-json')
    expect(faultOf(objects(50_000, '1'))?.code).toBe('too-deep')
    expect(cpuMs(before)).toBeLessThan(2_000)
  })

  it('is told with a place of bounded length', () => {
    const long = `{"${'x'.repeat(100_000)}":`.repeat(10)
    const fault = faultOf(`${long}${nested(15, '1')}${'}'.repeat(10)}`)
    expect(fault?.code).toBe('too-deep')
    expect(fault?.field.length).toBeLessThan(2_000)
  })
})

describe('keys that reach for prototypes', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('%s is refused wherever it stands, with its place', key => {
    expect(faultOf(`{"${key}":1}`)).toMatchObject({ code: 'forbidden-key', field: key })
    expect(faultOf(`{"a":[{"b":{"${key}":{}}}]}`)).toMatchObject({ code: 'forbidden-key', field: `a[0].b.${key}` })
    expect(faultOf(`[1,{"${key}":null}]`)).toMatchObject({ field: `[1].${key}` })
    // With a long number the other parser reads it.
    expect(faultOf(`{"n":12345678901234567,"a":{"${key}":{"x":1}}}`)).toMatchObject({ field: `a.${key}` })
  })

  it('are refused however they are escaped, and change no prototype', () => {
    expect(faultOf(String.raw`{"\u005f_proto__":{"polluted":true}}`)?.code).toBe('forbidden-key')
    expect(faultOf(String.raw`{"n":12345678901234567,"\u005f_proto__":{"polluted":true}}`)?.code).toBe('forbidden-key')
    expect({}).not.toHaveProperty('polluted')
  })

  it('are taken as values', () => {
    expect(read('{"order_id":"__proto__"}')).toEqual({ value: { order_id: '__proto__' } })
  })
})

describe('lone surrogates', () => {
  const AT = '"occurred_at":"2026-01-01T00:00:00Z"'
  const fieldAtFault = (members: string) => {
    const parsed = read(`{"order_id":"1",${AT},${members}}`)
    const change = 'value' in parsed ? parseChange(parsed.value) : null
    if (change === null) return []
    return ('errors' in change ? change.errors : change.faults).map(({ field }) => field)
  }

  it('escaped into a text are left out of it, and into a reference cost that alone, in lists and notes too', () => {
    expect(fieldAtFault(String.raw`"email_address":"a\ud800"`)).toEqual([])
    expect(fieldAtFault(String.raw`"order_id":"\udfff"`)).toEqual(['order_id'])
    expect(fieldAtFault(String.raw`"products":[{"sku":"a\ud83db","name":"\ud83d"}]`)).toEqual(['products[0].sku'])
    expect(fieldAtFault(String.raw`"notes":[{"timestamp":"2026-01-01T00:00:00Z","note":"\ude00\ud83d"}]`)).toEqual([])
  })

  it('in what is ignored do no harm', () => {
    expect(fieldAtFault(String.raw`"unknown\ud800":"\ud800"`)).toEqual([])
    expect(faultOf(String.raw`{"a\ud800":{"constructor":1}}`)?.field.isWellFormed()).toBe(true)
  })
})

describe('numbers kept as text', () => {
  const kept = (text: string) => parseJson(Buffer.from(text), 'all')

  it.each(['0', '-0', '10.40', '1e2', '190.47', '12345678901234567.10', '0.1'])('%s is the text it was written with', literal => {
    expect(kept(`{"a":[${literal},{"b":${literal}}]}`)).toEqual({ value: { a: [literal, { b: literal }] } })
    expect(kept(literal)).toEqual({ value: literal })
  }) // prettier-ignore

  it('leave everything else and every fault as it is', () => {
    expect(kept('{"a":"1","b":true,"c":null,"d":[]}')).toEqual({ value: { a: '1', b: true, c: null, d: [] } })
    expect(kept('{"a":01}')).toMatchObject({ fault: { code: 'not-json' } })
    expect(kept('{"constructor":1}')).toMatchObject({ fault: { code: 'forbidden-key' } })
    expect(kept('['.repeat(21) + ']'.repeat(21))).toMatchObject({ fault: { code: 'too-deep' } })
  })
})
