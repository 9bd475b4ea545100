import { promisify } from 'node:util'
import { constants, gunzip } from 'node:zlib'
import type { FieldError } from '../domain/basics/field-error.ts'
import type { ErrorCode } from '../errors.ts'

/** A body without its content encoding, or why it cannot be read. */
export type Unpacked = { plain: Buffer } | { status: 413 | 415 | 400; code: ErrorCode; fault: FieldError }

/** No body may be larger, packed or not. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

const inflate = promisify(gunzip)
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Undoes `content-encoding: gzip`, up to `maxBytes` of what comes out of it. */
export async function unpackBody(encoding: string | undefined, body: Buffer, maxBytes: number): Promise<Unpacked> {
  const name = (encoding ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity') return { plain: body }
  if (name !== 'gzip' && name !== 'x-gzip')
    return refusal(415, 'bad-encoding', 'content-encoding', 'expected gzip or no encoding; send the body so')
  try {
    return { plain: await inflate(body, { maxOutputLength: maxBytes, finishFlush: constants.Z_FINISH }) }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? refusal(413, 'too-large', 'body', `expected at most ${maxBytes / 1024 / 1024} MiB once unpacked; send fewer changes at once`)
      : refusal(400, 'bad-encoding', 'body', 'expected bytes as gzip writes them, whole; check the content-encoding')
  }
} // prettier-ignore

const AT_ONCE = 2
const waiting: (() => void)[] = []
let running = 0

/** The same for a caller who has not proven who it is: few at once, so that memory stays bounded; the others wait. */
export async function unpackUnproven(encoding: string | undefined, body: Buffer, maxBytes: number): Promise<Unpacked> {
  if (running >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  running += 1
  try {
    return await unpackBody(encoding, body, maxBytes)
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}

/** The bytes behind a byte order mark, where there is one: it is no part of the text. */
export const withoutByteOrderMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes

const refusal = (status: 413 | 415 | 400, code: ErrorCode, field: string, message: string): Unpacked => ({
  status,
  code,
  fault: { field, message },
})
