import { expect, it } from 'vitest'
import type { Tally } from '../support/simulator-alerts/check-rest.ts'
import { runSchedule } from '../support/simulator-alerts/run-schedule.ts'
import { useSchedules } from '../support/simulator/use-schedules.ts'
import { size } from '../support/sizes.ts'

const runSchedules = useSchedules()

it(
  'whatever fails, stalls, dies or repeats in whatever order, money goes back once and every answer is true',
  { timeout: size(120_000, 7_200_000) },
  async () => {
    const tally: Tally = { resolved: 0, noted: 0, waiting: 0, refunds: 0, calls: 0, escalated: 0 }
    const ran = await runSchedules(size(2_000, 100_000), (...one) => runSchedule(...one, tally))
    if (ran === null) return
    // The schedules are no test of anything unless they meet what they are about.
    expect(tally.calls / ran).toBeGreaterThan(1)
    const least = Math.min(tally.resolved, tally.noted, tally.waiting, tally.refunds, tally.escalated)
    expect(least / ran).toBeGreaterThan(0.05)
  },
)
