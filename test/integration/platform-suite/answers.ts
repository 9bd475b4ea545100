import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/sandbox/faults.ts'
import type { AlertLine } from '../alert-line.ts'
import { few, isLong } from '../../support/long.ts'
import { caseIdOf, deliver, type Open, type Platform } from './platform.ts'

/** Every way in which a call that answers an alert can fail and be worth another try. */
const FAILURES: Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 500 },
  { kind: 'html', status: 502 },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'commit-then-fail', status: 503 },
  { kind: 'commit-then-reset' },
  { kind: 'commit-then-hang' },
  { kind: 'late-commit', ms: 200 },
]

/** That a platform is told one truth, once in effect, or a person is asked. */
export function describeAnswers(platform: Platform, open: Open): void {
  const { answerCall: on } = platform

  describe('an answer to it', () => {
    it.runIf(isLong)(
      'that fails in every way it can goes out again in the same bytes, until it is accepted once',
      async () => {
        const line = await open()
        line.sandbox.faults.set(FAILURES.map(fault => ({ on, times: 1, fault })))
        const { guid, id } = await refundable(platform, line, 'V-1')
        await line.caseOf(id, one => one.state === 'resolved')
        const { texts, ...told } = platform.told(line, guid)
        expect(told).toMatchObject({
          outcome: platform.outcomes.refunded,
          attempted: FAILURES.length + 1,
          conflicted: 0,
        })
        expect(texts).toHaveLength(1)
        const bodies = line.sandbox.inbox.requests(1_000).filter(({ call }) => call === on)
        expect(new Set(bodies.map(({ payload }) => JSON.stringify(payload)))).toHaveProperty('size', 1)
      },
    )

    it.runIf(isLong)('that fails once, in whatever way, is accepted once in effect', async () => {
      const line = await open()
      const alerts = await Promise.all(FAILURES.map((_, i) => raised(platform, line, `W-${i}`)))
      line.sandbox.faults.set(FAILURES.map((fault, i) => ({ on, guid: alerts[i]!.guid, times: 1, fault })))
      await Promise.all(alerts.map(({ tell }) => tell()))
      for (const { id } of alerts) await line.caseOf(id, one => one.state === 'resolved')
      const seen = alerts.map(({ guid }) => platform.told(line, guid))
      const same = { outcome: platform.outcomes.refunded, conflicted: 0 }
      expect(seen).toMatchObject(FAILURES.map(() => same))
      // On a crowded machine a call that would have been answered may time out too.
      for (const { attempted } of seen) expect(attempted).toBeGreaterThanOrEqual(2)
      expect(seen.map(({ texts }) => texts.length)).toEqual(FAILURES.map(() => 1))
    })

    it.each(few([400, 404]))('that is refused with %i parks with the platform’s words, and a person’s other answer goes out', async status => {
      const line = await open()
      line.sandbox.faults.set([{ on, times: 1, fault: { kind: 'status', status, body: platform.refusal('the alert has expired') } }])
      const { guid, id } = await refundable(platform, line, 'V-3')
      expect((await line.caseOf(id, one => one.state === 'parked')).reason).toBe('answer-refused')
      const { log } = (await line.deps.cases.read(id))!
      expect(log.find(({ what }) => what === 'answered')).toMatchObject({ status, words: expect.stringContaining('the alert has expired') as string })
      await line.decide(id, { decision: 'resolve', resolution: { type: 'other', description: 'Refunded in full on our side.' } })
      await line.caseOf(id, one => one.state === 'resolved')
      expect(platform.told(line, guid)).toMatchObject({ outcome: platform.outcomes.other, attempted: 2 })
    }) // prettier-ignore

    it.runIf(isLong)('that is refused after a try without an answer parks the case as probably answered', async () => {
      const line = await open({}, platform.refusingRepeats)
      line.sandbox.faults.set([{ on, times: 1, fault: { kind: 'commit-then-fail', status: 504 } }])
      const { guid, id } = await refundable(platform, line, 'V-4')
      expect((await line.caseOf(id, one => one.state === 'parked')).reason).toBe('probably-answered')
      expect(platform.told(line, guid)).toMatchObject({ outcome: platform.outcomes.refunded, attempted: 2 })
    })

    it('does not go out before its refund is confirmed', async () => {
      const line = await open()
      line.sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'commit-then-hang' } }])
      const { guid, id } = await refundable(platform, line, 'V-5')
      await line.caseOf(id, one => one.state === 'resolved')
      const [claim] = (await line.deps.refunds.read('V-5')).claims
      expect(platform.told(line, guid).firstAt).toBeGreaterThanOrEqual(claim!.confirmedAt!)
    })
  })
}

/** An alert on a paid order; `tell` sends its events, as usual. */
async function raised(platform: Platform, line: AlertLine, orderId: string) {
  await line.sold(orderId)
  const { guid, events } = platform.raise(line, orderId)
  const tell = async () => {
    for (const event of events) expect((await deliver(platform, line, event())).status).toBe(200)
  }
  return { guid, id: caseIdOf(platform, guid), tell }
}

/** The same, told of. */
async function refundable(platform: Platform, line: AlertLine, orderId: string) {
  const { tell, ...alert } = await raised(platform, line, orderId)
  await tell()
  return alert
}
