/** What to do after an error. */
export const ERROR_KINDS = {
  invalid: { status: 422, meaning: 'The input is wrong; its sender has to correct it.' },
  unverified: { status: 401, meaning: 'The sender could not be verified.' },
  denied: { status: 403, meaning: 'The platform rejects our credentials or address; a person must check them.' },
  conflict: { status: 409, meaning: 'The present state does not allow it.' },
  throttled: { status: 429, meaning: 'Too many requests; wait as long as stated.' },
  transient: { status: 503, meaning: 'It may work later; retry with back-off.' },
  rejected: { status: 502, meaning: 'The other side rejected the request; change it before a retry.' },
  uncertain: { status: 504, meaning: 'It was sent, and whether it took effect is unknown; look it up.' },
  bug: { status: 500, meaning: 'A fault of this program; the log has it.' },
} as const satisfies Record<string, { status: number; meaning: string }>

export type ErrorKind = keyof typeof ERROR_KINDS

/**
 * Every code that an answer over HTTP or a failed command has: its kind, and its HTTP status where that is not the kind's.
 * `docs/errors.md` lists them.
 */
export const ERRORS = {
  'alert-open': { kind: 'conflict', meaning: 'An alert or a refund of the order is open.' },
  'backup-unreadable': { kind: 'invalid', meaning: 'The backup is damaged, or is no backup of this program.' },
  'bad-encoding': { kind: 'invalid', status: 415, meaning: 'The content encoding is unknown (415), or the body is not what it states (400).' },
  'bad-length': { kind: 'invalid', status: 400, meaning: 'The body does not have as many bytes as `content-length` states.' },
  'bad-request': { kind: 'invalid', status: 400, meaning: 'The request is no HTTP request of a known route; the status is the one of HTTP.' },
  bug: { kind: 'bug', meaning: 'A fault of this program; the log has it.' },
  busy: { kind: 'transient', meaning: 'Too many large bodies are being read.' },
  'case-unknown': { kind: 'invalid', meaning: 'No case of that id is stored.' },
  contended: { kind: 'conflict', meaning: 'The case is changing; nothing was recorded.' },
  'daemons-running': { kind: 'conflict', meaning: 'Daemons run that have to be stopped first.' },
  denied: { kind: 'denied', meaning: 'The platform rejected our credentials.' },
  'file-exists': { kind: 'conflict', meaning: 'A file of that name exists.' },
  'file-invalid': { kind: 'invalid', meaning: 'The content of the file is wrong.' },
  'file-unreadable': { kind: 'invalid', meaning: 'The file cannot be read.' },
  'forbidden-key': { kind: 'invalid', meaning: 'The body has a key that no JSON of a sender needs, such as `__proto__`.' },
  held: { kind: 'conflict', meaning: 'The order is not settled, and is not pushed yet.' },
  'history-empty': { kind: 'invalid', meaning: 'The history has no change and no event.' },
  'hook-refused': { kind: 'rejected', meaning: 'The hook rejected the changes.' },
  'hook-unreachable': { kind: 'transient', meaning: 'The hook cannot be reached.' },
  'host-unknown': { kind: 'invalid', meaning: 'The host name cannot be listened on.' },
  invalid: { kind: 'invalid', meaning: 'A field is wrong; `errors` names each.' },
  'list-denied': { kind: 'denied', meaning: 'The platform rejected our credentials while a list was read.' },
  'list-failed': { kind: 'transient', meaning: 'The platform did not answer while a list was read.' },
  'list-rejected': { kind: 'rejected', meaning: 'The platform rejected the request for a list.' },
  'list-repeats': { kind: 'transient', meaning: 'The platform answered a page of a list twice.' },
  'list-throttled': { kind: 'throttled', meaning: 'The platform limited the rate while a list was read.' },
  'list-unreadable': { kind: 'transient', meaning: 'A page of a list cannot be read.' },
  'newer-case': { kind: 'transient', meaning: 'A newer version of this program wrote the case.' },
  'newer-order': { kind: 'transient', meaning: 'A newer version of this program wrote the order.' },
  'newer-record': { kind: 'conflict', meaning: 'A newer version of this program wrote the record.' },
  'newer-refunds': { kind: 'transient', meaning: 'A newer version of this program wrote the refunds of the order.' },
  'no-header': { kind: 'denied', meaning: 'The header `x-order-sync` is missing.' },
  'no-heartbeat': { kind: 'transient', meaning: 'A daemon makes no progress, or none runs.' },
  'no-quarantine': { kind: 'conflict', meaning: 'There is no quarantine.' },
  'not-configured': { kind: 'invalid', meaning: 'A setting is missing that the command needs.' },
  'not-confirmed': { kind: 'conflict', meaning: 'The person did not confirm; nothing was done.' },
  'not-empty': { kind: 'conflict', meaning: 'The namespace has data that a restore would delete.' },
  'not-found': { kind: 'invalid', status: 404, meaning: 'There is no such route or record.' },
  'not-json': { kind: 'invalid', status: 400, meaning: 'The body is no JSON.' },
  'not-json-type': { kind: 'invalid', status: 415, meaning: 'The content type is not `application/json`.' },
  'not-now': { kind: 'conflict', meaning: 'The state of the case or alarm does not allow the decision.' },
  'not-ready': { kind: 'transient', meaning: 'The daemon cannot work now; the message states why.' },
  'not-replayable': { kind: 'conflict', meaning: 'The rejected change cannot be processed again.' },
  'not-sent': { kind: 'transient', meaning: 'The platform could not be reached; nothing was sent.' },
  'not-utf-8': { kind: 'invalid', status: 400, meaning: 'The body is not UTF-8.' },
  'order-unknown': { kind: 'invalid', meaning: 'No order of that id is stored.' },
  'port-denied': { kind: 'conflict', meaning: 'The port may not be used by this user.' },
  'port-in-use': { kind: 'conflict', meaning: 'The port is in use.' },
  'read-only': { kind: 'invalid', status: 405, meaning: 'The dashboard of the queues only shows them.' },
  'redis-away': { kind: 'transient', meaning: 'Redis does not answer.' },
  'redis-folder-in-use': { kind: 'conflict', meaning: 'Another process uses the folder of the private Redis.' },
  'redis-missing': { kind: 'invalid', meaning: 'No Redis server was found or fetched.' },
  'redis-not-started': { kind: 'transient', meaning: 'The private Redis did not start.' },
  'redis-port-in-use': { kind: 'conflict', meaning: 'The port of the private Redis is in use.' },
  refused: { kind: 'rejected', meaning: 'The platform rejected the request.' },
  'restore-unfinished': { kind: 'conflict', meaning: 'A restore began and did not finish.' },
  'sandbox-refused': { kind: 'rejected', meaning: 'The sandbox rejected the request.' },
  'sandbox-unreachable': { kind: 'transient', meaning: 'The sandbox cannot be reached.' },
  'scenario-unknown': { kind: 'invalid', meaning: 'The sandbox has no scenario of that name.' },
  'sent-in-part': { kind: 'transient', meaning: 'Some changes were accepted before sending failed.' },
  'source-unknown': { kind: 'conflict', meaning: 'No change of that source was accepted yet.' },
  'subscriptions-busy': { kind: 'conflict', meaning: 'Another process is changing the subscriptions.' },
  throttled: { kind: 'throttled', meaning: 'Too many requests; wait as long as `Retry-After` states.' },
  'time-in-future': { kind: 'invalid', meaning: 'The time is in the future.' },
  'too-deep': { kind: 'invalid', meaning: 'The body is nested too deep.' },
  'too-large': { kind: 'invalid', status: 413, meaning: 'The body is too large.' },
  'too-many-logins': { kind: 'throttled', meaning: 'Too many wrong passwords from this address.' },
  'too-much-at-once': { kind: 'throttled', meaning: 'Too many large bodies from this address at once.' },
  'too-old': { kind: 'unverified', meaning: 'The delivery was signed longer ago than `HOOK_MAX_AGE_HOURS`.' },
  'too-slow': { kind: 'transient', meaning: 'There was no answer in time.' },
  'trial-refused': { kind: 'conflict', meaning: 'The trial refund cannot be made on that order.' },
  unanswered: { kind: 'uncertain', meaning: 'The platform did not answer; the request may have taken effect.' },
  unasked: { kind: 'transient', meaning: 'Midigator could not be asked.' },
  unconfigured: { kind: 'transient', meaning: 'No credentials are configured for this hook or console.' },
  'unknown-source': { kind: 'invalid', status: 404, meaning: 'There is no source of that name.' },
  unreadable: { kind: 'transient', meaning: 'The answer of the platform cannot be read.' },
  unverified: { kind: 'unverified', meaning: 'The signature, password or user name is wrong.' },
  'url-invalid': { kind: 'invalid', meaning: 'The address is no URL that can be used.' },
  'wrong-length': { kind: 'invalid', meaning: 'The delivery has no change, or too many.' },
} as const satisfies Record<string, { kind: ErrorKind; status?: number; meaning: string }> // prettier-ignore

export type ErrorCode = keyof typeof ERRORS

/** The HTTP status of an error. */
export function statusOf(code: ErrorCode): number {
  const error: { kind: ErrorKind; status?: number } = ERRORS[code]
  return error.status ?? ERROR_KINDS[error.kind].status
}

/** An error that knows what to do next, by its code. The message never holds order data. */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: ErrorCode
  /** How long to wait before the next try, where the other side said so. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.kind = ERRORS[code].kind
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
