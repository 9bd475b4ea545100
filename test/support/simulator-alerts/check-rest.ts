import type { CaseRecord, StoredCase } from '../../../src/store/case-store.ts'
import { centsOf } from './cents.ts'
import type { Matter } from './draw-alerts.ts'
import { DURATIONS } from './draw-terms.ts'
import { orderTruth } from './oracle.ts'
import { isReasonTrue } from './reasons.ts'
import type { World } from './world.ts'

/** How many cases and orders came to what. */
export interface Tally {
  resolved: number
  noted: number
  waiting: number
  refunds: number
  calls: number
  escalated: number
}

/** What must hold of everything once nothing is left to do. */
export async function checkAtRest(world: World): Promise<Tally> {
  const tally: Tally = { resolved: 0, noted: 0, waiting: 0, refunds: 0, calls: 0, escalated: 0 }
  for (const matter of world.matters) {
    if (!world.rules.isSeen(matter.id)) continue
    const stored = await world.cases.read(matter.id)
    if (stored === null) world.fail(`${matter.id} is gone`)
    else await checkCase(world, matter, stored, tally)
  }
  for (const { id } of world.crm.orders) await checkOrder(world, id, tally)
  tally.calls += world.midigator.calls + world.gateway.sent
  world.check()
  return tally
}

const FINISHED = ['resolved', 'noted', 'refunded']
const WAITING = ['parked', 'awaiting-approval', 'unmatched']

async function checkCase(world: World, matter: Matter, stored: StoredCase, tally: Tally): Promise<void> {
  const { record } = stored
  const fail = (what: string) => world.fail(`${matter.id} at rest (${record.state}: ${record.why}): ${what}`)
  const [openAt, escalation] = await Promise.all([
    world.redis.zscore(world.keys.casesOpen, matter.id),
    alarmAt(world, matter.id, 'case-escalated'),
  ])
  const isOver = FINISHED.includes(record.state) || record.why === 'refund-taken-back'
  if (!isOver && openAt === null) fail('it is not finished, and nobody will look at it again')
  const isHeldOff = record.state === 'refunding' && record.why === 'refunds-off' && world.mode === 'off'
  if (!isOver && !WAITING.includes(record.state) && !isHeldOff)
    fail(`it is stuck ${JSON.stringify(stored.record.wanted)} ${world.clock.now}`)
  const untrue = await isReasonTrue(world, matter, stored)
  if (!untrue) fail('that is not so')
  checkAnswer(world, matter, record, fail)
  if (matter.kind === 'alert' && !matter.isNotice) checkDeadline(world, matter, escalation, fail)
  if (escalation) tally.escalated += 1
  if (record.state === 'noted') tally.noted += 1
  else if (isOver) tally.resolved += 1
  else tally.waiting += 1
}

function checkAnswer(world: World, matter: Matter, record: CaseRecord, fail: (what: string) => void): void {
  const accepted = world.midigator.accepted.get(matter.guid)
  if (record.state === 'resolved' && accepted === undefined) fail('the platform has no answer')
  const isPersons = world.rules.said.get(matter.id)?.some(({ word }) => word === 'resolve')
  if (matter.isNotice && accepted !== undefined && !isPersons) fail('a notice was answered')
}

/** Rule 15: answered in time, or escalated. */
function checkDeadline(world: World, matter: Matter, isEscalated: boolean, fail: (what: string) => void): void {
  const windowMs = matter.partner === 'cdrn' ? DURATIONS.cdrnWindowMs : DURATIONS.windowMs
  const latest = world.rules.startedAt(matter.id) + windowMs
  const accepted = world.midigator.accepted.get(matter.guid)
  const isPast = world.clock.now >= latest - DURATIONS.stopMs
  if (!isPast || isEscalated) return
  if (accepted === undefined) fail('its deadline passed in silence')
  else if (accepted.at > latest) fail('it was answered after its deadline, and nobody was told')
}

async function alarmAt(world: World, caseId: string, name: string): Promise<boolean> {
  const ids = await world.redis.hkeys(world.keys.alarmsOut)
  return ids.some(id => id.startsWith(`${caseId}|${name}|`))
}

/** Rule 14: what is confirmed is in the order, exactly. */
async function checkOrder(world: World, orderId: string, tally: Tally): Promise<void> {
  const ledger = await world.refunds.read(orderId)
  const order = await world.orders.read(orderId)
  const fail = (what: string) => world.fail(`${orderId} at rest: ${what}`)
  const ours = world.gateway.refundsOf(orderId).filter(({ by }) => by === 'us')
  tally.refunds += ours.filter(({ status }) => status === 'succeeded').length
  const confirmed = ledger.claims.filter(({ state }) => state === 'confirmed')
  // What was decided while all agreed may wait for a person since.
  const isAsked = [...world.rules.records.values()].some(
    one => one.orderId === orderId && one.state === 'awaiting-approval',
  )
  for (const claim of ledger.claims) {
    const booked = ours.filter(({ reference, status }) => reference === claim.key && status === 'succeeded')
    if (claim.state === 'confirmed' && booked.length === 0 && !ours.some(({ status }) => status === 'taken back'))
      fail('a refund is called confirmed that the gateway does not have')
    const isWaiting = claim.state === 'claimed' && (claim.held !== null || world.mode !== 'auto' || isAsked)
    // What Redis has forgotten is given back all the same, and found when somebody asks.
    if (world.losses > 0) continue
    if (/claimed|sending|uncertain|pending/.test(claim.state) && !isWaiting) fail(`a refund is left ${claim.state}`)
    if (
      claim.state !== 'confirmed' &&
      booked.length > 0 &&
      world.gateway.traits.listsReferences &&
      claim.state !== 'parked'
    )
      fail(`a refund that the gateway has is called ${claim.state}`)
  }
  // What a process wrote to the one after Redis had lost the other is told apart by nobody.
  if (confirmed.length === 0 || order === null || world.losses > 0) return
  const target = Math.max(...confirmed.map(claim => centsOf(claim.target)))
  const told = order.registers.get('refunded_to_date@ledger')?.value
  if (told === undefined || centsOf(JSON.parse(told) as string) !== target)
    fail(`the order says ${told} of ${target} cents`)
  const { values, capturedCents } = orderTruth(world, orderId)
  if (values.is_refund !== true) fail('the order does not say that it was refunded')
  if (target >= capturedCents && values.order_status !== 'Refunded') fail('the order is not called Refunded')
}
