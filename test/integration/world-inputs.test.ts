import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readInputs, type ExpectedOutcome } from '../support/input-file.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { openInputWorld, type InputWorld, type ObservedWorld } from '../support/play-input.ts'

const { namespace, redisUrl } = testNamespace()
const inputs = [...readInputs('world'), ...readInputs('world/kept-aside')]
const observed = new Map<string, ObservedWorld>()
let world: InputWorld | undefined

/** All at once, each on an order of its own; observed when the last one rests, so that what comes late counts too. */
beforeAll(async () => {
  world = await openInputWorld(redisUrl, namespace)
  const { play } = world
  const played = await Promise.all(inputs.map(({ input }, i) => play(input, 1_001 + i)))
  for (const [i, observe] of played.entries()) observed.set(inputs[i]!.name, await observe())
})
afterAll(() => world?.close())

/** How the world differs from an outcome; none: the outcome holds. */
function differences(seen: ObservedWorld, { refunds, resolution, personAsked, order = {} }: ExpectedOutcome): string[] {
  const differs = (what: string, is: unknown, must: unknown) =>
    JSON.stringify(is) === JSON.stringify(must)
      ? []
      : [`${what}: ${JSON.stringify(is)} and not ${JSON.stringify(must)}`]
  return [
    // Whatever an alert looks like, it is taken.
    ...differs(
      'answers to its events',
      seen.alertAnswers,
      seen.alertAnswers.map(() => 200),
    ),
    ...differs('refunds', seen.refunds, refunds),
    ...differs('resolution', seen.resolution, resolution),
    ...(personAsked === undefined ? [] : differs('a person is asked', seen.personAsked, personAsked)),
    ...Object.entries(order).flatMap(([field, must]) => differs(`order.${field}`, seen.order[field] ?? null, must)),
  ]
}

describe('what real senders were seen to send', () => {
  for (const { name, input } of inputs)
    it(`${input.title} (${name})`, () => {
      const seen = observed.get(name)!
      const found = input.expected.map(outcome => differences(seen, outcome))
      expect(found, `${input.because}\nSeen: ${JSON.stringify(seen)}\nOne of the outcomes must hold`).toContainEqual([])
    })
})
