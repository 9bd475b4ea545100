import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FieldError } from '../domain/change.ts'
import { AppError, statusOf, type ErrorCode } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Unpacked } from './unpack-body.ts'

/** The one shape of every refusal. */
export interface RefusalBody {
  code: ErrorCode
  message: string
  errors: FieldError[]
}

/** Answers with a refusal, with the status of its code unless another is given. */
export function refuse(
  reply: FastifyReply,
  code: ErrorCode,
  message: string,
  { errors = [], status = statusOf(code) }: { errors?: FieldError[]; status?: number } = {},
): FastifyReply {
  return reply.code(status).send({ code, message, errors } satisfies RefusalBody)
}

/** Answers a body whose content encoding could not be undone. */
export const refuseUnpacked = (
  reply: FastifyReply,
  { status, code, fault }: Extract<Unpacked, { fault: FieldError }>,
): FastifyReply => refuse(reply, code, fault.message, { errors: [fault], status })

/** Our errors by their kind, the framework's by their status, anything else as a fault of ours: without a word of what was sent. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler(async (error: FastifyError | AppError, request, reply) => {
    const { status, code, message, field } = describe(error)
    if (status === 413) await readOff(request.raw)
    const retryAfterMs = error instanceof AppError ? error.retryAfterMs : undefined
    // A refusal that says when to come back is no failure, and a flood of them would fill the log; metrics count it.
    if (status >= 500 && retryAfterMs === undefined)
      log.error({ err: error, route: request.routeOptions.url, status }, 'request failed')
    if (status === 503) void reply.header('retry-after', '5')
    if (retryAfterMs !== undefined) void reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)))
    // A request that was not read whole ends in `openServer`, which lets its sender see the answer.
    if (status !== 413) void reply.removeHeader('connection')
    return refuse(reply, code, message, { errors: [{ field, message }], status })
  })
  app.setNotFoundHandler((request: FastifyRequest, reply) => {
    const message = `expected one of this port's routes; ${request.method} does not answer here`
    return refuse(reply, 'not-found', message, { errors: [{ field: 'url', message }] })
  })
}

const READ_OFF_BYTES = 64 * 1024 * 1024
const READ_OFF_MS = 5_000

/**
 * Reads what is left of a request and throws it away, within bounds: the connection closes behind the answer, and a sender
 * that is still writing then would see it break, not the answer, and send the same again.
 */
function readOff(request: IncomingMessage): Promise<void> {
  return new Promise(resolve => {
    let left = READ_OFF_BYTES
    const onData = (part: Buffer) => {
      left -= part.length
      if (left < 0) end()
    }
    const end = () => {
      clearTimeout(timer)
      request.off('data', onData)
      resolve()
    }
    const timer = setTimeout(end, READ_OFF_MS)
    request.once('close', end).once('end', end)
    request.on('data', onData)
  })
}

/** What to answer to an error, by its kind or by the framework's code; without a word of what was sent. */
export function describe(error: FastifyError | AppError): {
  status: number
  code: ErrorCode
  message: string
  field: string
} {
  if (error instanceof AppError)
    return { status: statusOf(error.code), code: error.code, message: error.message, field: '' }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        status: 413,
        code: 'too-large',
        message: 'expected a body of at most 4 MiB; send fewer changes at once',
        field: 'body',
      }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        status: 415,
        code: 'not-json-type',
        message: 'expected the content type application/json; set that header',
        field: 'content-type',
      }
    case 'FST_ERR_HANDLER_TIMEOUT':
      return { status: 503, code: 'too-slow', message: 'no answer in time; try again', field: '' }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return {
        status: 400,
        code: 'bad-length',
        message: 'expected as many bytes as content-length states',
        field: 'content-length',
      }
  }
  const status = error.statusCode ?? 500
  if (status === 429)
    return { status, code: 'throttled', message: 'too many requests; wait as long as Retry-After states', field: '' }
  if (status === 401)
    return { status, code: 'unverified', message: 'expected a user name and a password', field: 'authorization' }
  if (status >= 400 && status < 500)
    return { status, code: 'bad-request', message: 'expected a request this route understands', field: 'request' }
  return { status: 500, code: 'bug', message: 'a fault of ours; the log has it', field: '' }
}

const BROKEN_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

export const BROKEN = 'expected a request as HTTP writes it'

/** What is no HTTP at all never reaches a route; it is answered in the same shape, and the connection closed. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = BROKEN_STATUS[error.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({
    code: 'bad-request',
    message: BROKEN,
    errors: [{ field: 'request', message: BROKEN }],
  } satisfies RefusalBody)
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`
  socket.end(head + body)
}
