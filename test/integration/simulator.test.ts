import { expect, it } from 'vitest'
import { runSchedule, type Tally } from '../support/simulator/run-schedule.ts'
import { useSchedules } from '../support/simulator/use-schedules.ts'
import { size } from '../support/sizes.ts'

const runSchedules = useSchedules()

it('whatever fails, stalls, dies or repeats in whatever order, the platform ends with the merge of all changes', async () => {
  const tally: Tally = { calls: 0, clean: 0, held: 0, rejected: 0, forgotten: 0 }
  const ran = await runSchedules(size(40, 1_000), (...one) => runSchedule(...one, tally))
  if (ran === null) return
  // The schedules are no test of anything unless they meet what they are about.
  expect(tally.calls / ran).toBeGreaterThan(3)
  const least = Math.min(tally.clean, tally.held, tally.rejected, tally.forgotten)
  expect(least / ran).toBeGreaterThan(0.02)
})
