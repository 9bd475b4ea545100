import { describe, expect, it } from 'vitest'
import { isSignatureOf, signatureOf } from '../../src/platforms/chargebackhit/signature.ts'

const KEYS = { publicKey: 'pk_test', secretKey: 'sk_test' }
const BODY = '{"outcome":"reversed"}'
const OF_BODY =
  'MzBhZWZjNDllOGUwZTMxZDY2ODZhZTczZmE4MDYyMDk0NGUzNGZiYzUwZDUzOTNjZTdjODBkNzlhMmQxZjI5MTRlYjBhOTAwNDU5ZGNiMzE3YjgxNzRmN2Y0MTE5MjYxYTRjOTBlNTIwZmJiMDJjYjMzYTk5OWM5YzZmZmQ5Yzc='
const OF_NOTHING =
  'NTdmYmM3MTU4ZWI1MzFkNjAwNDU3NmE4YThiMWU2ZTFkYTI1MWJkMzBhNjEyMmJhYTc4OWM4ODZhMjZmOWZmM2YyOGYxNjFkNDNjNmQ5NGM2NTY2NDliYmQ1ZGI3ZDQ2ZWZlZWZmMzk5NTEwYjM0N2VkOGMzYTFjZjI5MGQ2YjY='

describe("Chargebackhit's signature", () => {
  it.each([
    [BODY, OF_BODY],
    ['', OF_NOTHING],
  ])('of %j is what the vendor’s rule gives', (body, signature) => {
    expect(signatureOf(KEYS, body)).toBe(signature)
    expect(signatureOf(KEYS, Buffer.from(body))).toBe(signature)
    expect(isSignatureOf(KEYS, body, signature)).toBe(true)
    expect(isSignatureOf(KEYS, Buffer.from(body), signature)).toBe(true)
  })

  it('is base64 of 128 lower-case hex digits', () => {
    expect(Buffer.from(OF_BODY, 'base64').toString()).toMatch(/^[0-9a-f]{128}$/)
    expect(OF_BODY).toHaveLength(172)
  })

  it('is over the bytes as they are, be they text or not', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])
    expect(isSignatureOf(KEYS, bytes, signatureOf(KEYS, bytes))).toBe(true)
    expect(isSignatureOf(KEYS, bytes.toString('utf8'), signatureOf(KEYS, bytes))).toBe(false)
    expect(isSignatureOf(KEYS, '{"name":"Zoë"}', signatureOf(KEYS, Buffer.from('{"name":"Zoë"}')))).toBe(true)
  })

  it('does not fit when any byte of the body is altered, added or left out', () => {
    const body = Buffer.from(BODY)
    for (let i = 0; i < body.length; i++) {
      const altered = Buffer.from(body)
      altered[i] = (altered[i] ?? 0) ^ 1
      expect(isSignatureOf(KEYS, altered, OF_BODY)).toBe(false)
    }
    for (const other of [`${BODY}\n`, ` ${BODY}`, '{"outcome": "reversed"}', BODY.slice(1), ''])
      expect(isSignatureOf(KEYS, other, OF_BODY)).toBe(false)
  })

  it('does not fit when any of its own characters is altered', () => {
    for (let i = 0; i < OF_BODY.length; i++) {
      const altered = `${OF_BODY.slice(0, i)}${OF_BODY[i] === 'M' ? 'N' : 'M'}${OF_BODY.slice(i + 1)}`
      expect(isSignatureOf(KEYS, BODY, altered)).toBe(false)
    }
  })

  it.each(['', 'x', OF_BODY.slice(0, -1), `${OF_BODY}=`, ` ${OF_BODY}`, 'é'.repeat(86), '\u0000', OF_NOTHING])(
    'is not %j',
    given => {
      expect(isSignatureOf(KEYS, BODY, given)).toBe(false)
    },
  )

  it('is not the hex alone, nor base64 of the bytes, nor that of upper-case hex', () => {
    const hex = Buffer.from(OF_BODY, 'base64').toString()
    for (const given of [
      hex,
      Buffer.from(hex, 'hex').toString('base64'),
      Buffer.from(hex.toUpperCase()).toString('base64'),
    ])
      expect(isSignatureOf(KEYS, BODY, given)).toBe(false)
  })

  it('depends on both keys', () => {
    expect(signatureOf({ ...KEYS, secretKey: 'sk_other' }, BODY)).not.toBe(OF_BODY)
    expect(signatureOf({ ...KEYS, publicKey: 'pk_other' }, BODY)).not.toBe(OF_BODY)
  })
})
