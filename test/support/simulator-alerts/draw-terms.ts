import type { CaseTerms } from '../../../src/domain/case/view.ts'
import type { Random } from '../simulator/random.ts'

const HOUR_MS = 3_600_000

/** Every duration of a schedule, in milliseconds: the defaults of the program, since a schedule's time costs nothing. */
export const DURATIONS = {
  sweepMs: 30_000,
  lookMs: 300_000,
  pushTimeoutMs: 15_000,
  throttleMaxMs: 300_000,
  refundTimeoutMs: 20_000,
  refundLookupsMs: [5_000, 30_000, 120_000, 600_000, 3_600_000],
  /** The gateway forgets a key after so long, and a call that it was slow to book is booked within so long. */
  keepsKeysMs: 24 * HOUR_MS,
  lateMs: 20 * 60_000,
  windowMs: 24 * HOUR_MS,
  cdrnWindowMs: 72 * HOUR_MS,
  stopMs: 4 * HOUR_MS,
} as const

/** What a merchant may have decided, drawn. */
export function drawTerms(random: Random): CaseTerms {
  const isLimited = random.chance(0.35)
  const { windowMs, cdrnWindowMs, stopMs } = DURATIONS
  return {
    refunds: {
      trigger: random.pick(['order.refund', 'match', 'either', 'either', 'either']),
      mode: 'off',
      autoLimit: isLimited ? random.pick([null, '25']) : null,
      hourlyLimit: isLimited ? random.pick([null, '45']) : null,
      limitCurrency: isLimited ? 'USD' : null,
      hasGateway: true,
      listLagMs: 120_000,
      likelyAtStop: random.pick(['person', 'person', 'act']),
      settleMs: 10_000,
      deadlines: { windowMs, cdrnWindowMs, targetMs: 4 * HOUR_MS, alarmMs: 12 * HOUR_MS, stopMs },
    },
    defaultCurrency: null,
    lookbackMs: 180 * 24 * HOUR_MS,
    graceMs: HOUR_MS,
    pendingAtStop: random.pick(['person', 'answer']),
    resolve3ds: random.chance(0.3),
    lookMs: DURATIONS.lookMs,
    refundLeaseMs: DURATIONS.refundTimeoutMs + 5_000,
    lateAnswerMs: HOUR_MS,
  }
}
