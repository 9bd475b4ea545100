import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { readCurrencyCode } from '../domain/basics/currency-codes.ts'
import { parseInstant } from '../domain/basics/instant.ts'
import { canonicalAmount } from '../domain/basics/money.ts'
import { parseJson } from '../parse-json.ts'

/**
 * What happened at a merchant, as NDJSON: a line is one change, event, record, payment, refund or outcome, in any order. Times are
 * milliseconds since 1970, amounts canonical decimals. Described for people in `docs/shadow-run.md`, which a test holds against this file.
 */

const text = () => z.string('expected text').min(1, 'expected text').max(255, 'expected at most 255 characters')
const time = () =>
  z.string('expected a time such as 2026-09-01T12:00:00Z').transform((value, context) => {
    const at = parseInstant(value)
    if (at === null) context.addIssue('expected a time such as 2026-09-01T12:00:00Z')
    return at ?? 0
  })
const amount = () =>
  z.string('expected an amount such as 49.95').transform((value, context) => {
    const canonical = canonicalAmount(value)
    if (canonical === null) context.addIssue('expected an amount such as 49.95')
    return canonical ?? '0'
  })
const currency = () =>
  z.string('expected an ISO 4217 code such as USD').transform((value, context) => {
    const code = readCurrencyCode(value)
    if (code === null) context.addIssue('expected an ISO 4217 code such as USD')
    return code ?? ''
  })
const platform = () =>
  z.enum(['midigator', 'chargebackhit'], 'expected midigator or chargebackhit').default('midigator')
const body = () => z.record(z.string(), z.unknown(), 'expected an object')

/** What a line may be, by its `type`. */
export const LINES = {
  change: z.object({ at: time().optional(), body: body() }),
  event: z.object({ at: time(), platform: platform(), body: body() }),
  record: z.object({ at: time().optional(), platform: platform(), id: text(), body: body() }),
  payment: z.object({
    order_id: text(),
    transaction_id: text().nullish(),
    currency: currency(),
    captured: z.array(z.object({ at: time(), amount: amount() }), 'expected a list of captures'),
    settled_at: time().nullish(),
  }),
  refund: z.object({
    at: time(),
    order_id: text(),
    transaction_id: text().nullish(),
    amount: amount(),
    currency: currency(),
    status: z.enum(['succeeded', 'pending', 'failed', 'refused'], 'expected succeeded, pending, failed or refused').default('succeeded'),
    settled_at: time().nullish(),
    listed_at: time().nullish(),
    refund_id: text().nullish(),
    arn: text().nullish(),
    code: text().nullish(),
    alert: text().nullish(),
  }),
  outcome: z
    .object({
      platform: platform(),
      id: text(),
      resolution: text().nullish(),
      order_id: text().nullish(),
      refunded: amount().nullish(),
      currency: currency().nullish(),
      by: z.enum(['person', 'automatic'], 'expected person or automatic').nullish(),
    })
    .refine(one => one.refunded == null || one.currency != null, { path: ['currency'], error: 'expected the currency of refunded' }),
} // prettier-ignore

export type Platform = 'midigator' | 'chargebackhit'
export type Payment = z.infer<typeof LINES.payment>
export type PastRefund = z.infer<typeof LINES.refund>
export type Outcome = z.infer<typeof LINES.outcome>

/** A thing that came in at a time. Numbers of an event's body are text, those of a change as its hook reads them. */
export type Arrival =
  | { what: 'change'; at: number; body: unknown }
  | { what: 'event'; at: number; platform: Platform; body: Record<string, unknown> }

export interface History {
  /** Oldest first; what falls on one moment keeps the order of its lines. */
  arrivals: readonly Arrival[]
  /** What a platform answers about an alert, a chargeback or an order, from a time on, oldest first; by `platform:id`. */
  records: ReadonlyMap<string, readonly { at: number; body: unknown }[]>
  payments: readonly Payment[]
  refunds: readonly PastRefund[]
  /** What really became of alerts, by `platform:id`. */
  outcomes: ReadonlyMap<string, Outcome>
  /** Lines that could not be read, each left out: the first of them, and how many there are. */
  faults: readonly { line: number; message: string }[]
  faultCount: number
} // prettier-ignore

/** Faults that are named at most; the others are counted. */
const MAX_FAULTS = 1_000

/** Reads lines one after the other. Never throws because of a line: what cannot be read is named and left out. */
export async function readHistory(input: Readable): Promise<History> {
  const arrivals: (Arrival & { line: number })[] = []
  const records = new Map<string, { at: number; body: unknown }[]>()
  const [payments, refunds]: [Payment[], PastRefund[]] = [[], []]
  const outcomes = new Map<string, Outcome>()
  const faults: { line: number; message: string }[] = []
  let [line, faultCount] = [0, 0]
  const fault = (message: string) => {
    faultCount += 1
    if (faults.length < MAX_FAULTS) faults.push({ line, message })
  }
  for await (const bytes of linesOf(input)) {
    line += 1
    if (bytes.length === 0) continue
    const read = readLine(bytes)
    if ('fault' in read) {
      fault(read.fault)
      continue
    }
    switch (read.type) {
      case 'change': {
        const at = read.value.at ?? occurredAt(read.value.body)
        if (at === null) fault('at: is missing, and body.occurred_at is no time')
        else arrivals.push({ what: 'change', at, body: read.body, line })
        break
      }
      case 'event':
        arrivals.push({ what: 'event', ...read.value, line })
        break
      case 'record': {
        const { platform, id, at = 0, body } = read.value
        const known = records.get(`${platform}:${id}`) ?? []
        records.set(`${platform}:${id}`, [...known, { at, body }].toSorted((a, b) => a.at - b.at))
        break
      }
      case 'payment':
        payments.push(read.value)
        break
      case 'refund':
        refunds.push(read.value)
        break
      case 'outcome': {
        const id = `${read.value.platform}:${read.value.id}`
        if (outcomes.has(id)) fault(`id: expected one outcome of ${id}, and this is another`)
        else outcomes.set(id, read.value)
      }
    }
  }
  arrivals.sort((a, b) => a.at - b.at || a.line - b.line)
  return { arrivals, records, payments, refunds: refunds.toSorted((a, b) => a.at - b.at), outcomes, faults, faultCount }
} // prettier-ignore

const [NEWLINE, MARK] = [10, Buffer.from([0xef, 0xbb, 0xbf])]
const isBlank = (byte: number) => byte === 13 || byte === 32 || byte === 9

/** Lines as bytes, split at line feeds alone and trimmed; without a byte order mark. JSON may hold other line separators. */
async function* linesOf(input: Readable): AsyncGenerator<Buffer> {
  let [rest, isFirst] = [Buffer.alloc(0), true]
  const trimmed = (bytes: Buffer): Buffer => {
    let [start, end] = [isFirst && bytes.subarray(0, 3).equals(MARK) ? 3 : 0, bytes.length]
    isFirst = false
    while (start < end && isBlank(bytes[start]!)) start += 1
    while (end > start && isBlank(bytes[end - 1]!)) end -= 1
    return bytes.subarray(start, end)
  }
  for await (const chunk of input) {
    const bytes = Buffer.concat([rest, Buffer.from(chunk as Buffer)])
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      yield trimmed(bytes.subarray(from, at))
      from = at + 1
    }
    rest = bytes.subarray(from)
  }
  if (rest.length > 0) yield trimmed(rest)
}

/** A history in a file. Rejects where there is no such file. */
export const readHistoryFile = (file: string): Promise<History> =>
  readHistory(file === '-' ? process.stdin : createReadStream(file))

type Type = keyof typeof LINES
/** `body`: that of a change, its numbers as an order hook reads them. */
type ReadLine = { [Name in Type]: { type: Name; value: z.infer<(typeof LINES)[Name]>; body: unknown } }[Type]

function readLine(bytes: Buffer): ReadLine | { fault: string } {
  const parsed = parseJson(bytes, 'all')
  if ('fault' in parsed) return { fault: parsed.fault.message }
  const given = parsed.value
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { fault: 'expected an object' }
  const { type } = given as { type?: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(LINES, type))
    return { fault: `type: expected ${Object.keys(LINES).join(', ')}` }
  const read = LINES[type as Type].safeParse(given)
  if (!read.success) return { fault: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  return { type, value: read.data, body: type === 'change' ? bodyOf(bytes) : undefined } as ReadLine
} // prettier-ignore

function bodyOf(bytes: Buffer): unknown {
  const parsed = parseJson(bytes)
  return 'fault' in parsed ? undefined : (parsed.value as { body: unknown }).body
}

const occurredAt = ({ occurred_at: at }: Record<string, unknown>): number | null =>
  typeof at === 'string' ? parseInstant(at) : null
