import type { WireAnswer } from './gateway.ts'

/** A request that the program makes. */
export interface WireRequest {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body: string
}

export interface ProgramParts {
  now: () => number
  /** The world's servers; `body` of an answer that is text goes out as it is. */
  serve: (request: WireRequest) => WireAnswer | Promise<WireAnswer>
  settings: {
    trigger: 'order.refund' | 'match' | 'either'
    keepsKeysHours: number
    /** The merchant's currency where its orders name none. */
    defaultCurrency: string | null
  }
}

export interface RaisedAlarm {
  name: string
  caseId: string
  orderId: string | null
  at: number
  text: string
}

/** The program as the world meets it. */
export interface Program {
  /** Every alarm it raised, oldest first. */
  raised: readonly RaisedAlarm[]
  /** Takes a change of the CRM; null, or why it was rejected. */
  change(body: Record<string, unknown>): Promise<string | null>
  /** Takes an event's JSON; null, or why it was rejected. */
  event(platform: 'midigator' | 'chargebackhit', json: string): Promise<string | null>
  /** Runs every job that can run now. */
  work(): Promise<void>
  /** When it wants to be woken. */
  nextAt(): Promise<number | null>
  wake(): void
  stateOf(
    platform: string,
    guid: string,
  ): Promise<{ state: string; why: string; orderId: string | null; asksPerson: boolean } | null>
  /** Deletes everything it wrote. */
  close(): Promise<void>
}
