import type { Change, FieldError, ParsedChange } from '../domain/change.ts'
import { maskBody } from '../domain/basics/mask-body.ts'
import type { MergeStatus } from '../domain/merge-order.ts'
import { MAX_RECORD_BYTES, type RegisterName } from '../domain/order.ts'
import type { AlarmBell } from '../jobs/alarm-bell.ts'
import type { StartCommit } from '../redis/commits.ts'
import type { Intake, MergeResult, OrderStore, RejectedMoney } from '../store/order-store.ts'
import type { RejectedStore } from '../store/rejected-store.ts'
import type { SourceStore } from '../store/source-store.ts'
import { fieldsAtFault, moneyInBody, moneyInChange, unreadMoney } from './rejected-money.ts'
import type { Source } from './source.ts'

/** What became of one change, as the hook's answer tells it. */
export interface ChangeResult {
  order_id: string | null
  status: MergeStatus | 'rejected'
  rev: number | null
  ignored?: string[]
  /** Fields that could not be read: the change was taken without them. */
  faults?: FieldError[]
  errors?: FieldError[]
}

export interface AcceptDeps {
  orders: Pick<OrderStore, 'mergeAll' | 'hold' | 'forgottenAmong'>
  sourceStore: Pick<SourceStore, 'seen'>
  rejected: Pick<RejectedStore, 'add'>
  alarms: Pick<AlarmBell, 'raise'>
  /** Wants a job for each order after `delayMs`. */
  wantSync: (orderIds: readonly string[], delayMs: number) => Promise<void>
  /** Has the alerts of these orders looked at. */
  wantCasesOf: (orderIds: readonly string[]) => Promise<void>
  /** Resolves once what was written is as safe as Redis' replicas can make it. */
  startCommit: StartCommit
  /** Milliseconds since 1970. */
  now: () => number
  onResult: (source: string, status: ChangeResult['status']) => void
  settleMs: number
  clockAheadAlarmMs: number
}

/**
 * Merges changes of one source: one result a change, in the order given. A field that cannot be read is left out and named; a change that
 * cannot be taken at all is kept as refused and costs the others nothing. Either holds the automatic refunds of its order where it states
 * money. When this resolves Redis has everything; when it throws, sending all of it again is safe.
 */
export async function acceptChanges(
  source: Source,
  bodies: readonly unknown[],
  deps: AcceptDeps,
): Promise<ChangeResult[]> {
  const commit = deps.startCommit()
  const woken = new Set<string>()
  const disputed = new Set<string>()
  const refused: { index: number; orderId: string | null; errors: FieldError[] }[] = []
  const read = bodies.map(body => source.normalise(body))
  const mergedAt = await mergeByOrder(source, read, deps)
  const results = await Promise.all(
    read.map(async (parsed, index): Promise<ChangeResult> => {
      if ('errors' in parsed) {
        const { orderId, errors } = parsed
        const money = orderId !== null && { orderId, ...moneyInBody(bodies[index], source.name, deps.now()) }
        if (money && (await holdRefunds(source, money, errors, deps))) disputed.add(money.orderId)
        return refuse(index, orderId, errors)
      }
      const { ignored, faults } = parsed
      const { orderId } = parsed.change
      const merged = mergedAt.get(index)!
      if ('refused' in merged) {
        const errors = [refusalOf(merged, parsed.change)]
        if (merged.refused === 'ahead') await alarmClock(source, merged.aheadMs, deps)
        const money =
          merged.refused !== 'forgotten' &&
          statedIn(source, parsed.change, merged.refused, unreadMoney(faults, source.name))
        if (money && (await holdRefunds(source, money, errors, deps))) disputed.add(orderId)
        return refuse(index, orderId, errors)
      }
      if (merged.aheadMs > deps.clockAheadAlarmMs) await alarmClock(source, merged.aheadMs, deps)
      if (merged.wake) woken.add(orderId)
      if (merged.hasCases) disputed.add(orderId)
      if (merged.isTied) await alarmTie(source, orderId, deps)
      if (merged.held.some(name => name.startsWith('swapped '))) await alarmSwap(source, orderId, deps)
      if (merged.held.some(name => name.startsWith('unreadable '))) await alarmUnreadable(source, orderId, faults, deps)
      const { status, rev } = merged
      return {
        order_id: orderId,
        status,
        rev,
        ...(ignored.length > 0 && { ignored }),
        ...(faults.length > 0 && { faults }),
      }
    }),
  )
  await Promise.all([
    deps.wantSync([...woken], deps.settleMs),
    keepRefused(source, bodies, refused, deps),
    refused.length < bodies.length ? deps.sourceStore.seen(source.name) : null,
  ])
  if (disputed.size > 0) await deps.wantCasesOf([...disputed])
  await commit()
  for (const result of results) deps.onResult(source.name, result.status)
  return results

  function refuse(index: number, orderId: string | null, errors: FieldError[]): ChangeResult {
    refused.push({ index, orderId, errors })
    return { order_id: orderId, status: 'rejected', rev: null, errors }
  }
}

/** So many orders of one delivery are merged at a time, so that the deliveries of others go on in between. */
const ORDERS_AT_ONCE = 16

/** Merges what could be read, once for each order of the delivery, in the order given: the place of each change → what it came to. */
async function mergeByOrder(source: Source, read: readonly ParsedChange[], deps: AcceptDeps) {
  const places = new Map<string, number[]>()
  const intakes = read.map((parsed, place): Intake | null => {
    if ('errors' in parsed) return null
    const { change, faults } = parsed
    const of = places.get(change.orderId) ?? []
    of.push(place)
    places.set(change.orderId, of)
    return { change, unread: { fields: faults.map(({ field }) => field), money: unreadMoney(faults, source.name) } }
  })
  const merged = new Map<number, MergeResult>()
  const left = [...places.values()].values()
  const lane = async () => {
    for (const of of left) {
      const results = await deps.orders.mergeAll(
        of.map(place => intakes[place]!),
        source,
        deps.settleMs,
      )
      for (const [i, result] of results.entries()) merged.set(of[i]!, result)
    }
  }
  await Promise.all(Array.from({ length: ORDERS_AT_ONCE }, lane))
  return merged
}

async function keepRefused(
  source: Source,
  bodies: readonly unknown[],
  refused: readonly { index: number; orderId: string | null; errors: FieldError[] }[],
  deps: AcceptDeps,
): Promise<void> {
  if (refused.length === 0) return
  // What was erased on request is not kept by this door either, whatever else is wrong with the change.
  const forgotten = await deps.orders.forgottenAmong(refused.flatMap(({ orderId }) => orderId ?? []))
  const changes = refused.map(({ index, orderId, errors }) => {
    const at = deps.now()
    if (orderId !== null && forgotten.has(orderId))
      return { at, source: source.name, orderId: null, errors, body: null, masked: true }
    const { body, masked } = maskBody(bodies[index])
    return { at, source: source.name, orderId, errors, body: JSON.stringify(body), masked }
  })
  await deps.rejected.add(changes)
}

const FORGOTTEN = 'expected an order that was not forgotten; its data was erased on request and is not taken in again'

function refusalOf(merged: Extract<MergeResult, { refused: string }>, change: Change): FieldError {
  switch (merged.refused) {
    case 'ahead':
      return {
        field: 'occurred_at',
        message: `expected a time that has come, got one ${Math.ceil(merged.aheadMs / 1_000)} s ahead; check the clock of the sender`,
      }
    case 'forgotten':
      return { field: 'order_id', message: FORGOTTEN }
    case 'card':
      return {
        field: merged.field,
        message: "expected a reference, got the order's own card number; send another reference",
      }
    case 'large':
      return {
        field: largestOf(change),
        message: `expected a change that keeps its order within ${MAX_RECORD_BYTES / 1_000} kB, got one that would make it ${Math.ceil(merged.bytes / 1_000)} kB; send less of this field`,
      }
  }
}

/** The field of a change that takes the most room. */
function largestOf({ values, notes }: Change): string {
  const sizes = Object.entries({ ...values, notes }).map(
    ([name, value]) => [name, JSON.stringify(value).length] as const,
  )
  return sizes.reduce((largest, one) => (one[1] > largest[1] ? one : largest))[0]
}

/**
 * What a change states of an order's money and was not taken is lost: its refunds wait until that is stated readably. True when alerts
 * of the order must be decided again.
 */
async function holdRefunds(
  source: Source,
  money: RejectedMoney,
  errors: readonly FieldError[],
  deps: AcceptDeps,
): Promise<boolean> {
  if (money.stated.length === 0) return false
  const { held, hasCases } = await deps.orders.hold(money)
  if (held.length === 0) return false
  await alarmUnreadable(source, money.orderId, errors, deps)
  return hasCases
}

function alarmUnreadable(
  source: Source,
  orderId: string,
  errors: readonly FieldError[],
  deps: AcceptDeps,
): Promise<boolean> {
  const why = `order ${orderId}: ${fieldsAtFault(errors)} of a change of ${source.name} could not be taken; automatic refunds of the order are on hold until what it states is sent again without the fault`
  return deps.alarms.raise('order-unreadable', orderId, why, deps.now())
}

/** The time of a change from the future says nothing of what came before it. */
const statedIn = (
  source: Source,
  change: Change,
  why: 'ahead' | 'card' | 'large',
  unread: readonly RegisterName[],
): RejectedMoney => ({
  orderId: change.orderId,
  occurredAt: why === 'ahead' ? null : change.occurredAt,
  stated: [...moneyInChange(change, source.name), ...unread.map(name => ({ name, text: null }))],
})

const alarmSwap = (source: Source, orderId: string, deps: AcceptDeps) =>
  deps.alarms.raise(
    'order-swapped',
    orderId,
    `order ${orderId}: a change of ${source.name} replaced card, merchant account and transaction; two shops may use the same order id, and automatic refunds of the order are on hold`,
    deps.now(),
  )

const alarmTie = (source: Source, orderId: string, deps: AcceptDeps) =>
  deps.alarms.raise(
    'changes-tied',
    source.name,
    `order ${orderId}: two changes of one time state different values, and ${source.name} does not state which is later; one of them is stored. Send occurred_at in milliseconds, or a sequence that grows with every change`,
    deps.now(),
  )

const alarmClock = (source: Source, aheadMs: number, deps: AcceptDeps) =>
  deps.alarms.raise(
    'source-clock-ahead',
    source.name,
    `the clock of ${source.name} is ${Math.round(aheadMs / 1_000)} s ahead of Redis`,
    deps.now(),
  )
