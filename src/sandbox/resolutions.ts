import { z } from 'zod'

/** The eight answers to an alert. */
const RESOLUTION_TYPES = [
  'could_not_find_order',
  'declined_or_canceled_nothing_to_do',
  'issued_full_refund',
  'issued_refund_for_remaining_amount',
  '3ds_authorized_successfully',
  'other',
  'previously_refunded_nothing_to_do',
  'unable_to_refund_merchant_account_closed',
] as const

/** The body of a resolution: a type, and words that `other` cannot do without. Nothing else may be in it. */
export const resolutionBody = z
  .strictObject({ resolution_type: z.enum(RESOLUTION_TYPES), other_description: z.string().max(5_000).default('') })
  .refine(({ resolution_type, other_description }) => resolution_type !== 'other' || other_description.trim() !== '', {
    path: ['other_description'],
    message: 'is required with other',
  })

/** What an alert is answered with. */
export type Words = z.infer<typeof resolutionBody>

/**
 * One try to answer an alert. `lost`: a fault kept it from being looked at; `refused`: not valid, or repeated where that is
 * refused; `conflict`: other words than those that stand. Words are as they were sent.
 */
export interface ResolutionAttempt {
  resolution_type: unknown
  other_description: unknown
  outcome: 'accepted' | 'repeated' | 'conflict' | 'refused' | 'lost'
  at: number
}

const ATTEMPTS_KEPT = 100

/** What was answered to one alert: the first accepted words stand; every try is counted, the newest 100 are kept. */
export class Resolutions {
  accepted: (Words & { acceptedAt: number }) | null = null
  /** How often the words that stand were accepted, the first time included. */
  acceptedTimes = 0
  attempted = 0
  conflicted = 0
  readonly #attempts: ResolutionAttempt[] = []

  /** Notes a try as lost, until it is said how it ended. */
  attempt(words: Record<string, unknown>): ResolutionAttempt {
    const { resolution_type = null, other_description = null } = words
    const attempt: ResolutionAttempt = { resolution_type, other_description, outcome: 'lost', at: Date.now() }
    this.attempted++
    this.#attempts.push(attempt)
    if (this.#attempts.length > ATTEMPTS_KEPT) this.#attempts.shift()
    return attempt
  }

  /** Whether these words are first, the same as those that stand, or others. Changes nothing. */
  judge({ resolution_type, other_description }: Words): 'accepted' | 'repeated' | 'conflict' {
    if (!this.accepted) return 'accepted'
    const { accepted } = this
    const same = accepted.resolution_type === resolution_type && accepted.other_description === other_description
    return same ? 'repeated' : 'conflict'
  }

  /** Takes words: they stand if they are the first. */
  take(words: Words, attempt: ResolutionAttempt): void {
    attempt.outcome = this.judge(words)
    if (attempt.outcome === 'conflict') this.conflicted++
    else this.acceptedTimes++
    this.accepted ??= { ...words, acceptedAt: Date.now() }
  }

  /** Notes words that were refused because others stand. */
  conflict(attempt: ResolutionAttempt): void {
    attempt.outcome = 'conflict'
    this.conflicted++
  }

  shown(): {
    accepted: (Words & { acceptedAt: number }) | null
    acceptedTimes: number
    attempted: number
    conflicted: number
    attempts: ResolutionAttempt[]
    conflicts: ResolutionAttempt[]
  } {
    const attempts = this.#attempts.map(attempt => ({ ...attempt }))
    const conflicts = attempts.filter(({ outcome }) => outcome === 'conflict')
    const { accepted, acceptedTimes, attempted, conflicted } = this
    return { accepted: accepted && { ...accepted }, acceptedTimes, attempted, conflicted, attempts, conflicts }
  }
}
