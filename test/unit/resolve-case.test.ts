import { describe, expect, it } from 'vitest'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import type { Answer } from '../../src/domain/judge-answer.ts'
import type { AlertLink } from '../../src/jobs/call-platform.ts'
import { again, done, later, park } from '../../src/jobs/job.ts'
import { resolveCase, type ResolveCaseDeps } from '../../src/jobs/resolve-case.ts'
import {
  answeredAt,
  chosenAt,
  confirmed,
  ETHOCA,
  hook,
  ledgerIn,
  NOW,
  readBack,
  SEEN_AT,
  sentAt,
} from './build-case.ts'
import { ID, IDLE, JobWorld, caseWorld, linked, status } from './job-world.ts'

describe('the resolution of an alert', () => {
  /** An alert whose refund is confirmed: its answer is due. */
  function refunded(entries?: readonly CaseEntry[]): JobWorld {
    const made = caseWorld(entries)
    const claim = confirmed({ wantedBy: ID, confirmedAt: SEEN_AT + 1 })
    made.refunded('A', [claim], ledgerIn(claim).report)
    return made
  }
  function resolve(made: JobWorld, answer: Answer, over: Partial<ResolveCaseDeps> = {}, during = () => {}) {
    const calls: unknown[] = []
    const platform: Partial<AlertLink['platform']> = {
      answer: async (_access, about, resolution, { timeoutMs }) => {
        calls.push(about, resolution.type, timeoutMs)
        // The call is noted before it goes out.
        expect(made.entriesOf(ID, 'sent').at(-1)).toMatchObject({ at: made.now })
        during()
        return { answer }
      },
    }
    const outcomes: string[] = []
    const deps = {
      ...made.deps, alertLinks: linked(platform), throttleMaxMs: 1_000, pushTimeoutMs: 500,
      isRedisCurrent: async () => true, onResolutionCall: (outcome: string) => void outcomes.push(outcome), ...over,
    } // prettier-ignore
    return resolveCase.run({ caseId: ID }, deps, IDLE).then(outcome => ({ outcome, calls, outcomes }))
  }

  it('is sent as it is stored, and its acceptance kept', async () => {
    const made = refunded()
    const { outcome, calls, outcomes } = await resolve(made, status(204))
    expect(outcome).toEqual(done('answered'))
    expect(calls).toEqual([{ guid: 'g', orderId: 'A' }, 'issued_full_refund', 500])
    expect(outcomes).toEqual(['204'])
    expect(made.entriesOf(ID, 'answered')).toEqual([answeredAt(NOW, { accepted: true, probably: false, status: 200 })])
    expect(made.recordOf(ID).state).toBe('resolved')
    expect(resolveCase.key({ caseId: ID })).toBe(ID)
  })

  it('is not sent where none is due, where it is due no more at the last moment, or to no platform', async () => {
    expect(await resolve(caseWorld(), status(200))).toMatchObject({ outcome: done('nothing to send'), calls: [] })
    expect(await resolve(new JobWorld(), status(200))).toMatchObject({ outcome: done('nothing to send'), calls: [] })
    const deps = { ...new JobWorld().deps, alertLinks: linked({}) } as ResolveCaseDeps
    expect(await resolveCase.run({ caseId: 'midigator:a:b' }, deps, IDLE)).toEqual(done('nothing to send'))
    const none = { alertLinks: new Map<string, AlertLink>() }
    expect((await resolve(refunded(), status(200), none)).outcome).toEqual(park('platform-not-configured'))
    const link = linked({}).get('midigator')!
    for (const isNewer of [false, true]) {
      const made = refunded()
      const enter = async () => {
        const log = [hook('alert', ETHOCA), readBack(ETHOCA), chosenAt(NOW), sentAt(NOW), answeredAt(NOW)]
        made.put(ID, 'alert', log, { orderId: 'A' }, isNewer)
        return { access: { token: 't', generation: 1 } }
      }
      const alertLinks = new Map([['midigator', { ...link, answering: { ...link.answering, enter } }]])
      expect((await resolve(made, status(200), { alertLinks })).outcome).toEqual(done('nothing to send'))
    }
  })

  it('that is refused is kept so, with the words', async () => {
    const made = refunded()
    expect((await resolve(made, status(409, 'too late'))).outcome).toEqual(done('refused-409'))
    expect(made.entriesOf(ID, 'answered')).toEqual([answeredAt(NOW, { accepted: false, probably: false, status: 409, words: 'too late' })]) // prettier-ignore
    expect(made.recordOf(ID)).toMatchObject({ state: 'parked', reason: 'answer-refused' })
  })

  it('that is refused after a call without an answer was probably taken by that call', async () => {
    const made = refunded()
    const lost = await resolve(made, { failure: 'lost' })
    expect(lost).toMatchObject({ outcome: again('back-off'), outcomes: ['lost'] })
    expect(made.entriesOf(ID, 'sent')).toMatchObject([{ calls: 1, unanswered: false }])
    made.now += 5
    await resolve(made, status(409))
    expect(made.entriesOf(ID, 'answered')).toMatchObject([
      { at: NOW + 5, accepted: false, probably: true, status: 409 },
    ])
    expect(made.recordOf(ID)).toMatchObject({ state: 'parked', reason: 'probably-answered' })
  })

  it.each<[answer: Answer]>([[status(401)], [status(403)], [status(429)], [status(300)], [status(399)], [{ failure: 'unsent' }]])(
    'that surely did not arrive (%o) does not count as sent',
    async answer => {
      const made = refunded()
      await resolve(made, answer)
      expect(made.entriesOf(ID, 'sent')).toEqual([{ what: 'sent', at: NOW, of: NOW, calls: 0, unanswered: false }])
      expect(made.entriesOf(ID, 'answered')).toEqual([])
    },
  ) // prettier-ignore

  it.each<[answer: Answer]>([
    [status(500)],
    [status(408)],
    [status(400)],
    [{ failure: 'timeout' }],
    [{ failure: 'lost' }],
  ])('that may have arrived (%o) counts as sent', async answer => {
    const made = refunded()
    await resolve(made, answer)
    expect(made.entriesOf(ID, 'sent')).toMatchObject([{ calls: 1 }])
  })

  it('stays unanswered where a later call surely did not arrive', async () => {
    const made = refunded()
    for (const [answer, calls, unanswered] of [[{ failure: 'lost' }, 1, false], [status(429), 1, false], [{ failure: 'lost' }, 2, true], [status(429), 2, true]] as const) {
      made.now += 5
      await resolve(made, answer)
      expect(made.entriesOf(ID, 'sent')).toMatchObject([{ calls, unanswered }])
    }
  }) // prettier-ignore

  it('that another process answered meanwhile keeps its first answer', async () => {
    const made = refunded()
    await resolve(made, status(409), {}, () => {
      const log = made.caseOf(ID).log
      made.put(ID, 'alert', [...log, answeredAt(NOW)], { orderId: 'A' })
    })
    expect(made.entriesOf(ID, 'answered')).toEqual([answeredAt(NOW)])
  })

  it.each([2, 0])('that another process sent, or took back, meanwhile keeps that call (%i)', async calls => {
    const made = refunded()
    const other: CaseEntry = { what: 'sent', at: NOW, of: NOW, calls, unanswered: calls > 1 }
    await resolve(made, status(429), {}, () => {
      made.put(ID, 'alert', [...made.caseOf(ID).log, other], { orderId: 'A' })
    })
    expect(made.entriesOf(ID, 'sent')).toEqual([other])
  })

  it('is weighed before the platform is asked for leave: a case with nothing to send costs it nothing', async () => {
    let entered = 0
    const link = linked({}).get('midigator')!
    const answering = {
      ...link.answering,
      enter: async () => {
        entered += 1
        return { outcome: again('away') }
      },
    }
    const alertLinks = new Map([['midigator', { ...link, answering }]])
    expect((await resolve(caseWorld(), status(200), { alertLinks })).outcome).toEqual(done('nothing to send'))
    expect(entered).toBe(0)
    expect((await resolve(refunded(), status(200), { alertLinks })).outcome).toEqual(again('away'))
    expect(entered).toBe(1)
  })

  it('whose answer cannot be written is sent again', async () => {
    const made = refunded()
    const { outcome } = await resolve(made, status(200), {}, () => void (made.contended = 99))
    expect(outcome).toEqual(again('contended'))
    const newer = refunded()
    const upgrade = () => void newer.put(ID, 'alert', newer.caseOf(ID).log, { orderId: 'A' }, true)
    expect((await resolve(newer, status(200), {}, upgrade)).outcome).toEqual(again('newer'))
  })

  it('is written at the call’s time at least, whatever the clock does', async () => {
    const made = refunded()
    await resolve(made, status(200), {}, () => void (made.now -= 50))
    expect(made.entriesOf(ID, 'answered')).toMatchObject([{ at: NOW }])
  })

  it('waits alone where the platform is away and others share the queue', async () => {
    expect((await resolve(refunded(), status(200), { alertLinks: linked({}, true) })).outcome).toEqual(
      later(9, 'denied'),
    )
  })
})
