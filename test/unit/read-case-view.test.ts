import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { readOrder, stillMatched, termsNow, viewOf } from '../../src/jobs/read-case-view.ts'
import type { Found } from '../../src/jobs/read-case-view.ts'
import {
  answeredAt, chose, chosenAt, claimed, confirmed, DAY_MS, ETHOCA, factsWith, hook, ledgerIn, listed, missing, NOW, readBack, reportOf, SEEN_AT, sentAt,
  TERMS,
} from './build-case.ts' // prettier-ignore
import { JobWorld, storedOrder } from './job-world.ts'

const ID = 'midigator:g'
const CARD = { cardFirst6: '401288', cardLast4: '1881' }
const LOOSE = factsWith({ ...CARD, orderId: undefined })
const own = (orderId: string, at = NOW): CaseEntry => ({ what: 'matched', at, orderId, by: 'card', isActed: true })

function world(entries: readonly CaseEntry[] = [hook('alert', ETHOCA)], over: Parameters<JobWorld['put']>[3] = {}): JobWorld {
  const made = new JobWorld()
  for (const orderId of ['A', 'B']) made.orders.set(orderId, storedOrder(orderId))
  made.put(ID, 'alert', entries, over)
  return made
} // prettier-ignore
const view = (made: JobWorld, id = ID): Promise<Found> => viewOf(made.deps, made.caseOf(id))
const candidates = async (made: JobWorld) => (await view(made)).view.assessment.candidates.map(({ orderId }) => orderId)

describe('what a decision depends on', () => {
  it('is the order that the platform names, its refunds, and every case of it', async () => {
    const made = world(undefined, { orderId: 'A', state: 'matched', reason: 'no-trigger' })
    made.put('midigator:x', 'chargeback', [hook('chargeback', { orderId: 'A' })], { orderId: 'A' })
    const claim = confirmed()
    made.refunded('A', [claim])
    const { view: found, ledger, orderRev } = await view(made)
    expect(found).toMatchObject({
      now: NOW, id: ID, order: { orderId: 'A' }, ledger: { claims: [claim] }, before: { state: 'matched', reason: 'no-trigger' }, former: [],
      mayConcernRefunded: false, isArnMatched: false, isErased: false, awaited: [], loose: [], untied: [],
    }) // prettier-ignore
    expect(found.cases.map(({ id }) => id).toSorted()).toEqual([ID, 'midigator:x'])
    expect(ledger).toEqual(made.ledgerOf('A'))
    expect(orderRev).toBe(storedOrder().rev)
  })

  it('takes facts in that are about to be kept', async () => {
    const made = world()
    const { view: found } = await viewOf(made.deps, made.caseOf(ID), [chose('B')])
    expect(found).toMatchObject({
      order: { orderId: 'B' },
      facts: { chosenOrderId: 'B' },
      assessment: { by: 'person' },
    })
  })

  it('has no order while none is matched, and no stored one where a named one is not known yet', async () => {
    const made = world([hook('alert', factsWith({ orderId: 'Z' }))])
    expect(await view(made)).toMatchObject({ view: { order: null, ledger: { orderId: 'Z' } }, orderRev: null })
    const loose = world([hook('alert', factsWith({ orderId: undefined, amount: '99' }))])
    expect(await view(loose)).toMatchObject({ view: { order: null, ledger: null, untied: [] }, ledger: null, orderRev: null })
  }) // prettier-ignore

  it('is whether its order was erased and is not stored again', async () => {
    const made = world()
    made.erased.add('A')
    expect((await view(made)).view.isErased).toBe(false)
    made.orders.delete('A')
    expect((await view(made)).view.isErased).toBe(true)
    made.erased.clear()
    expect((await view(made)).view.isErased).toBe(false)
  })

  it('is the mode of refunds that was set, and off where none ever was', async () => {
    const made = world()
    made.mode = 'approve'
    expect((await view(made)).view.terms.refunds.mode).toBe('approve')
    made.mode = null
    expect((await view(made)).view.terms.refunds.mode).toBe('off')
    made.mode = 'auto'
    const terms = (isQuarantined: boolean) =>
      termsNow({ ...made.deps, rollback: async () => ({ at: 1, restoredAt: 1, isQuarantined }) })
    expect((await terms(true)).refunds).toMatchObject({ mode: 'approve', rollback: { at: 1 } })
    expect((await terms(false)).refunds.mode).toBe('auto')
    made.mode = 'off'
    expect((await terms(true)).refunds.mode).toBe('off')
  })

  it('counts whether the stored orders are complete since', async () => {
    const made = world([hook('alert', { ...LOOSE, transactionAt: SEEN_AT - 9 * DAY_MS })])
    made.orders.delete('B')
    expect((await view(made)).view).toMatchObject({
      assessment: { verdict: 'likely', orderId: 'A' },
      order: { orderId: 'A' },
    })
    made.completeSince = null
    expect((await view(made)).view.assessment).toMatchObject({ verdict: 'open', reason: 'incomplete' })
  })

  it('counts which merchant accounts stored orders name', async () => {
    const made = world([hook('alert', factsWith({ mid: 'm1' }))], { orderId: 'A' })
    made.put('midigator:x', 'alert', [hook('alert', factsWith({ mid: 'm2' }))], { orderId: 'A' })
    made.knownAccounts = new Set(['m2', 'm3'])
    expect((await view(made)).view.knownAccounts).toEqual(new Set(['m2']))
  })

  it('contradicts a named order by its merchant account only where stored orders name that account', async () => {
    const made = world([hook('alert', factsWith({ mid: 'm1' }))])
    made.orders.set('A', storedOrder('A', { transaction_merchant_id: 'm9' }))
    expect((await view(made)).view.assessment.verdict).toBe('certain')
    made.knownAccounts.add('m1')
    expect((await view(made)).view.assessment).toMatchObject({ verdict: 'open', reason: 'contradicted' })
  })
})

describe('which orders an alert is compared with', () => {
  it('is the one that a person chose, else those that the platform names, else the one it was acted on, else all that fit', async () => {
    expect(await candidates(world([hook('alert', ETHOCA), chose('B')]))).toEqual(['B'])
    expect(await candidates(world([hook('alert', ETHOCA), own('B')]))).toEqual(['A'])
    const twice = world([hook('alert', LOOSE), own('A', NOW - 2), own('A', NOW - 1), own('B')])
    expect(await candidates(twice)).toEqual(['A', 'B'])
    twice.refunded('B', [confirmed({ wantedBy: 'midigator:another' })])
    expect(await candidates(twice)).toEqual(['A', 'B'])
    twice.refunded('B', [confirmed({ wantedBy: ID })])
    expect(await candidates(twice)).toEqual(['B'])
    expect((await view(twice)).view.assessment).toMatchObject({ verdict: 'certain', orderId: 'B' })
    twice.refunded('B', [claimed({ wantedBy: ID })])
    expect(await candidates(twice)).toEqual(['A', 'B'])
    const answered = [chosenAt(NOW - 1, { orderId: 'B' }), sentAt(NOW - 1)]
    expect(await candidates(world([hook('alert', LOOSE), own('B'), answered[0]!]))).toEqual(['A', 'B'])
    expect(await candidates(world([hook('alert', LOOSE), own('A'), ...answered]))).toEqual(['A', 'B'])
    expect(await candidates(world([hook('alert', LOOSE), own('B'), ...answered]))).toEqual(['B'])
    expect(await candidates(world([hook('alert', LOOSE)]))).toEqual(['A', 'B'])
    const two = world([hook('alert', ETHOCA), hook('alert-match', { orderId: 'B' })])
    expect(await candidates(two)).toEqual(['A', 'B'])
    expect((await view(two)).view.assessment).toMatchObject({ verdict: 'open', reason: 'platform-differs' })
  })
  it('leaves out one that is not stored', async () => {
    expect(await candidates(world([hook('alert', ETHOCA), chose('Z')]))).toEqual([])
  })
})

describe('the cases of an order', () => {
  it('are without those that have come to name another order', async () => {
    const made = world(undefined, { orderId: 'A' })
    made.put('midigator:left', 'alert', [hook('alert', ETHOCA), chose('B')], { orderId: 'A' })
    made.put('midigator:ours', 'alert', [hook('alert', LOOSE)], { orderId: 'A' })
    const { cases, money, ledger } = await readOrder(made.deps, 'A')
    expect(cases.map(({ id }) => id)).toEqual([ID, 'midigator:ours'])
    expect(money).toMatchObject({ orderId: 'A' })
    expect(ledger).toMatchObject({ orderId: 'A' })
    expect(await readOrder(made.deps, 'Z')).toMatchObject({ money: null, cases: [], untied: [], untiedVersion: '7' })
  })

  it('have the merchant’s currency where the order names none', async () => {
    const made = world()
    made.terms = { ...TERMS, defaultCurrency: 'EUR' }
    made.orders.set('A', storedOrder('A', { currency: null }))
    expect((await readOrder(made.deps, 'A')).money?.currency).toBe('EUR')
    expect((await view(made)).view.order?.currency).toBe('EUR')
  })
})

describe('the cases of an order that are matched to it by card alone', () => {
  const holds = async (more: readonly CaseEntry[], orders = ['A', 'B']) => {
    const made = world([hook('alert', LOOSE), ...more], { orderId: 'A' })
    for (const one of ['A', 'B']) if (!orders.includes(one)) made.orders.delete(one)
    const { cases } = await readOrder(made.deps, 'A')
    return (await stillMatched(made.deps, 'A', cases)).length > 0
  }
  it('are its cases while no other order fits as well', async () => {
    expect(await holds([own('A')], ['A'])).toBe(true)
    expect(await holds([own('A')])).toBe(false)
    expect(await holds([own('A')], ['B'])).toBe(false)
  })
  it('are its cases for good once they are matched by more than the card, chosen by a person, or named by the platform', async () => {
    expect(await holds([own('A', NOW - 1), { ...own('A'), by: 'arn' } as CaseEntry])).toBe(true)
    expect(await holds([own('A'), chose('A')], ['B'])).toBe(true)
    expect(await holds([own('A'), hook('alert-match', { orderId: 'A', cardLast4: '0000' })])).toBe(true)
  })
})

describe('chargebacks and RDR notices without an order', () => {
  const NOTICE = { ...CARD, amount: '30', currency: 'USD' }
  it('are found by last four or amount, and held against a sale that nothing sets them apart from', async () => {
    const made = world()
    made.put('midigator:card', 'chargeback', [hook('chargeback', NOTICE)])
    made.put('midigator:other', 'chargeback', [hook('chargeback', { ...NOTICE, cardFirst6: '555555' })])
    made.untied = { 'last_4:1881': ['midigator:card', 'midigator:other'], 'amount:30': ['midigator:card', 'midigator:gone'] }
    expect((await readOrder(made.deps, 'A')).untied.map(({ id }) => id)).toEqual(['midigator:card'])
    expect((await view(made)).view.untied.map(({ id }) => id)).toEqual(['midigator:card'])
    made.untied = { 'amount:30': ['midigator:card'] }
    expect((await readOrder(made.deps, 'A')).untied).toHaveLength(1)
  }) // prettier-ignore

  it('are not looked for by an amount of nothing', async () => {
    const made = world()
    made.orders.set('A', storedOrder('A', { order_status: null, cc_last_4: null }))
    made.put('midigator:free', 'chargeback', [hook('chargeback', { ...NOTICE, amount: '0' })])
    made.untied = { 'amount:0': ['midigator:free'] }
    expect((await readOrder(made.deps, 'A')).untied).toEqual([])
  })

  it('may concern a sale that was refunded, by whichever side says so', async () => {
    const concerns = async (prepare: (made: JobWorld) => void, kind: 'chargeback' | 'alert' = 'chargeback', more: CaseEntry[] = []) => {
      const made = world()
      made.put('midigator:n', kind, [hook(kind, { ...NOTICE, ...(kind === 'alert' && { partner: 'ethoca' }) }), ...more])
      prepare(made)
      return (await view(made, 'midigator:n')).view.mayConcernRefunded
    }
    expect(await concerns(() => {})).toBe(false)
    expect(await concerns(made => made.refunded('B', [confirmed()]))).toBe(true)
    expect(await concerns(made => made.refunded('B', [], reportOf([listed()])))).toBe(true)
    expect(await concerns(made => made.refunded('B', [], reportOf([listed({ status: 'failed' })])))).toBe(false)
    expect(await concerns(made => void made.orders.set('B', storedOrder('B', { is_refund: true })))).toBe(true)
    expect(await concerns(made => made.refunded('B', [confirmed()]), 'alert')).toBe(false)
    const likely = (made: JobWorld) => {
      made.refunded('B', [confirmed()])
      made.orders.delete('A')
    }
    expect(await concerns(likely)).toBe(true)
    expect(await concerns(made => made.refunded('A', [confirmed()]), 'chargeback', [readBack({ orderId: 'A' })])).toBe(false)
    const far = (made: JobWorld) => {
      made.refunded('B', [confirmed()])
      made.orders.set('B', storedOrder('B', { cc_first_6: '555555' }))
    }
    expect(await concerns(far)).toBe(false)
  }) // prettier-ignore
})

describe('alerts that a refund request waits for', () => {
  const REQUEST = 'midigator:req'
  const waiting = (made: JobWorld) => view(made, REQUEST).then(({ view: found }) => found.awaited.map(({ id }) => id))
  function requested(facts = LOOSE, more: CaseEntry[] = [], kind: 'alert' | 'chargeback' = 'alert'): JobWorld {
    const made = world([hook(kind, facts), ...more])
    if (kind === 'chargeback') made.put(ID, kind, [hook(kind, facts)])
    made.put(REQUEST, 'request', [hook('refund', { orderId: 'A', amount: '30' })], { orderId: 'A' })
    made.unmatched = [ID, 'midigator:gone']
    return made
  }
  it('are those whose record was not read since it came and that nothing sets apart from its order or part of it', async () => {
    expect(await waiting(requested())).toEqual([ID])
    expect(await waiting(requested(LOOSE, [readBack(LOOSE, SEEN_AT - 1)]))).toEqual([ID])
    const besides = requested(LOOSE, [readBack(LOOSE, SEEN_AT - 1)])
    besides.put('midigator:cb', 'chargeback', [hook('chargeback', LOOSE)], { orderId: 'A' })
    expect(await waiting(besides)).toEqual([ID])
    expect(await waiting(requested({ ...LOOSE, amount: '17' }))).toEqual([ID])
    expect(await waiting(requested({ ...LOOSE, amount: '31' }))).toEqual([])
    expect(await waiting(requested(LOOSE, [readBack(LOOSE)]))).toEqual([])
    expect(await waiting(requested(LOOSE, [missing()]))).toEqual([])
    expect(await waiting(requested(factsWith({ orderId: 'B' })))).toEqual([])
    expect(await waiting(requested(LOOSE, [chose('B')]))).toEqual([])
    expect(await waiting(requested({ ...LOOSE, cardLast4: '0000' }))).toEqual([])
    expect(await waiting(requested(LOOSE, [], 'chargeback'))).toEqual([])
  })
  it('are none that were read before it and are not read again: an answer went out or was accepted, or no guid is named', async () => {
    const again = async (...more: CaseEntry[]) => waiting(requested(LOOSE, [readBack(LOOSE, SEEN_AT - 1), ...more]))
    expect(await again(chosenAt(SEEN_AT), sentAt(SEEN_AT))).toEqual([])
    expect(await again(chosenAt(SEEN_AT), answeredAt(SEEN_AT))).toEqual([])
    expect(await again(chosenAt(SEEN_AT), answeredAt(SEEN_AT, { accepted: false }))).toEqual([ID])
    const { event, ...rest } = hook('alert-match', LOOSE)
    expect(await again({ ...rest, event: { ...event, hasGuid: false } })).toEqual([])
  })
  it('are none where an alert of the order is there, its order is not known, or it is no request', async () => {
    const made = requested()
    made.put('midigator:tied', 'alert', [hook('alert', ETHOCA)], { orderId: 'A' })
    expect(await waiting(made)).toEqual([])
    const unknown = requested()
    unknown.orders.delete('A')
    expect(await waiting(unknown)).toEqual([])
    const unnamed = requested()
    unnamed.put(REQUEST, 'request', [hook('refund', { amount: '30' })])
    expect(await waiting(unnamed)).toEqual([])
    const alert = requested()
    alert.put('midigator:notice', 'chargeback', [hook('chargeback', { orderId: 'A' })], { orderId: 'A' })
    expect((await view(alert, 'midigator:notice')).view.awaited).toEqual([])
  })
  it('are those whose merchant account is written in another way too', async () => {
    const made = requested({ ...LOOSE, mid: 'm1' })
    made.orders.set('A', storedOrder('A', { transaction_merchant_id: 'm9' }))
    expect(await waiting(made)).toEqual([ID])
  })

  it('are looked for among the newest hundred', async () => {
    const made = requested()
    made.unmatched = [...Array.from({ length: 99 }, () => 'midigator:gone'), ID]
    expect(await waiting(made)).toEqual([ID])
    made.unmatched.unshift('midigator:gone')
    expect(await waiting(made)).toEqual([])
  })
})

describe('what a case was about before', () => {
  it('is each other order that it was acted on, with its refunds', async () => {
    const made = world([hook('alert', ETHOCA), own('B', NOW - 3), own('A', NOW - 2), own('B', NOW - 1)])
    made.refunded('B', [confirmed()], ledgerIn(confirmed()).report)
    expect((await view(made)).view.former).toEqual([made.ledgerOf('B')])
  })
})

describe('another case of the same ARN', () => {
  it('that is matched to an order is known while this one is not', async () => {
    const arn = async (facts: AlertFacts = { ...LOOSE, amount: '99', arn: '74' }, orderId: string | null = 'A') => {
      const made = world([hook('alert', facts)], { orderId: 'C' })
      made.put('midigator:x', 'alert', [hook('alert', ETHOCA)], { orderId })
      made.byArn = { '74': [ID, 'midigator:gone', 'midigator:x'] }
      return (await view(made)).view.isArnMatched
    }
    expect(await arn()).toBe(true)
    expect(await arn(undefined, null)).toBe(false)
    expect(await arn({ ...LOOSE, amount: '99' })).toBe(false)
    expect(await arn({ ...ETHOCA, arn: '74' })).toBe(false)
  })
})
