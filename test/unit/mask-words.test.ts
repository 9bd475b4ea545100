import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import example from '../captures/midigator/order-request.json' with { type: 'json' }
import { maskWords } from '../../src/domain/mask-words.ts'
import { unescapeWords } from '../../src/domain/basics/unescape-words.ts'
import { cpuMs } from './cpu-ms.ts'

const unicodeEscapes = (text: string) =>
  JSON.stringify(text).replace(/[^\u0020-\u007e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#039;')
const entities = (text: string) => html(text).replace(/[^\u0000-\u007e]/gu, letter => `&#${letter.codePointAt(0)};`) // oxlint-disable-line no-control-regex
const ESCAPES: Record<string, (text: string) => string> = {
  none: text => text,
  upper: text => text.toUpperCase(),
  lower: text => text.toLowerCase(),
  json: text => JSON.stringify(text),
  'json twice': text => JSON.stringify(JSON.stringify(text)),
  'json in ASCII': unicodeEscapes,
  'json with slashes': text => unicodeEscapes(text).replaceAll('/', '\\/'),
  url: text => encodeURIComponent(text),
  form: text => new URLSearchParams({ v: text }).toString().slice(2),
  html,
  entities,
  decomposed: text => text.normalize('NFD'),
}

/** A value worth hiding, as a name or an address is: words of some letters, with what stands between them. */
const word = fc.string({
  unit: fc.constantFrom(...Array.from('abkmsxyzABKZéüßøñçĐЖя日本0123456789')),
  minLength: 3,
  maxLength: 9,
})
const value = fc
  .tuple(word, fc.constantFrom(' ', '@', '.', "'", '"', '/', '\\', '&', '-', '+', '$', '(', ' % ', ', '), word)
  .map(([first, between, last]) => first + between + last)

describe("a platform's words", () => {
  it('hold no value that was sent, in any case and any escaping', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(...Object.keys(ESCAPES)), fc.constantFrom('', '"', ' ', 'x='), (text, how, before) => {
        const echoed = ESCAPES[how]!(text)
        const masked = maskWords(`order refused: ${before}${echoed} is bad`, { email_address: text })
        const plain = unescapeWords(masked).toLowerCase()
        for (const piece of text.toLowerCase().normalize('NFC').match(/[\p{L}\p{N}]{3,}/gu) ?? []) expect(plain).not.toContain(piece)
        expect(masked).toContain('refused')
      }),
      { numRuns: 500 },
    ) // prettier-ignore
  })

  it('hold nothing of the whole payload when all of it is repeated', () => {
    const secrets = ['jane@example.com', 'Jane', 'Doe', '123 Sample Address', 'Detroit', '48201', '192.168.133.7', '555-254-4925', '985631214878714', '8546315789936', 'blacklisted', '401288', '1883'] // prettier-ignore
    const text = JSON.stringify(example)
    const parts = Array.from({ length: Math.ceil(text.length / 300) }, (_, i) => text.slice(i * 300, i * 300 + 700))
    for (const how of Object.values(ESCAPES)) {
      for (const part of parts) {
        // A value that the part itself cuts through is no value that was sent.
        const whole = part.slice(part.indexOf(','), part.lastIndexOf(','))
        const masked = maskWords(how(whole), [example, 'token']).toLowerCase()
        for (const secret of secrets) expect(masked).not.toContain(secret.toLowerCase())
      }
    }
  })

  it('keep the names of fields, also when a value is a part of one', () => {
    const sent = {
      order_status: 'status',
      cc_type: 'email',
      rma_reason: 'order',
      shipments: [{ tracking_number: 'number' }],
    }
    const words = 'email_address, order_status and order_id are wrong; tracking_number too: email'
    expect(maskWords(words, sent)).toBe('email_address, order_status and order_id are wrong; tracking_number too: •••')
  })

  it('hide short values where they stand alone, and leave words that hold them whole', () => {
    expect(maskWords('state MI is missing, Y', { billing_state: 'MI', avs: 'y' })).toBe('state ••• is missing, •••')
    expect(maskWords('山田様', { billing_last_name: '山田' })).toBe('•••様')
  })

  it('hide a value inside a longer word', () => {
    expect(maskWords('userJanesmith2 unknown', { billing_first_name: 'Jane' })).not.toMatch(/jane/i)
    expect(maskWords('user jane_smith unknown', { email_address: 'jane@smith.com' })).not.toMatch(/jane|smith/i)
  })

  it('hide secrets of the call, whatever characters they are made of', () => {
    const token = '$6$rounds=193723$Nhy7aSYN/i4bMQFd$390H2DQUWF5.n0BHp/GPpy5CsmzJaxFIIr2'
    expect(maskWords(`Bearer ${token} expired`, [{}, token])).toBe('Bearer ••• expired')
    expect(maskWords(`Bearer ${token.toUpperCase()} expired`, [{}, token])).not.toMatch(/rounds|Nhy7/i)
  })

  it('hide numbers of an account or a card that were never sent', () => {
    expect(maskWords('account 123456789 and 4012 8888 8888 1881', {})).toBe('account ••• and 401288******1881')
  })

  it('hide short words with the value they belong to, the longest value first', () => {
    expect(maskWords('Jane Doe Li is bad', { first: 'Jane', full: 'Jane Doe Li' })).toBe('••• is bad')
    expect(maskWords('SSSS is bad', { name: 'ßß' })).toBe('••• is bad')
    expect(maskWords('7%41 b2 is bad', { name: '7%41 b2' })).toBe('••• is bad')
  })

  it('are cut without leaving the first half of a value behind', () => {
    // What is masked before it makes room, so that the place of the cut comes into sight.
    const long = 'Detroit'.repeat(50)
    for (let pad = 180; pad <= 245; pad++) {
      const words = `${`${long} `.repeat(5)}${'y'.repeat(pad)} Supercalifragilistic is not known`
      expect(maskWords(words, { a: 'Supercalifragilistic', b: long })).not.toMatch(/sup/i)
    }
  })

  it('are 500 characters at most, well-formed, and cost little, whatever comes', () => {
    const before = process.cpuUsage()
    const many = Array.from({ length: 2_000 }, (_, i) => ({ name: `name ${i}`, note: 'x '.repeat(100) }))
    for (const words of ['\ud800'.repeat(5_000), '%'.repeat(5_000), '\\u'.repeat(5_000), '&#'.repeat(5_000), '\\'.repeat(5_000), 'name 7 '.repeat(900)]) {
      const masked = maskWords(words, many)
      expect(masked.length).toBeLessThanOrEqual(500)
      expect(masked.isWellFormed()).toBe(true)
    }
    expect(cpuMs(before)).toBeLessThan(1_500)
  }) // prettier-ignore

  it('say the same when nothing in them was sent', () => {
    expect(maskWords('Unprocessable: field is missing', { avs: '', is_refund: true, order_total: null })).toBe(
      'Unprocessable: field is missing',
    )
    expect(maskWords('', example)).toBe('')
  })
})

describe('escapes', () => {
  it.each([
    ['Jos\\u00e9 \\ud83d\\ude00', 'José 😀'],
    ['Jos\\u{e9}', 'José'],
    ['a\\/b \\"c\\" \\\\d', 'a/b "c" \\d'],
    ['caf%C3%A9 caf%E9 caf\\xc3\\xa9', 'café café café'],
    ['&lt;O&#39;Neil&#x27;&gt; &amp;amp;', "<O'Neil'> &"],
    ['100% %zz \\uZZZZ &#99999999; &nope;', '100% %zz \\uZZZZ &#99999999; &nope;'],
    ['e\u0301', 'é'],
  ])('%s is read as %s', (text, plain) => {
    expect(unescapeWords(text)).toBe(plain)
  })
})
