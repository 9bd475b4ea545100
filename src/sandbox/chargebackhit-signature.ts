import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** The account's pair, of both directions. */
export interface Keys {
  publicKey: string
  secretKey: string
}

/** After the guide's PHP sample: base64_encode(hash_hmac('sha512', public . json . public, secret)), which hashes to hex. */
function signature({ publicKey, secretKey }: Keys, body: Buffer): string {
  const around = Buffer.from(publicKey, 'utf8')
  const mac = createHmac('sha512', Buffer.from(secretKey, 'utf8')).update(Buffer.concat([around, body, around]))
  return Buffer.from(mac.digest().toString('hex'), 'latin1').toString('base64')
}

/** The two headers of a request with this body. */
export const signedHeaders = (keys: Keys, body: string | Buffer): { signature: string; public_key: string } => ({
  signature: signature(keys, typeof body === 'string' ? Buffer.from(body, 'utf8') : body),
  public_key: keys.publicKey,
})

/** Why a request is not taken for the account's, over the raw bytes of its body; undefined when it is. */
export function signatureFault(headers: IncomingHttpHeaders, body: Buffer, keys: Keys): string | undefined {
  const { public_key: publicKey, signature: given } = headers
  if (typeof publicKey !== 'string') return 'public_key is missing'
  if (typeof given !== 'string') return 'signature is missing'
  if (publicKey.length > 500 || given.length > 500) return 'public_key and signature have at most 500 characters'
  if (publicKey !== keys.publicKey) return `public_key "${publicKey}" is not known`
  const [expected, actual] = [Buffer.from(signature(keys, body)), Buffer.from(given)]
  const fits = expected.length === actual.length && timingSafeEqual(expected, actual)
  return fits ? undefined : 'signature does not fit the body'
}
