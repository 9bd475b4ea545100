import { describe, expect, it } from 'vitest'
import type { Answer, Verdict } from '../../src/domain/judge-answer.ts'
import { callPlatform, ownWait, type AlertLink, type Said } from '../../src/jobs/call-platform.ts'
import { again, allWait, done, later, type Outcome } from '../../src/jobs/job.ts'

const status = (code: number, words = '', retryAfterMs: number | null = null): Answer => ({ status: code, words, retryAfterMs }) // prettier-ignore

/** A gate that renews every token, and a platform that answers in this order. */
async function call(answers: readonly (Said<string> | null)[], shut?: Outcome) {
  const told: Verdict[] = []
  const renewals: string[] = []
  const tokens: string[] = []
  const gate = {
    enter: async () => (shut === undefined ? { access: { token: 't0', generation: 0 } } : { outcome: shut }),
    renewOrDeny: async (refused: { token: string } | null, count: number) => {
      renewals.push(`${refused?.token} ${count}`)
      return { access: { token: `t${count + 1}`, generation: count + 1 } }
    },
    tell: async (verdict: Verdict) => void told.push(verdict),
    outcomeOf: (verdict: Verdict) => again(verdict.next),
  }
  const left = [...answers]
  const came = await callPlatform({ gate, throttleMaxMs: 60_000 }, async access => {
    tokens.push(access.token)
    return left.shift() ?? null
  })
  return { came, told, renewals, tokens }
}

describe('a call through a platform’s gate', () => {
  it('that is accepted brings its value, and none where the answer has none', async () => {
    const { came, told } = await call([{ answer: status(200), value: 'v' }])
    expect(came).toEqual({ accepted: true, value: 'v' })
    expect(told).toEqual([{ next: 'accept' }])
    expect((await call([{ answer: status(201) }])).came).toEqual({ accepted: true })
  })

  it('that is refused brings the status and the platform’s words', async () => {
    expect((await call([{ answer: status(409, 'already answered') }])).came).toEqual({ accepted: false, status: 409, words: 'already answered' }) // prettier-ignore
  })

  it('is not made while the gate is shut, nor where there is nothing to call for', async () => {
    const shut = await call([{ answer: status(200) }], allWait(5, 'breaker'))
    expect(shut).toMatchObject({ came: { outcome: allWait(5, 'breaker') }, tokens: [] })
    expect(await call([null])).toMatchObject({ came: null, told: [] })
  })

  it('that we hung up ourselves says nothing about the platform; one that failed otherwise does', async () => {
    expect(await call([{ answer: { failure: 'aborted' } }])).toMatchObject({ came: { outcome: again('stopping') }, told: [] }) // prettier-ignore
    const lost = await call([{ answer: { failure: 'lost' } }])
    expect(lost).toMatchObject({ came: { outcome: again('back-off') }, told: [{ next: 'back-off', code: 'lost' }] })
  })

  it('waits as long as the platform asks for, and at most as long as is configured', async () => {
    const { came, told } = await call([{ answer: status(429, '', 3_600_000) }])
    expect(told).toEqual([{ next: 'wait', ms: 60_000 }])
    expect(came).toEqual({ outcome: again('wait') })
  })

  it('is made again with a renewed token, twice at most', async () => {
    const renewed = await call([{ answer: status(401) }, { answer: status(200), value: 'v' }])
    expect(renewed).toMatchObject({ came: { accepted: true, value: 'v' }, tokens: ['t0', 't1'], renewals: ['t0 0'] })
    const refused = await call(Array.from({ length: 9 }, () => ({ answer: status(401) })))
    expect(refused.came).toEqual({ outcome: again('unauthorized') })
    expect(refused.tokens).toEqual(['t0', 't1', 't2'])
    expect(refused.renewals).toEqual(['t0 0', 't1 1', 't2 2'])
  })
})

describe('where several platforms share a queue', () => {
  const links = (...names: string[]) => new Map(names.map(name => [name, {} as AlertLink]))
  it('one that is away holds up its own jobs only; alone it holds up all', () => {
    expect(ownWait(allWait(9, 'denied'), links('a', 'b'))).toEqual(later(9, 'denied'))
    expect(ownWait(allWait(9, 'denied'), links('a'))).toEqual(allWait(9, 'denied'))
    expect(ownWait(done('x'), links('a', 'b'))).toEqual(done('x'))
  })
})
