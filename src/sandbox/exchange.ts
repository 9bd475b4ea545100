import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Fault, Faults } from './faults.ts'
import type { OpenCall } from './inbox.ts'

/** What a vendor would answer; `commit` is there when the call would change something. */
export interface Outcome {
  status: number
  body: unknown
  commit?: () => void
}

/** Timers that end together, so that closing the sandbox leaves nothing behind. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>()
  #closed = false

  after(ms: number, act: () => void): void {
    if (this.#closed) return
    const timer = setTimeout(() => {
      this.#pending.delete(timer)
      act()
    }, ms)
    this.#pending.add(timer)
  }

  cancelAll(): void {
    for (const timer of this.#pending) clearTimeout(timer)
    this.#pending.clear()
  }

  /** Cancels all, and takes no more. */
  close(): void {
    this.#closed = true
    this.cancelAll()
  }
}

/** One call of one vendor: how it is served (a pure look: nothing changes before `commit`), and where it is noted. */
export interface Exchange {
  call: OpenCall
  reply: FastifyReply
  timers: Timers
  serve: () => Outcome
  /** The words of a failure made up by a fault. Platforms repeat what they were sent, so these do too. */
  words: string
  bodyOf: ErrorBodyOf
}

/** A vendor's body of a failure with this status and these words. */
export type ErrorBodyOf = (status: number, message: string) => unknown

/** A platform's error body. The vendors do not describe theirs; public clients look for these two members. */
export function errorBody(status: number, message: string): { error: string; message: string } {
  return { error: STATUS_CODES[status] ?? 'Error', message }
}

function answer({ call, reply }: Exchange, status: number, body: unknown): void {
  // Ended first: the caller may hear the answer, and call again, before this process hears that it was sent.
  call.end('answered', status)
  void reply.code(status).send(body)
}

const fail = (exchange: Exchange, status: number): void =>
  answer(exchange, status, exchange.bodyOf(status, `${STATUS_CODES[status] ?? 'Error'}: ${exchange.words}`))

function serve(exchange: Exchange): void {
  const { status, body, commit } = exchange.serve()
  commit?.()
  answer(exchange, status, body)
}

function reset({ call, reply }: Exchange): void {
  call.end('reset')
  reply.raw.socket?.resetAndDestroy()
}

/** Commits, at once or `lateMs` later, then goes on with `then`; a call that would be refused is just answered. */
function commitThen(exchange: Exchange, then: () => void, lateMs?: number): void {
  const { status, body, commit } = exchange.serve()
  if (!commit) return answer(exchange, status, body)
  if (lateMs === undefined) commit()
  else exchange.timers.after(lateMs, commit)
  then()
}

function sendStatus(exchange: Exchange, fault: Extract<Fault, { kind: 'status' }>): void {
  if (fault.retryAfterS !== undefined) void exchange.reply.header('retry-after', fault.retryAfterS)
  if (fault.body === undefined) fail(exchange, fault.status)
  else answer(exchange, fault.status, fault.body)
}

const HANG = (): void => undefined

/** Carries out one call as its fault has it; without one, serves it. Whatever hangs ends when its socket closes. */
export function carryOut(exchange: Exchange, fault: Fault | undefined, faults: Pick<Faults, 'hold'>): void {
  switch (fault?.kind) {
    case undefined:
    // The token was forgotten before the call is served: see the vendor's plugin.
    case 'token-revoked':
      return serve(exchange)
    case 'status':
      return sendStatus(exchange, fault)
    case 'html': {
      const status = fault.status ?? 502
      void exchange.reply.type('text/html')
      return answer(exchange, status, `<html><body><h1>${status}</h1><p>${exchange.words}</p></body></html>`)
    }
    case 'redirect':
      void exchange.reply.header('location', fault.location ?? 'moved')
      return answer(exchange, 302, '')
    case 'slow':
      return exchange.timers.after(fault.ms, () => serve(exchange))
    case 'hold':
      return faults.hold(() => serve(exchange))
    case 'hang':
      return HANG()
    case 'reset':
      return reset(exchange)
    case 'commit-then-fail':
      return commitThen(exchange, () => fail(exchange, fault.status ?? 500))
    case 'commit-then-hang':
      return commitThen(exchange, HANG)
    case 'commit-then-reset':
      return commitThen(exchange, () => reset(exchange))
    case 'late-commit':
      return commitThen(exchange, fault.hang ? HANG : () => fail(exchange, fault.status ?? 504), fault.ms)
  }
}
