import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { Answer } from '../../src/domain/judge-answer.ts'
import type { AlertLink } from '../../src/jobs/call-platform.ts'
import { decideCaseJob } from '../../src/jobs/decide-case.ts'
import { enrichCase, type EnrichCaseDeps } from '../../src/jobs/enrich-case.ts'
import { again, done, later, park } from '../../src/jobs/job.ts'
import { refundOrder } from '../../src/jobs/refund-order.ts'
import { resolveCase } from '../../src/jobs/resolve-case.ts'
import { sweepCases } from '../../src/jobs/sweep-cases.ts'
import { watchDeadlines } from '../../src/jobs/watch-deadlines.ts'
import type { Report } from '../../src/platforms/platform.ts'
import { ETHOCA, hook, NOW } from './build-case.ts'
import { ID, IDLE, JobWorld, caseWorld, linked, status } from './job-world.ts'

describe('a case that is to be decided', () => {
  const decide = (made: JobWorld, caseId = ID) => decideCaseJob.run({ caseId }, made.deps, IDLE)
  it('is; the run says where it is and why', async () => {
    expect(await decide(caseWorld())).toEqual(done('matched: asking-gateway'))
  })
  it('is tried again while it changes, waits for newer code, and is done where there is none', async () => {
    const made = caseWorld()
    made.contended = 99
    expect(await decide(made)).toEqual(again('contended'))
    made.put('midigator:new', 'alert', [hook('alert', ETHOCA)], {}, true)
    expect(await decide(made, 'midigator:new')).toEqual(later(60_000, 'of a newer version'))
    expect(await decide(made, 'midigator:none')).toEqual(done('unknown'))
    expect(decideCaseJob.key({ caseId: ID })).toBe(ID)
  })
})

describe('the platform’s own record', () => {
  type Came = { answer: Answer; value?: Report }
  const FACTS: AlertFacts = { ...ETHOCA, arn: '74' }
  const enrich = (made: JobWorld, came: Came, over: Partial<EnrichCaseDeps> = {}, caseId = ID) =>
    enrichCase.run(
      { caseId },
      {
        ...made.deps,
        alertLinks: linked({ ask: async () => came }),
        throttleMaxMs: 1_000,
        pushTimeoutMs: 500,
        ...over,
      },
      IDLE,
    )
  const read = (facts: AlertFacts, more: Partial<Report> = {}): Came => ({ answer: status(200), value: { guid: 'g', facts, ...more } }) // prettier-ignore

  it('is kept with its faults, and that it was asked for', async () => {
    const made = caseWorld([hook('alert', ETHOCA)])
    const faults = [{ field: 'amount', message: 'expected an amount' }]
    expect(await enrich(made, read(FACTS, { faults }))).toEqual(done('read'))
    expect(made.entriesOf(ID, 'read-back')).toEqual([{ what: 'read-back', at: NOW, facts: FACTS, faults }])
    expect(made.entriesOf(ID, 'asked')).toEqual([{ what: 'asked', at: NOW, missedSince: null }])
  })

  it('is kept once while it says the same, and again when it says something else', async () => {
    const made = caseWorld([hook('alert', ETHOCA)])
    await enrich(made, read(FACTS))
    expect(made.entriesOf(ID, 'read-back')).toEqual([{ what: 'read-back', at: NOW, facts: FACTS }])
    made.now += 5
    await enrich(made, read(FACTS))
    expect(made.entriesOf(ID, 'read-back')).toHaveLength(1)
    expect(made.entriesOf(ID, 'asked')).toEqual([{ what: 'asked', at: NOW + 5, missedSince: null }])
    await enrich(made, read({ ...FACTS, arn: '75' }))
    expect(made.entriesOf(ID, 'read-back')).toHaveLength(2)
  })

  it('is missing since the first time that there was none', async () => {
    const made = caseWorld([hook('alert', ETHOCA)])
    expect(await enrich(made, { answer: status(404) })).toEqual(done('not-found'))
    made.now += 5
    await enrich(made, { answer: status(404) })
    expect(made.entriesOf(ID, 'asked')).toEqual([{ what: 'asked', at: NOW + 5, missedSince: NOW }])
    expect(made.entriesOf(ID, 'read-back')).toEqual([])
  })

  it('is asked for again where it cannot be read, or the case changes all the time', async () => {
    const made = caseWorld()
    expect(await enrich(made, { answer: status(200) })).toEqual(again('unreadable'))
    made.contended = 99
    expect(await enrich(made, read(FACTS))).toEqual(again('contended'))
    const newer = new JobWorld()
    newer.put(ID, 'alert', [hook('alert', ETHOCA)], {}, true)
    expect(await enrich(newer, read(FACTS))).toEqual(again('newer'))
  })

  it('is not asked for where there is no case or no such platform, and a refusal is for a person', async () => {
    const made = caseWorld()
    expect(await enrich(made, read(FACTS), {}, 'midigator:none')).toEqual(done('unknown'))
    expect(await enrich(made, read(FACTS), { alertLinks: new Map() })).toEqual(park('platform-not-configured'))
    expect(await enrich(made, { answer: status(400) })).toEqual(park('refused-400'))
    expect(made.writes).toEqual([])
  })

  it('waits alone where the platform is away and others share the queue', async () => {
    expect(await enrich(caseWorld(), read(FACTS), { alertLinks: linked({}, true) })).toEqual(later(9, 'denied'))
  })

  it('is asked for within the limits, about the case', async () => {
    const seen: unknown[] = []
    const ask: AlertLink['platform']['ask'] = async (access, { kind, guid }, { timeoutMs, signal }) => {
      seen.push(access.token, kind, guid, timeoutMs, signal)
      return read(FACTS)
    }
    await enrich(caseWorld(), read(FACTS), { alertLinks: linked({ ask }) })
    expect(seen).toEqual(['t', 'alert', 'g', 500, IDLE.signal])
    expect(enrichCase.key({ caseId: ID })).toBe(ID)
  })
})

describe('the sweep', () => {
  const pages = (...sizes: number[]) =>
    sizes.map((size, page) => Array.from({ length: size }, (_, i) => `${page}-${i}`))
  async function sweep(due: Record<'cases' | 'refunds' | 'alarms', string[][]>) {
    const made = new JobWorld()
    const terms: number[][] = []
    const from = (left: string[][]) => ({
      takeDue: async (againMs: number, atMost: number) => {
        terms.push([againMs, atMost])
        return left.shift() ?? []
      },
    })
    const [cases, refunds, alarmOutbox] = [from(due.cases), from(due.refunds), from(due.alarms)]
    const outcome = await sweepCases.run({}, { cases, refunds, alarmOutbox, wants: made.wants, sweepMs: 1_000 }, IDLE)
    return { outcome, terms, asked: made.asked }
  }
  it('asks for what is due, cases first, and leaves it for a while', async () => {
    const { outcome, asked, terms } = await sweep({ cases: [['a', 'b']], refunds: [['A', 'B']], alarms: [['x']] })
    expect(outcome).toEqual(done('2 cases, 2 refunds, 1 alarms'))
    expect(asked).toEqual(['decide a b', 'refund A 2097151', 'refund B 2097151', 'alarm x'])
    expect(terms).toEqual([[4_000, 500], [4_000, 500], [4_000, 500]]) // prettier-ignore
    expect(sweepCases.key({})).toBe('all')
  })
  it('asks for nothing where nothing is due', async () => {
    expect(await sweep({ cases: [], refunds: [], alarms: [] })).toMatchObject({ outcome: done('0 cases, 0 refunds, 0 alarms'), asked: [] }) // prettier-ignore
  })
  it('goes on while whole pages are due, and has an end where ever more is', async () => {
    expect((await sweep({ cases: pages(500, 500, 3), refunds: [], alarms: [] })).outcome).toEqual(done('1003 cases, 0 refunds, 0 alarms')) // prettier-ignore
    const endless = await sweep({ cases: [], refunds: [], alarms: pages(...Array.from({ length: 300 }, () => 500)) })
    expect(endless.outcome).toEqual(done('0 cases, 0 refunds, 100000 alarms'))
  })
})

describe('the watch over deadlines', () => {
  async function watch(pages: string[][], made = caseWorld(), signal = IDLE.signal) {
    const looks: number[][] = []
    const withDueMarks = async (now: number, atMost: number) => {
      looks.push([now, atMost])
      return pages.shift() ?? []
    }
    const deps = { ...made.deps, cases: { ...made.caseStore, withDueMarks } }
    return { outcome: await watchDeadlines.run({}, deps, { attemptsMade: 0, signal }), looks, made }
  }
  const full = (id: string) => Array.from({ length: 200 }, () => id)

  it('decides the cases whose marks have come', async () => {
    const { outcome, looks, made } = await watch([[ID]])
    expect(outcome).toEqual(done('1 cases'))
    expect(looks).toEqual([[NOW, 200]])
    expect(made.recordOf(ID).reason).toBe('asking-gateway')
    expect(watchDeadlines.key({})).toBe('all')
  })
  it('goes on while whole pages come and any of them can be decided', async () => {
    const mixed = [ID, ...full('midigator:none').slice(1)]
    expect((await watch([mixed, mixed, [ID]])).outcome).toEqual(done('401 cases'))
    expect((await watch([full('midigator:none'), [ID]])).outcome).toEqual(done('200 cases'))
  })
  it('goes on where single cases cannot be read, and stops where none can or the process ends', async () => {
    const failing = caseWorld()
    const { read } = failing.caseStore
    failing.caseStore.read = async id => {
      if (id === 'midigator:bad') throw new Error('away')
      return read(id)
    }
    expect((await watch([[ID, ...full('midigator:bad').slice(1)], [ID]], failing)).outcome).toEqual(done('201 cases'))
    expect((await watch([full('midigator:bad'), [ID]], failing)).outcome).toEqual(done('200 cases'))
    expect((await watch([[ID, ...full('midigator:none').slice(1)], [ID]], caseWorld(), AbortSignal.abort())).outcome).toEqual(done('200 cases')) // prettier-ignore
  })
})

it.each([decideCaseJob, enrichCase, resolveCase])('the job $name needs the id of a case', ({ payload }) => {
  expect(payload.safeParse({ caseId: 'a' }).success).toBe(true)
  expect(payload.safeParse({ caseId: '' }).success).toBe(false)
})
it('the job of a refund needs the id of an order', () => {
  expect(refundOrder.payload.safeParse({ orderId: 'A' }).success).toBe(true)
  expect(refundOrder.payload.safeParse({ orderId: '' }).success).toBe(false)
})
