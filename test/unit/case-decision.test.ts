import { describe, expect, it } from 'vitest'
import { priorityOf } from '../../src/domain/alert/deadlines.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { decideCase } from '../../src/jobs/case-decision.ts'
import {
  answered,
  answeredAt,
  approved,
  chosenAt,
  chose,
  closed,
  confirmed,
  DAY_MS,
  ETHOCA,
  factsWith,
  hook,
  HOUR_MS,
  ledgerIn,
  NOW,
  readBack,
  RESPOND_BY,
  resolved,
  SEEN_AT,
  sentAt,
  STOP_AT,
  termsWith,
} from './build-case.ts'
import { JobWorld, storedOrder } from './job-world.ts'

const ID = 'midigator:g'
const READ = [hook('alert', ETHOCA), readBack(ETHOCA)]
const PRIORITY = priorityOf(RESPOND_BY)

/** An alert over an order of 30 dollars, as it was decided before. */
function world(
  entries: readonly CaseEntry[] = READ,
  over: Parameters<JobWorld['put']>[3] = { orderId: 'A' },
): JobWorld {
  const made = new JobWorld()
  made.orders.set('A', storedOrder())
  made.put(ID, 'alert', entries, over)
  return made
}
const refundedWorld = (entries: readonly CaseEntry[] = READ): JobWorld => {
  const made = world(entries)
  const claim = confirmed({ wantedBy: ID, confirmedAt: SEEN_AT + 1 })
  made.refunded('A', [claim], ledgerIn(claim).report)
  return made
}
const decideIn = (made: JobWorld) => decideCase(made.deps, ID)
/** The other cases that are decided again because of it. */
const othersIn = (made: JobWorld) => made.asked.filter(one => one.startsWith('others'))

const UNNAMED = factsWith({ orderId: undefined, cardFirst6: '401288', cardLast4: '1881' })
/** An alert that fits two orders alike. */
function unmatched(orderId: string | null = null): JobWorld {
  const made = world([hook('alert', UNNAMED)], { orderId })
  made.orders.set('B', storedOrder('B'))
  return made
}

describe('a case is decided', () => {
  it('not where there is none, and not where newer code has written it', async () => {
    const made = world()
    expect(await decideCase(made.deps, 'midigator:none')).toEqual({ done: 'unknown' })
    made.put('midigator:new', 'alert', READ, {}, true)
    expect(await decideCase(made.deps, 'midigator:new', () => ({ add: [closed()] }))).toEqual({ done: 'newer' })
    expect(made.writes).toEqual([])
  })

  it('from the facts that are added, which are written with it', async () => {
    const made = world()
    made.mode = 'approve'
    expect(await decideIn(made)).toMatchObject({ done: 'decided', decision: { reason: 'asking-gateway' } })
    const decided = await decideCase(made.deps, ID, () => ({ add: [chose('B')] }))
    expect(decided).toMatchObject({ done: 'decided', record: { orderId: 'B' }, added: [chose('B')] })
    expect(made.writes.at(-1)!.entries).toEqual([[`decision:${NOW}`, chose('B')]])
  })

  it('without facts that must not be added as it is: nothing is written', async () => {
    const made = world()
    expect(await decideCase(made.deps, ID, ({ id }, { state }) => ({ refuse: `${id} ${state}` }))).toEqual({ done: 'refused', refusal: `${ID} received` }) // prettier-ignore
    expect(made.writes).toEqual([])
    expect(made.asked).toEqual([])
  })

  it('again from the start while it changes meanwhile, and is given up after 25 times', async () => {
    const made = world()
    made.contended = 24
    expect((await decideIn(made)).done).toBe('decided')
    expect(made.writes).toHaveLength(25)
    made.contended = 25
    expect(await decideIn(made)).toEqual({ done: 'contended' })
    expect(made.contended).toBe(0)
    made.asked.length = 0
    made.contended = 25
    await decideIn(made)
    expect(made.asked).toEqual([])
  })

  it('with the counts of what it was made from', async () => {
    const made = world()
    await decideIn(made)
    expect(made.writes[0]).toMatchObject({
      orderRev: storedOrder().rev,
      ledger: { orderId: 'A' },
      before: { version: 1 },
    })
  })
})

describe('when a case is decided again', () => {
  it('soon while something is due that may be lost, and else when the decision says so', async () => {
    const made = world()
    await decideIn(made)
    expect(made.writes[0]).toMatchObject({ lookAt: NOW + 4_000, markAt: SEEN_AT + 4 * HOUR_MS })
    const waiting = world(READ, { orderId: 'A' })
    waiting.mode = 'approve'
    waiting.refunded('A', [], ledgerIn().report)
    await decideIn(waiting)
    expect(waiting.recordOf(ID).state).toBe('awaiting-approval')
    expect(waiting.writes[0]!.lookAt).toBe(NOW + waiting.terms.lookMs)
  })

  it('at the time that the decision names where that is sooner', async () => {
    const made = world()
    made.terms = termsWith({}, { lookMs: 3_000 })
    await decideIn(made)
    expect(made.writes[0]!.lookAt).toBe(NOW + 3_000)
  })

  it('not again once it is finished', async () => {
    const made = refundedWorld([...READ, ...answered(NOW)])
    await decideIn(made)
    expect(made.writes[0]).toMatchObject({ record: { state: 'resolved' }, lookAt: null })
  })

  it('not again once its order has been looked for in vain, though its record is still to be asked for', async () => {
    const made = world([hook('alert', factsWith({ partner: 'fraud-notification', orderId: undefined }))], {})
    await decideIn(made)
    expect(made.writes.at(-1)!.lookAt).toBe(NOW + 4_000)
    made.now = SEEN_AT + 3 * DAY_MS
    await decideIn(made)
    expect(made.writes.at(-1)).toMatchObject({ record: { due: { effects: ['enrich'] } }, lookAt: null })
  })
})

describe('what follows from a decision', () => {
  it('is asked for with the priority of the deadline', async () => {
    const made = world([hook('alert', ETHOCA)], {})
    await decideIn(made)
    expect(made.asked).toContain(`enrich ${ID} ${PRIORITY}`)
    const refunding = world()
    await decideIn(refunding)
    expect(refunding.asked).toEqual([`refund A ${PRIORITY}`])
    const resolving = refundedWorld()
    await decideIn(resolving)
    expect(resolving.asked).toEqual([`resolve ${ID} ${PRIORITY}`, `others A ${ID} open`])
  })

  it('is not asked for again while it is under way, unless a person decides or it takes too long', async () => {
    const made = world()
    await decideIn(made)
    made.now += 1_000
    await decideIn(made)
    expect(made.asked).toEqual([`refund A ${PRIORITY}`])
    await decideCase(made.deps, ID, () => ({ add: [approved('30', made.now)] }))
    expect(made.asked).toEqual([`refund A ${PRIORITY}`, `refund A ${PRIORITY}`, `others A ${ID} all`])
    made.now += 4_000
    await decideIn(made)
    expect(made.asked.slice(3)).toEqual([`refund A ${PRIORITY}`])
  })

  it('concerns every other case of an order that it is newly matched to', async () => {
    const made = world(READ, { orderId: null })
    await decideIn(made)
    expect(othersIn(made)).toEqual([`others A ${ID} all`])
    made.asked.length = 0
    made.now += 1
    await decideIn(made)
    expect(made.asked).toEqual([])
  })

  it('concerns the open ones alone where only its answer is new, and all where its record or a decision is', async () => {
    const made = refundedWorld()
    await decideIn(made)
    expect(made.asked.at(-1)).toBe(`others A ${ID} open`)
    await decideCase(made.deps, ID, () => ({ add: [readBack({ ...ETHOCA, arn: '7' }, NOW + 1)] }))
    expect(made.asked.at(-1)).toBe(`others A ${ID} all`)
    await decideCase(made.deps, ID, () => ({ add: [{ what: 'asked', at: NOW + 2, missedSince: null }] }))
    expect(made.asked.filter(one => one.startsWith('others'))).toHaveLength(2)
    const asked: CaseEntry = { what: 'asked', at: NOW + 3, missedSince: null }
    await decideCase(made.deps, ID, () => ({ add: [readBack({ ...ETHOCA, arn: '8' }, NOW + 3), asked] }))
    expect(made.asked.at(-1)).toBe(`others A ${ID} all`)
  })

  it('concerns no other case where the order is the same and nothing of it is new', async () => {
    const made = refundedWorld([...READ, ...answered(NOW)])
    await decideIn(made)
    await decideIn(made)
    expect(othersIn(made)).toEqual([])
  })

  it('concerns the order that it is no longer matched to: its cases, and its refund', async () => {
    const made = world(READ, { orderId: 'B' })
    await decideIn(made)
    expect(made.asked).toContain(`others B ${ID} all`)
    expect(made.asked).toContain(`refund B ${PRIORITY}`)
    const same = world()
    await decideIn(same)
    expect(othersIn(same)).toEqual([])
    const open = unmatched('B')
    await decideIn(open)
    expect(othersIn(open)).toEqual([`others B ${ID} all`])
  })

  it('concerns the open cases of orders that it may be of once its record was asked for', async () => {
    const made = unmatched()
    await decideIn(made)
    expect(othersIn(made)).toEqual([])
    await decideCase(made.deps, ID, () => ({ add: [readBack(UNNAMED, NOW)] }))
    expect(othersIn(made)).toEqual([`others A ${ID} open`, `others B ${ID} open`])
    await decideCase(made.deps, ID, () => ({ add: [{ what: 'asked', at: NOW, missedSince: null }] }))
    expect(othersIn(made)).toHaveLength(4)
    const request = unmatched()
    request.put(ID, 'request', [hook('refund', UNNAMED)])
    await decideCase(request.deps, ID, () => ({ add: [readBack(UNNAMED, NOW)] }))
    expect(othersIn(request)).toEqual([])
  })

  it('is counted once it is answered', async () => {
    const made = refundedWorld([...READ, ...answered(NOW)])
    await decideIn(made)
    expect(made.asked).toContain(`answered ${ID} ${NOW - SEEN_AT}`)
    made.asked.length = 0
    await decideIn(made)
    expect(made.asked).toEqual([])
  })
})

describe('what was decided matters to the order’s other cases', () => {
  const matters = async (add: CaseEntry[], partner: string | null = 'ethoca', before: CaseEntry[] = []) => {
    const made = world([...READ, ...before], { orderId: 'A', partner })
    made.mode = 'approve'
    await decideCase(made.deps, ID, () => ({ add }))
    return made.writes.at(-1)!.mattersToOthers
  }
  it('where a person decided, its record says something new, or it was answered', async () => {
    expect(await matters([])).toBe(false)
    expect(await matters([{ what: 'asked', at: NOW, missedSince: null }])).toBe(false)
    expect(await matters([closed()])).toBe(true)
    expect(await matters([readBack({ ...ETHOCA, arn: '7' }, NOW)])).toBe(true)
    expect(await matters([chosenAt(NOW)])).toBe(true)
    expect(await matters([chosenAt(NOW), sentAt(NOW)])).toBe(true)
    expect(await matters([sentAt(NOW)], 'ethoca', [chosenAt(NOW)])).toBe(true)
    expect(await matters([answeredAt(NOW)], 'ethoca', [chosenAt(NOW), sentAt(NOW)])).toBe(true)
  })
  it('and where the partner is now known by another name', async () => {
    expect(await matters([], null)).toBe(true)
  })
})

describe('an alarm', () => {
  const atStop = (sendsAlarms: boolean) => {
    const made = world()
    made.sendsAlarms = sendsAlarms
    made.mode = 'off'
    made.now = STOP_AT
    return made
  }
  it('is raised before anything else follows, once', async () => {
    const made = atStop(false)
    await decideIn(made)
    const names = made.alarms.map(({ name }) => name)
    expect(names).toContain('case-escalated')
    expect(made.asked.slice(0, names.length)).toEqual(names.map(name => `raised ${name}`))
    expect(made.writes[0]!.alarms).toEqual([])
    expect(made.asked.filter(one => one.startsWith('alarm '))).toEqual([])
    await decideIn(made)
    expect(made.alarms).toHaveLength(names.length)
  })
  it('that is over is cleared, and one that comes back within an hour for the same reason does not ring', async () => {
    const made = world()
    made.refunded('A', [], ledgerIn().report)
    const rung = async (mode: 'approve' | 'auto', at: number) => {
      made.alarms.length = 0
      made.mode = mode
      made.now = at
      await decideIn(made)
      return made.alarms.map(({ name, state }) => `${name} ${state}`)
    }
    expect(await rung('approve', NOW)).toEqual(['case-approval raised'])
    expect(await rung('auto', NOW + 1)).toEqual(['case-approval cleared'])
    expect(await rung('approve', NOW + 2)).toEqual([])
    expect(made.recordOf(ID).alarms).toEqual(['case-approval'])
  })
  it('is stored and sent where alarms go out as hooks', async () => {
    const made = atStop(true)
    await decideIn(made)
    expect(made.writes[0]!.alarms).toEqual(made.alarms)
    const sent = made.asked.filter(one => one.startsWith('alarm '))
    expect(sent).toEqual(made.alarms.map(({ id }) => `alarm ${id}`))
  })
})

describe('the call that carries a resolution is noted before it is made', () => {
  const call = async (made: JobWorld) => {
    const decided = await decideCase(made.deps, ID, undefined, { call: true })
    return decided.done === 'decided' ? decided.added.filter(one => one.what === 'sent') : []
  }
  it('with the resolution that is chosen now, as the first one', async () => {
    expect(await call(refundedWorld())).toEqual([{ what: 'sent', at: NOW, of: NOW, calls: 1, unanswered: false }])
  })
  it('and counted with a resolution that was called before: that one was not answered', async () => {
    const made = refundedWorld()
    await call(made)
    made.now += 5
    expect(await call(made)).toEqual([{ what: 'sent', at: NOW + 5, of: NOW, calls: 2, unanswered: true }])
    made.now += 5
    expect(await call(made)).toMatchObject([{ calls: 3, unanswered: true }])
    expect(made.entriesOf(ID, 'sent')).toHaveLength(1)
  })
  it('from one on for another resolution that a person chose since', async () => {
    const made = refundedWorld()
    await call(made)
    made.now += 5
    const add = [resolved(made.now)]
    const decided = await decideCase(made.deps, ID, () => ({ add }), { call: true })
    expect(decided).toMatchObject({ decision: { state: 'resolving' } })
    expect(made.entriesOf(ID, 'sent').at(-1)).toEqual({ what: 'sent', at: NOW + 5, of: NOW + 5, calls: 1, unanswered: false }) // prettier-ignore
  })
  it('never before its resolution, also where the clock goes back', async () => {
    const made = refundedWorld()
    await decideIn(made)
    made.now -= 50
    expect(await call(made)).toEqual([{ what: 'sent', at: NOW, of: NOW, calls: 1, unanswered: false }])
  })
  it('only where it is asked for, and only where a resolution is due', async () => {
    const made = refundedWorld()
    await decideIn(made)
    expect(made.entriesOf(ID, 'sent')).toEqual([])
    expect(await call(world())).toEqual([])
  })
})
