import { expect, it } from 'vitest'
import { BEHAVIOUR_NAMES } from '../support/simulator-alerts/behaviours.ts'
import type { Tally } from '../support/simulator-alerts/check-rest.ts'
import { runSchedule, type Met } from '../support/simulator-alerts/run-schedule.ts'
import { useSchedules } from '../support/simulator/use-schedules.ts'
import { size } from '../support/sizes.ts'

const runSchedules = useSchedules()

it('whatever fails, lies, lags, dies or repeats in whatever order, money goes back once and every answer is true', async () => {
  const tally: Tally = { resolved: 0, noted: 0, waiting: 0, refunds: 0, calls: 0, escalated: 0 }
  const met: Met = new Map()
  const ran = await runSchedules(size(15, 500), (redis, namespace, seed) =>
    runSchedule(redis, { namespace, seed }, { tally, met }),
  )
  if (ran === null) return
  // The schedules are no test of anything unless they meet what they are about.
  expect(tally.calls / ran).toBeGreaterThan(0.5)
  const least = Math.min(tally.resolved, tally.noted, tally.waiting, tally.refunds, tally.escalated)
  expect(least / ran).toBeGreaterThan(0.05)
  const hardlyMet = BEHAVIOUR_NAMES.filter(name => (met.get(name) ?? 0) < Math.floor(ran / 400))
  expect(hardlyMet, 'behaviours that hardly any schedule met').toEqual([])
})
