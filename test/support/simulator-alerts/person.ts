import { recordDecision } from '../../../src/ops/case-actions.ts'
import type { WantedDecision } from '../../../src/ops/permit-decision.ts'
import { done, type Outcome } from '../../../src/jobs/job.ts'
import type { CaseRecord } from '../../../src/store/case-store.ts'
import { amountOf } from './cents.ts'
import { capturedOf, sumOf } from './sales.ts'
import type { AllDeps } from './model-worker.ts'
import type { World } from './world.ts'

/** Answers that a person may choose; those who are careful put what they know in words of their own. */
const CARELESS = ['issued_full_refund', 'previously_refunded_nothing_to_do', 'could_not_find_order', 'declined_or_canceled_nothing_to_do', 'other'] as const // prettier-ignore

/** What a person decides about a case; null: nothing. Careful ones look everything up before; careless ones say whatever they may. */
export function drawWish(world: World, record: CaseRecord): WantedDecision | null {
  const { random, behaviours } = world
  const { state, kind } = record
  if (kind === 'chargeback' || state === 'noted' || state === 'resolved' || state === 'refunded') return null
  if (behaviours.has('person-careless') && behaviours.random('person-careless').chance(0.7)) {
    behaviours.meet('person-careless')
    const type = behaviours.random('person-careless').pick(CARELESS)
    const wishes: WantedDecision[] = [{ decision: 'approve' }, { decision: 'approve' }, { decision: 'decline' }, { decision: 'resolve', resolution: { type, description: type === 'other' ? 'Done.' : '' } }] // prettier-ignore
    return behaviours.random('person-careless').pick(wishes)
  }
  const isAsked = state === 'awaiting-approval' || state === 'parked'
  if (!isAsked && !random.chance(0.1)) return null
  const left = rightlyLeft(world, record)
  if (left > 0 && random.chance(0.6)) return { decision: 'approve', amount: amountOf(left) }
  return random.chance(0.2) ? { decision: 'decline' } : { decision: 'resolve', resolution: { type: 'other', description: random.pick(['Settled with the customer.', 'Handled by hand.']) } } // prettier-ignore
}

/** Cents that a careful person may give back for a case: of the right sale, nothing on its way, and nobody paid before. */
function rightlyLeft({ gateway, clock, matter, crm }: World, { id, orderId }: CaseRecord): number {
  const { sale } = matter(id)
  if (sale === null || orderId !== sale.orderId || gateway.lastEffectAt(sale.orderId) >= clock.now) return 0
  // Two shops' orders under one id are for nobody to refund from here.
  if (crm.sales.filter(one => one.orderId === sale.orderId).length > 1) return 0
  return Math.max(
    0,
    crm.left(sale) - sumOf(sale.clawbacks.map(({ cents }) => ({ cents: Math.min(cents, capturedOf(sale)) }))),
  )
}

/** A person's word on a case, through the console's own checks. */
export async function say(world: World, deps: AllDeps, caseId: string, wish: WantedDecision): Promise<Outcome> {
  const console = {
    cases: { ...world.cases, ...deps.cases, records: async () => [] },
    orders: { ...world.orders, ...deps.orders, timeline: async () => [] },
    jobDeps: deps,
  }
  try {
    const said = await recordDecision(console as unknown as Parameters<typeof recordDecision>[0], caseId, wish, {
      by: 'finance',
      reason: null,
    })
    world.note(`${caseId}: ${said.done} ${'says' in said ? said.says : ''}`)
    return done(said.done)
  } catch (error) {
    return done(error instanceof Error ? error.message : 'refused')
  }
}
