import type { IncomingMessage } from 'node:http'
import { errorCodes } from 'fastify'
import { MAX_BODY_BYTES } from './unpack-body.ts'

/** Room for a body to begin with, where it is not shorter; doubled whenever it is full. */
const FIRST_BYTES = 16 * 1024

/**
 * Reads a body of at most 4 MiB into one buffer that grows as bytes arrive: neither a stated length nor a body in parts of one byte
 * takes more memory than what was sent. `take` is asked before each growth; what it throws ends the reading.
 */
export function readBody(request: IncomingMessage, take: (bytes: number) => void): Promise<Buffer> {
  const stated = request.headers['content-length']
  const most = stated === undefined ? MAX_BODY_BYTES : Number(stated)
  let [body, size] = [Buffer.alloc(0), 0]

  function grow(wanted: number): void {
    const bytes = Math.min(Math.max(wanted, 2 * body.length, FIRST_BYTES), Math.max(wanted, most))
    take(bytes - body.length)
    const larger = Buffer.allocUnsafeSlow(bytes)
    body.copy(larger, 0, 0, size)
    body = larger
  }

  return new Promise((resolve, reject) => {
    const stop = () => request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken)
    const fail = (error: Error) => {
      stop()
      body = Buffer.alloc(0)
      request.resume()
      reject(error)
    }
    const onData = (part: Buffer) => {
      try {
        if (size + part.length > MAX_BODY_BYTES) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
        if (size + part.length > body.length) grow(size + part.length)
      } catch (error) {
        return fail(error as Error)
      }
      part.copy(body, size)
      size += part.length
    }
    const onEnd = () => {
      stop()
      resolve(body.subarray(0, size))
    }
    // The sender hung up before the end.
    const onBroken = () => fail(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH())
    if (most > MAX_BODY_BYTES) return reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken)
  })
}
