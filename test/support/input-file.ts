import { readdirSync, readFileSync } from 'node:fs'

/** A change of an order as a CRM sends it; texts may hold marks (see `fillMarks`). */
type Members = Record<string, unknown>

/** What the world may look like once an input was played; of several outcomes one must hold. */
export interface ExpectedOutcome {
  /** Amounts of the refunds that the gateway was asked for, in order, as decimal text of their currency. */
  refunds: string[]
  /** What the platform has as the final answer; null: none. */
  resolution: string | null
  /** True: the case waits for a person, or an alarm names it. Absent: either is right. */
  personAsked?: boolean
  /** Fields that the platform's copy of the order must have. */
  order?: Members
}

/** A sale, what its CRM and gateway report about it, one alert about it, and what must come of it. */
export interface InputFile {
  title: string
  /** Where a real sender was seen to do so, in public. */
  source?: string
  /** Why the expected outcome is right. */
  because: string
  gateway: {
    /** What the gateway captured, decimal text. */
    captured: string
    currency: string
    /** False: its list of refunds comes without `refundable_amount`. */
    statesRefundable?: boolean
    /** Refunds made by hand before the alert. */
    refunds?: { amount: string; at: string; status?: 'succeeded' | 'pending' | 'failed' }[]
  }
  /** Deliveries of the generic hook, one after another: one change, or several in one body. */
  changes: (Members | Members[])[]
  alert: {
    platform: 'midigator' | 'chargebackhit'
    /** The amount exactly as the platform writes it. */
    amount: string
    currency: string
    /** The amount that `order.refund` names, where it is another one. */
    refundAmount?: string
    /** Midigator's events in order of arrival; `new`, `match`, `refund` unless given. */
    events?: ('new' | 'match' | 'refund')[]
    /** Midigator's generation of payloads; 0.6 unless given. */
    generation?: 'later'
    /** Members in place of the usual ones, by the platform's names; null leaves the member out. */
    fields?: Members
  }
  /** Changes sent once the alert is answered or lies with a person. */
  after?: Members[]
  expected: ExpectedOutcome[]
}

/** The inputs of a folder below `test/captures`, by name. */
export const readInputs = (folder: string) => readCaptures(folder) as { name: string; input: InputFile }[]

/** The JSON files of a folder below `test/captures`, by name. */
export function readCaptures(folder: string): { name: string; input: unknown }[] {
  const url = new URL(`../captures/${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter(file => file.endsWith('.json'))
    .toSorted()
    .map(file => ({
      name: file.replace(/\.json$/, ''),
      input: JSON.parse(readFileSync(new URL(file, url), 'utf8')) as unknown,
    }))
}

/** What the marks in an input become in one play of it. */
export interface Marks {
  orderId: string
  /** Unique among the plays that share a namespace: 1 to 9,999. */
  number: number
  /** Milliseconds since 1970. */
  now: number
}

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const

/**
 * Puts values in place of the marks: `$id` the order, `$last4` and `$other4` four digits, `$arn`, `$now`, and `$ago20d`,
 * `$ago2h`, `$ago5m` times before now in whole seconds.
 */
export function fillMarks<Value>(value: Value, { orderId, number, now }: Marks): Value {
  const digits = String(number).padStart(4, '0')
  const timeOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  const text = JSON.stringify(value)
    .replaceAll('$id', orderId)
    .replaceAll('$last4', digits)
    .replaceAll('$other4', digits.split('').toReversed().join('').replace(/^./, '9'))
    .replaceAll('$arn', `7444000${digits.padStart(16, '0')}`)
    .replaceAll('$now', timeOf(now))
    .replaceAll(/\$ago(\d+)([dhm])/g, (_mark, count: string, unit: keyof typeof UNIT_MS) =>
      timeOf(now - Number(count) * UNIT_MS[unit]),
    )
  return JSON.parse(text) as Value
}
