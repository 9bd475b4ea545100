import { expect, it } from 'vitest'
import { createRedisClock } from '../../src/redis/clock.ts'

/** A machine whose clock is wrong and steps, and a Redis whose clock is right; a question takes its time. */
function machine(aheadMs: number) {
  const world = { ms: 1_000_000, aheadMs, tookMs: 4 }
  const clock = createRedisClock(
    async () => {
      world.ms += world.tookMs / 2
      const theirs = world.ms
      world.ms += world.tookMs / 2
      return theirs
    },
    { wall: () => world.ms + world.aheadMs, monotonic: () => world.ms - 900_000 },
  )
  return { world, clock }
}

it('knows no offset before it has asked', () => {
  const { world, clock } = machine(7)
  expect([clock.now(), clock.aheadMs()]).toEqual([world.ms + 7, null])
})

it.each([86_400_000, -86_400_000, 240_000, -240_000, 0])(
  'shows Redis’ time where the machine is %i ms ahead',
  async aheadMs => {
    const { world, clock } = machine(aheadMs)
    await clock.measure()
    world.ms += 12_345
    expect([clock.now(), clock.aheadMs()]).toEqual([world.ms, aheadMs])
  },
)

it('does not step with the machine, and says that it stepped', async () => {
  const { world, clock } = machine(0)
  await clock.measure()
  world.aheadMs = -3_600_000
  world.ms += 10
  expect([clock.now(), clock.aheadMs()]).toEqual([world.ms, -3_600_000])
})

it('takes a slow answer only where it knows nothing better', async () => {
  const { world, clock } = machine(0)
  world.tookMs = 900
  await clock.measure()
  expect(Math.abs(clock.now() - world.ms)).toBeLessThanOrEqual(450)
  world.tookMs = 2
  await clock.measure()
  world.tookMs = 60_000
  await clock.measure()
  expect(clock.now()).toBe(world.ms)
})
