import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { PAYMENT_WORDS, STATUS_WORDS } from '../../src/domain/order-fields.ts'
import { createGenericSource } from '../../src/sources/generic/index.ts'
import { signBody } from '../../src/standard-webhooks.ts'
import { createSources } from '../../src/sources/index.ts'
import type { Verification } from '../../src/sources/source.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.from('another secret of 24 byte').toString('base64')}`
const MAX_AGE_HOURS = 72
const NOW = Date.UTC(2026, 0, 31, 9, 20, 11, 999)
const SECONDS = Math.floor(NOW / 1_000)
const BODY = '{"order_id":"741258"}'

const verify = (
  headers: Record<string, string | string[] | undefined>,
  body = BODY,
  secrets = [SECRET],
): Verification => createGenericSource(secrets, MAX_AGE_HOURS).verify({ rawBody: Buffer.from(body), headers, now: NOW })
const refused = (verification: Verification) => (verification.verified ? null : verification)
const signed = (body = BODY, seconds = SECONDS, secret = SECRET) => signBody(secret, 'msg_1', seconds, body)

/** What the published library says, at our time. */
function oracle(headers: Record<string, string>, body: string, secret = SECRET): boolean {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false })
    return true
  } catch {
    return false
  } finally {
    vi.useRealTimers()
  }
}
const oracleSigned = (id: string, seconds: number, body: string, secret = SECRET) => ({
  'webhook-id': id,
  'webhook-timestamp': String(seconds),
  'webhook-signature': new Webhook(secret).sign(id, new Date(seconds * 1_000), body),
})

const body = fc.oneof(fc.json(), fc.string({ unit: 'grapheme', minLength: 1 }))
const id = fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/)

describe('a hook signed after Standard Webhooks', () => {
  it('by the published library is verified', () => {
    fc.assert(
      fc.property(id, body, fc.integer({ min: -300, max: 300 }), (messageId, text, skew) => {
        expect(verify(oracleSigned(messageId, SECONDS + skew, text), text)).toEqual({ verified: true })
      }),
      { numRuns: 100 },
    )
  })

  it('by us is verified by the published library', () => {
    fc.assert(
      fc.property(id, body, (messageId, text) => {
        expect(oracle(signBody(SECRET, messageId, SECONDS, text), text)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it.each([-300, -299, 0, 299, 300, 301, 86_400])('%i seconds ahead is judged as by the library', skew => {
    const headers = signed(BODY, SECONDS + skew)
    expect(verify(headers).verified).toBe(oracle(headers, BODY))
    expect(verify(headers).verified).toBe(skew <= 300)
  })

  it('hours ago is verified for as long as the merchant has it, since senders repeat it as they signed it first', () => {
    const hours = (count: number, more = 0) => signed(BODY, SECONDS - count * 3_600 - more)
    for (const headers of [hours(1), hours(24), hours(MAX_AGE_HOURS)]) expect(verify(headers).verified).toBe(true)
    expect(refused(verify(hours(MAX_AGE_HOURS, 1)))).toMatchObject({ why: 'too-old', field: 'webhook-timestamp' })
    expect(refused(verify(hours(1_000)))).toMatchObject({ why: 'too-old' })
  })

  it('too long ago and not by us is no word of age', () => {
    const old = { ...signed(BODY, SECONDS - 1_000 * 3_600), 'webhook-signature': 'v1,AAAA' }
    expect(refused(verify(old))).toMatchObject({ why: 'unverified', field: 'webhook-signature' })
  })

  it('of which one byte was changed is refused as by the library', () => {
    fc.assert(
      fc.property(fc.constantFrom('body', 'webhook-id', 'webhook-timestamp', 'webhook-signature'), fc.nat(100), (what, at) => {
        const headers: Record<string, string> = signed()
        const change = (text: string) => {
          const i = at % text.length
          return text.slice(0, i) + String.fromCodePoint((text.codePointAt(i)! % 9) + 49) + text.slice(i + 1)
        }
        const text = what === 'body' ? change(BODY) : BODY
        if (what !== 'body') headers[what] = change(headers[what]!)
        fc.pre(text !== BODY || headers[what] !== signed()[what])
        // Base64 has bits at its end that mean nothing: there we are more lenient, and no signature is forged by it.
        fc.pre(what !== 'webhook-signature' || at % headers[what]!.length < headers[what]!.length - 2)
        expect(oracle(headers, text)).toBe(false)
        expect(verify(headers, text).verified).toBe(false)
      }),
      { numRuns: 200 },
    ) // prettier-ignore
  })

  it('is verified over the raw bytes, not over what they mean', () => {
    expect(verify(signed('{"a": 1}'), '{"a":1}').verified).toBe(false)
    const bytes = Buffer.from([0xff, 0xfe])
    const headers = signed(bytes.toString('utf8'))
    expect(createGenericSource([SECRET], MAX_AGE_HOURS).verify({ rawBody: bytes, headers, now: NOW }).verified).toBe(
      false,
    )
  })

  it('by any of several secrets is verified, while they are rotated', () => {
    for (const secret of [SECRET, OTHER]) {
      expect(verify(signed(BODY, SECONDS, secret), BODY, [OTHER, SECRET]).verified).toBe(true)
    }
    expect(verify(signed(BODY, SECONDS, OTHER), BODY, [SECRET])).toMatchObject({
      why: 'unverified',
      field: 'webhook-signature',
    })
  })

  it('with several signatures is verified when one of them is right', () => {
    const [mine, theirs] = [signed()['webhook-signature']!, signed(BODY, SECONDS, OTHER)['webhook-signature']!]
    for (const signature of [`${theirs} ${mine}`, `${mine} ${theirs}`, `v1a,${theirs.slice(3)} ${mine}`, `v2,x ${mine}`]) {
      const headers = { ...signed(), 'webhook-signature': signature }
      expect(verify(headers).verified).toBe(true)
      expect(oracle(headers, BODY)).toBe(true)
    }
  }) // prettier-ignore

  it('with a signature of another version alone is refused', () => {
    const bare = signed()['webhook-signature']!.slice(3)
    for (const signature of [bare, `v2,${bare}`, `v1a,${bare}`, `V1,${bare}`, `v1,`, 'v1', '', 'v1,AAAA', ' ']) {
      expect(verify({ ...signed(), 'webhook-signature': signature }).verified).toBe(false)
    }
  })

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s is refused by that name', name => {
    expect(refused(verify({ ...signed(), [name]: undefined }))).toMatchObject({ why: 'unverified', field: name })
    expect(refused(verify({ ...signed(), [name]: '' }))).toMatchObject({ why: 'unverified', field: name })
    expect(refused(verify({ ...signed(), [name]: ['a', 'b'] }))).toMatchObject({ why: 'unverified', field: name })
  })

  it.each(['now', '-1', '1.5', '1e9', `${SECONDS}000`, ` ${SECONDS}`, '٣', '9'.repeat(30)])('at the time %j is refused', timestamp => {
    const headers = { ...signed(), ...signBody(SECRET, 'msg_1', timestamp as unknown as number, BODY), 'webhook-timestamp': timestamp }
    expect(refused(verify(headers))).toMatchObject({ why: 'unverified', field: 'webhook-timestamp' })
  }) // prettier-ignore

  it('cannot be checked without a secret, which is told apart', () => {
    expect(refused(verify(signed(), BODY, []))).toMatchObject({ why: 'unconfigured' })
  })

  it('is refused without a word of the secret or of the right signature', () => {
    const words = JSON.stringify(verify({ ...signed(), 'webhook-signature': 'v1,AAAA' }))
    expect(words).not.toContain(SECRET.slice(6))
    expect(words).not.toContain(signed()['webhook-signature']!.slice(3))
  })
})

describe('the sources', () => {
  it('have names that fit a route, and ranks that fit a tie', () => {
    for (const [name, source] of createSources({ HOOK_SECRET: [SECRET], HOOK_MAX_AGE_HOURS: MAX_AGE_HOURS })) {
      expect(source.name).toBe(name)
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect(Number.isInteger(source.rank) && source.rank >= 0 && source.rank <= 99).toBe(true)
    }
  })

  it('of which the generic one reads our own shape', () => {
    const source = createSources({ HOOK_SECRET: undefined, HOOK_MAX_AGE_HOURS: MAX_AGE_HOURS }).get('generic')
    expect(source?.normalise({ order_id: '1', occurred_at: '2026-01-31 09:20:11', avs: 'Y' })).toMatchObject({ change: { orderId: '1', values: { avs: 'Y' } } }) // prettier-ignore
  })
})

describe('the documented status words', () => {
  it('are those that are read', async () => {
    const readme = await readFile(new URL('../../src/sources/generic/README.md', import.meta.url), 'utf8')
    const rows = [...readme.matchAll(/^\| `(order_status|payment_state)` +\| `(\w+)` +\| (.+?) +\|$/gm)]
    const documented = rows.flatMap(([, field, read, written]) =>
      [...written!.matchAll(/`([^`]+)`/g)].map(([, word]) => `${field} ${word} ${read}`),
    )
    const known = (field: string, words: Readonly<Record<string, string>>) =>
      Object.entries(words).map(([word, read]) => `${field} ${word} ${read}`)
    const read = [...known('order_status', STATUS_WORDS), ...known('payment_state', PAYMENT_WORDS)]
    expect(documented.toSorted()).toEqual(read.toSorted())
  })
})
