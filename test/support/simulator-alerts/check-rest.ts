import { showOrder } from '../../../src/domain/shown-order.ts'
import type { CaseRecord, StoredCase } from '../../../src/store/case-store.ts'
import { centsOf } from './cents.ts'
import type { Matter } from './draw-alerts.ts'
import { respondBy } from './judge-refund.ts'
import { DURATIONS } from './draw-terms.ts'
import type { Booked } from './gateway-answers.ts'
import { capturedOf, sumOf, type Sale } from './sales.ts'
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
  const alarms = await world.redis.hkeys(world.keys.alarmsOut)
  for (const matter of world.matters) {
    if (!world.rules.isSeen(matter.id)) continue
    const stored = await world.cases.read(matter.id)
    if (stored === null) world.fail(`${matter.id} is gone`)
    else await checkCase(world, { matter, stored, alarms }, tally)
  }
  for (const id of world.orderIds) await checkOrder(world, id, tally)
  for (const sale of world.sales) await checkSale(world, sale, alarms)
  for (const platform of Object.values(world.platforms)) tally.calls += platform.calls
  tally.calls += world.gateway.sent
  world.check()
  return tally
}

const FINISHED = ['resolved', 'noted', 'refunded']
const WAITING = ['parked', 'awaiting-approval', 'unmatched']
const hasAlarm = (alarms: readonly string[], caseId: string, name: string) =>
  alarms.some(id => id.startsWith(`${caseId}|${name}|`))

async function checkCase(
  world: World,
  { matter, stored, alarms }: { matter: Matter; stored: StoredCase; alarms: readonly string[] },
  tally: Tally,
): Promise<void> {
  const { record } = stored
  const fail = (what: string) => world.fail(`${matter.id} at rest (${record.state}: ${record.reason}): ${what}`)
  const openAt = await world.redis.zscore(world.keys.casesOpen, matter.id)
  const escalation = hasAlarm(alarms, matter.id, 'case-escalated')
  const isOver = FINISHED.includes(record.state) || record.reason === 'refund-taken-back'
  if (!isOver && openAt === null) fail('it is not finished, and nobody will look at it again')
  const isHeldOff = record.state === 'refunding' && record.reason === 'refunds-off' && world.mode === 'off'
  if (!isOver && !WAITING.includes(record.state) && !isHeldOff)
    fail(`it is stuck ${JSON.stringify(stored.record.due)} ${world.clock.now}`)
  checkAnswer(world, matter, record, fail)
  if (matter.kind === 'alert' && !matter.isNotice) checkDeadline(world, matter, escalation, fail)
  if (escalation) tally.escalated += 1
  if (record.state === 'noted') tally.noted += 1
  else if (isOver) tally.resolved += 1
  else tally.waiting += 1
}

function checkAnswer(world: World, matter: Matter, record: CaseRecord, fail: (what: string) => void): void {
  const accepted = world.platforms[matter.platform].accepted.get(matter.guid)
  const isPersons = world.rules.decisions.get(matter.id)?.some(({ decision }) => decision === 'resolve')
  if (record.state === 'resolved' && accepted === undefined) fail('the platform has no answer')
  if (
    record.state === 'resolved' &&
    accepted !== undefined &&
    !isPersons &&
    accepted.body !== JSON.stringify(record.resolution)
  )
    fail(`the platform has ${accepted.body}`)
  if (matter.isNotice && accepted !== undefined && !isPersons) fail('a notice was answered')
}

/** Answered in time, or escalated. */
function checkDeadline(world: World, matter: Matter, isEscalated: boolean, fail: (what: string) => void): void {
  const latest = respondBy(world, matter)
  const accepted = world.platforms[matter.platform].accepted.get(matter.guid)
  const isPast = world.clock.now >= latest - DURATIONS.stopMs
  if (!isPast || isEscalated) return
  if (accepted === undefined) fail('its deadline passed in silence')
  else if (accepted.at > latest) fail('it was answered after its deadline, and nobody was told')
}

/** What is confirmed is in the order, exactly. */
async function checkOrder(world: World, orderId: string, tally: Tally): Promise<void> {
  const ledger = await world.refunds.read(orderId)
  const order = await world.orders.read(orderId)
  const fail = (what: string) => world.fail(`${orderId} at rest: ${what}`)
  const ours = world.gateway.booked.filter(one => one.orderId === orderId && one.by === 'us')
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
    // A refusal that will pass, after a try without an answer, is tried again and again until the alert's deadline.
    const isPassing = claim.state === 'uncertain' && claim.refusal?.kind === 'passing'
    if (/claimed|sending|uncertain|pending/.test(claim.state) && !isWaiting && !isPassing)
      fail(`a refund is left ${claim.state}`)
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
}

/** What a sale came to, and what its order says of it. */
async function checkSale(world: World, sale: Sale, alarms: readonly string[]): Promise<void> {
  const fail = (what: string) => world.fail(`sale ${sale.id} at rest: ${what}`)
  const { gateway, rules } = world
  const about = world.matters.filter(matter => matter.sale === sale && rules.isSeen(matter.id))
  const records = [...rules.records.values()].filter(
    ({ id, orderId }) => orderId === sale.orderId || about.some(one => one.id === id),
  )
  const conflicts = [...rules.records.values()].filter(({ reason }) => reason === 'match-conflict')
  const refunds = gateway.refundsOf(sale)
  const made = refunds.filter(({ status }) => status === 'succeeded')
  const heard = sale.clawbacks.filter(({ matterId }) => rules.isSeen(matterId))
  const elsewhere = world.crm.hasStatedRefunds(sale) ? sumOf(sale.elsewhere) : 0
  const total = sumOf(made) + elsewhere + sumOf(heard)
  const isOurs = made.some(({ by }) => by === 'us')
  // A case that was this order's before is named another order since.
  const isNoticed = [...records, ...conflicts].some(
    ({ id }) => hasAlarm(alarms, id, 'paid-twice') || hasAlarm(alarms, id, 'case-chargeback'),
  )
  // What Redis lost nobody was told of.
  if (isOurs && total > capturedOf(sale) && !isNoticed && world.losses === 0)
    fail(`${total} of ${capturedOf(sale)} cents were paid back, and nobody was told`)
  checkTakenBack(world, { sale, records, alarms, fail })
  const order = await world.orders.read(sale.orderId)
  if (order === null || world.losses > 0) return
  const { values } = showOrder(order)
  const isShared = world.sales.some(one => one !== sale && one.orderId === sale.orderId)
  if (isShared) return
  if (values.is_chargeback === true && !about.some(({ kind }) => kind === 'chargeback'))
    fail('its order is called charged back')
  const answered = about.filter(
    ({ kind, platform, guid }) =>
      kind === 'alert' && /issued_|previously_/.test(world.platforms[platform].accepted.get(guid)?.body ?? ''),
  )
  const isAnsweredByUs = answered.some(
    ({ id }) =>
      !rules.decisions.get(id)?.some(({ decision }) => decision === 'resolve') &&
      rules.records.get(id)?.orderId === sale.orderId &&
      // Answered for another order before: a person was told.
      rules.records.get(id)?.reason !== 'match-conflict',
  )
  if (!isAnsweredByUs || refunds.some(({ status }) => status === 'taken back')) return
  if (values.is_refund !== true) fail('an alert was answered as refunded, and its order does not say that it was')
  if (sumOf(made) >= capturedOf(sale) && values.order_status !== 'Refunded') fail('its order is not called Refunded')
}

const NOTICED_MS = 30 * 86_400_000

/** A success that the gateway took back is noticed: a person is asked, or the money was given back otherwise. */
function checkTakenBack(
  world: World,
  {
    sale,
    records,
    alarms,
    fail,
  }: { sale: Sale; records: readonly CaseRecord[]; alarms: readonly string[]; fail: (what: string) => void },
): void {
  const ours = world.gateway.refundsOf(sale).filter(({ by }) => by === 'us')
  // A second refund under one key that the gateway said it keeps looks like one made by hand, unless the list bears our reference.
  const isUnseen = (one: Booked) =>
    !world.gateway.traits.listsReferences && ours.find(({ reference }) => reference === one.reference) !== one
  const back = ours.filter(one => one.status === 'taken back' && !isUnseen(one))
  const isSoon = back.some(({ confirmedAt, takenBackAt }) => takenBackAt! - confirmedAt! < NOTICED_MS)
  if (!isSoon || world.losses > 0) return
  const isGiven = (one: Booked) => one.status === 'succeeded' || (one.status === 'taken back' && isUnseen(one))
  const given = sumOf(world.gateway.refundsOf(sale).filter(isGiven)) + sumOf(sale.elsewhere)
  const isConflict = [...world.rules.records.values()].some(({ reason }) => reason === 'match-conflict')
  const isAsked = isConflict || records.some(({ state }) => state === 'parked' || state === 'awaiting-approval')
  const isVisible = alarms.some(id => records.some(one => id.startsWith(`${one.id}|case-parked|refund-`)))
  const isPersons = records.some(({ id }) => (world.rules.decisions.get(id)?.length ?? 0) > 0)
  // It failed before anybody saw it succeed, and the answer says that it failed.
  const isAnswered = world.matters.some(
    ({ sale: of, platform, guid }) =>
      of === sale &&
      world.platforms[platform].accepted.get(guid)?.body.includes('failed at the payment gateway') === true,
  )
  if (isAnswered) return
  if (given < capturedOf(sale) && !isAsked && !isVisible && !isPersons && world.mode === 'auto')
    fail('its refund failed later, and nobody was told')
}
