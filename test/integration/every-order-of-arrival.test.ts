import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { few } from '../support/long.ts'
import { size } from '../support/sizes.ts'
import { HOUR_MS, SECOND_MS, useVirtualLines, type VirtualLine, type VirtualTerms } from './virtual-line.ts'

const open = useVirtualLines()
const STEPS = ['alert', 'match', 'request'] as const
type Step = (typeof STEPS)[number]

/** Each switch of the merchant that bears on what one alert, its match and its refund request come to. */
const SWITCHES: Record<string, VirtualTerms> = {
  'order.refund': { refunds: { trigger: 'order.refund' } },
  match: { refunds: { trigger: 'match' } },
  either: { refunds: { trigger: 'either' } },
  'order.refund, 3-D Secure resolves': { refunds: { trigger: 'order.refund' }, terms: { resolve3ds: true } },
  'either, 3-D Secure resolves': { refunds: { trigger: 'either' }, terms: { resolve3ds: true } },
  'manual approval': { refunds: { trigger: 'either' }, mode: 'approve' },
  'refunds off': { refunds: { trigger: 'either' }, mode: 'off' },
  'above the limit': { refunds: { trigger: 'either', autoLimit: '20', limitCurrency: 'USD' } },
}

const send: Record<Step, (line: VirtualLine) => Promise<unknown>> = {
  alert: line => line.alert('pre_a'),
  match: line => line.match('alert', 'pre_a', 'A'),
  request: line => line.request('ord_a', { orderId: 'A', amount: '30' }),
}

/** What everything came to, once it is at rest. */
async function play(terms: VirtualTerms, steps: readonly { step: Step; afterMs: number }[]) {
  const line = await open(terms)
  await line.sell('A', { eci: '05' })
  line.records.set('pre_a', { ...CARD, partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: line.now() })
  for (const { step, afterMs } of steps) {
    await send[step](line)
    await line.run()
    if (afterMs > 0) await line.after(afterMs)
  }
  await line.after(2 * HOUR_MS)
  const { state, reason } = await line.record('midigator:pre_a')
  return { state, reason, refunds: line.gateway.calls.map(({ amount }) => amount), answers: line.toldOf('pre_a').map(({ type }) => type) } // prettier-ignore
}
const CARD = { cardFirst6: '401288', cardLast4: '1881' }

/** All three, each once or twice, in any order, within the ten seconds that a request waits. */
const arrivals = fc
  .shuffledSubarray([...STEPS, ...STEPS], { minLength: 3 })
  .filter(steps => STEPS.every(step => steps.includes(step)))
  .chain(steps => fc.array(fc.constantFrom(0, 0, 500, 1_200), { minLength: steps.length, maxLength: steps.length }).map(gaps => steps.map((step, i) => ({ step, afterMs: gaps[i]! })))) // prettier-ignore

describe('an alert, its match and its refund request', () => {
  it.each(Object.entries(SWITCHES))('come to one outcome in every order of arrival (%s)', async (_name, terms) => {
    const usual = await play(terms, STEPS.map(step => ({ step, afterMs: 0 }))) // prettier-ignore
    expect(usual.refunds.length + usual.answers.length + (usual.state === 'resolved' ? 0 : 1)).toBeGreaterThan(0)
    await fc.assert(
      fc.asyncProperty(arrivals, async steps => {
        expect(await play(terms, steps)).toEqual(usual)
      }),
      { numRuns: size(2, 20), seed: 7 },
    )
  })

  it.each(few(Object.entries(SWITCHES), 3))('and a request that comes long after the answer cause no second refund (%s)', async (_name, terms) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom<Step[]>(['alert', 'match', 'request'], ['match', 'alert', 'request'], ['request', 'alert', 'match'], ['alert', 'request', 'match']), fc.constantFrom(30 * SECOND_MS, HOUR_MS, 20 * HOUR_MS), async (steps, lateMs) => {
        const late = steps.map((step, i) => ({ step, afterMs: i === 1 ? lateMs : 0 }))
        const { refunds, answers } = await play(terms, late)
        expect(refunds.length).toBeLessThanOrEqual(1)
        expect(answers.length).toBeLessThanOrEqual(1)
        const isSaidRefunded = answers.some(type => type.startsWith('issued'))
        expect(isSaidRefunded && refunds.length === 0).toBe(false)
      }),
      { numRuns: size(2, 15), seed: 11 },
    )
  }) // prettier-ignore
})
