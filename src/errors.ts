/** Errors are named for the next move. This list is the only one; the table in ARCHITECTURE.md is held against it. */
export const ERROR_KINDS = {
  invalid: { status: 422, meaning: 'The input is wrong; the sender must mend it.' },
  unverified: { status: 401, meaning: 'Who sent it could not be proven.' },
  denied: { status: 403, meaning: 'The platform does not let us in; a person must look, a probe lifts it.' },
  conflict: { status: 409, meaning: 'The state does not allow it now.' },
  throttled: { status: 429, meaning: 'Too fast; wait as long as was said.' },
  transient: { status: 503, meaning: 'It may work later; try again with back-off.' },
  rejected: { status: 502, meaning: 'The platform refused this order; wait for a change of it.' },
  uncertain: { status: 504, meaning: 'It was sent and nobody knows whether it took effect; look it up.' },
  bug: { status: 500, meaning: 'Our own fault; the log has it.' },
} as const satisfies Record<string, { status: number; meaning: string }>

export type ErrorKind = keyof typeof ERROR_KINDS

/** An error that knows what to do next. `code` is a constant a machine may compare; the message never holds order data. */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  /** How long to wait before the next try, where the other side said so. */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.kind = kind
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
