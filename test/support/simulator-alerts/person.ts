import type { CaseEntry, CaseFacts } from '../../../src/domain/case/log.ts'
import type { CaseView } from '../../../src/domain/case/view.ts'
import { restOf } from '../../../src/domain/account/rest.ts'
import { decideCase, type Before } from '../../../src/jobs/case-decision.ts'
import { done, type Outcome } from '../../../src/jobs/job.ts'
import type { CaseRecord } from '../../../src/store/case-store.ts'
import type { AllDeps } from './model-worker.ts'
import type { World } from './world.ts'

export type Word = 'approve' | 'refuse' | 'resolve'

/** What a person decides about a case that stands so; null: nothing. */
export function drawWord(world: World, { state, why, kind }: CaseRecord): Word | null {
  const { random } = world
  if (kind === 'chargeback' || state === 'noted' || state === 'resolved' || state === 'refunded') return null
  if (state === 'awaiting-approval') return random.weighted({ approve: 7, refuse: 1.5, resolve: 1.5 })
  if (state === 'parked')
    return /refund-(refused|parked)|rest-left/.test(why) && random.chance(0.5) ? 'approve' : 'resolve'
  return random.chance(0.1) ? random.pick(['approve', 'refuse', 'resolve'] as const) : null
}

/** A person's word on a case, as operations add it: only where it still makes sense at the moment it is written. */
export async function say(world: World, deps: AllDeps, caseId: string, word: Word): Promise<Outcome> {
  const before: Before = (facts, view) => entryOf(world, word, facts, view)
  const decided = await decideCase(deps, caseId, { before })
  return done(typeof decided === 'string' ? decided : `said ${word}`)
}

function entryOf(world: World, word: Word, facts: CaseFacts, view: CaseView): CaseEntry[] | null {
  if (facts.answered?.accepted === true) return null
  const base = { what: 'said', at: view.now, by: 'finance', reason: null } as const
  if (word === 'refuse') return [{ ...base, word }]
  if (word === 'resolve') {
    if (facts.kind !== 'alert') return null
    const description = world.random.pick(['Settled with the customer.', 'Handled by hand.'])
    return [{ ...base, word, wording: { type: 'other', description } }]
  }
  const { order, ledger, cases } = view
  if (order === null || ledger === null) return null
  const rest = restOf({ order, ledger, cases })
  if (rest === '0' || !isClear(world, view)) return null
  return [{ ...base, word, amount: rest, currency: order.currency ?? 'USD' }]
}

/** Before sending again what may have taken effect, a person looks at the gateway, and waits until nothing can come any more. */
function isClear({ gateway, clock }: World, { ledger, order }: CaseView): boolean {
  const isUnsure = ledger?.claims.some(({ state }) => /sending|uncertain|parked|pending/.test(state)) === true
  if (!isUnsure) return true
  const unknown = gateway.refundsOf(order!.orderId).some(({ by, status, reference }) => {
    const claim = ledger.claims.find(({ key }) => key === reference)
    return by === 'us' && /pending|succeeded/.test(status) && claim?.state !== 'confirmed'
  })
  return !unknown && gateway.lastEffectAt(order!.orderId) < clock.now
}
