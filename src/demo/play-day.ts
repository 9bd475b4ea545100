import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { FieldError } from '../domain/basics/field-error.ts'
import type { ChangeResult } from '../sources/accept-changes.ts'
import type { OrderStore } from '../store/order-store.ts'
import { clock } from './clock.ts'
import type { Step, Story } from './samples.ts'

/** How far apart the orders of the day begin, so that a person can read along. */
const APART_MS = 350
const LOOK_MS = 50
const PUSHED_WITHIN_MS = 30_000

export interface PlayDay {
  day: readonly Story[]
  /** Sends one change through the hook, as a CRM does. */
  send: (change: unknown) => Promise<ChangeResult>
  orders: Pick<OrderStore, 'timeline' | 'standing'>
  /** Whether the platform has a record of this order. */
  isAcknowledged: (orderId: string) => boolean
  say: (line: string) => void
  signal: AbortSignal
}

/** Plays a day: the orders side by side, the steps of each one after the other. Answers how many the platform has at its end. */
export async function playDay(play: PlayDay): Promise<{ acknowledged: number; of: number }> {
  setMaxListeners(play.day.length, play.signal)
  await Promise.all(
    play.day.map(async (story, i) => {
      await pause(i * APART_MS, undefined, { signal: play.signal })
      for (const step of story.steps) {
        const outcome = await take(story, step, play)
        play.say(`${clock()}  ${story.orderId}  ${step.what} → ${outcome}`)
      }
    }),
  )
  const acknowledged = await Promise.all(
    play.day.map(async ({ orderId }) => play.isAcknowledged(orderId) && (await isClean(orderId, play))),
  )
  return { acknowledged: acknowledged.filter(Boolean).length, of: play.day.length }
}

/** Sends one step and describes its result. */
async function take({ orderId }: Story, { change }: Step, play: PlayDay): Promise<string> {
  const { status, rev, errors = [], faults = [] } = await play.send(change)
  const outcome = await outcomeOf({ orderId, status, rev, errors }, play)
  return faults.length === 0 ? outcome : `${outcome}; left out: ${wordsOf(faults)}`
}

const wordsOf = (faults: readonly FieldError[]) =>
  faults.map(({ field, message }) => `${field.replace(/^\[0\]\./, '')} ${message}`).join('; ')

type Result = Pick<ChangeResult, 'status' | 'rev'> & { orderId: string; errors: readonly FieldError[] }

async function outcomeOf({ orderId, status, rev, errors }: Result, play: PlayDay): Promise<string> {
  switch (status) {
    case 'changed':
      return waitForPush(orderId, rev ?? 0, play)
    case 'held':
      return 'not settled yet: nothing is sent'
    case 'stale':
      return 'older than what is stored: nothing is sent'
    case 'unchanged':
      return 'nothing new: nothing is sent'
    case 'rejected':
      return `rejected: ${wordsOf(errors)}`
  }
}

async function waitForPush(orderId: string, rev: number, play: PlayDay): Promise<string> {
  const giveUpAt = performance.now() + PUSHED_WITHIN_MS
  while (performance.now() < giveUpAt) {
    const fields = await pushedSince(orderId, rev, play)
    if (fields !== null && (await isClean(orderId, play)))
      return `sent to the platform (${fields === 1 ? '1 field' : `${fields} fields`}) ✓ acknowledged`
    await pause(LOOK_MS, undefined, { signal: play.signal })
  }
  return 'not acknowledged yet; the push is retried automatically'
}

/** How many fields were pushed after the change that made this rev, null while none were. */
async function pushedSince(orderId: string, rev: number, { orders }: PlayDay): Promise<number | null> {
  const newestFirst = await orders.timeline(orderId)
  const changedAt = newestFirst.findIndex(event => event.rev === rev)
  const pushed = newestFirst.slice(0, Math.max(0, changedAt)).find(event => event.what === 'pushed')
  return Array.isArray(pushed?.fields) ? pushed.fields.length + Number(pushed.more ?? 0) : null
}

async function isClean(orderId: string, { orders }: PlayDay): Promise<boolean> {
  const { dirtySince, heldSince, retryAt } = await orders.standing(orderId)
  return dirtySince === null && heldSince === null && retryAt === null
}
