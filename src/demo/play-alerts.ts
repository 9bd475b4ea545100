import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { addAmounts, formatAmount } from '../domain/basics/money.ts'
import { actionOf, describeReason } from '../domain/case/reasons.ts'
import type { Sandbox } from '../sandbox/server.ts'
import type { CaseRecord, CaseStore } from '../store/case-store.ts'
import type { AlertStory } from './alert-stories.ts'
import { clock } from './clock.ts'
import { sendAlert, type SendingSides, type SentAlert } from './sent-alert.ts'

/** How far apart the alerts come in, so that a person can read along. */
const APART_MS = 350
const LOOK_MS = 50
const SETTLED_WITHIN_MS = 30_000
/** How long the demo waits for the person at the console to approve. */
const APPROVE_AFTER_MS = 3_000

export interface PlayAlerts {
  stories: readonly AlertStory[]
  /** The platforms' sides, what they send and what they were answered, and the gateway's books. */
  sandbox: SendingSides & Pick<Sandbox, 'refunds'>
  cases: Pick<CaseStore, 'records'>
  /** Approves a case's refund; false when a person has decided already. */
  approve: (caseId: string) => Promise<boolean>
  /** How a person would approve, or decide otherwise, a line each. */
  howTo: Record<'approve' | 'decide', (caseId: string) => readonly string[]>
  say: (line: string) => void
  signal: AbortSignal
}

/** How the alerts ended, as the platforms and the payment gateway have it. */
export interface Ending {
  of: number
  resolved: number
  /** Those that needed no resolution, and had none. */
  informed: number
  /** Those that wait for a person, and those that are still under way. */
  waiting: number
  underWay: number
  refunds: number
}

/** Has the platforms send their alerts, and describes how each ended: the money that moved, and the resolution that was accepted. */
export async function playAlerts(play: PlayAlerts): Promise<Ending> {
  setMaxListeners(2 * play.stories.length, play.signal)
  const ends = await Promise.all(
    play.stories.map(async (story, i) => {
      await pause(i * APART_MS, undefined, { signal: play.signal })
      return playOne(story, play)
    }),
  )
  const count = (end: End) => ends.filter(one => one === end).length
  const refunds = play.stories.map(({ orderId }) => madeFor(orderId, play).length)
  return {
    of: play.stories.length,
    resolved: count('resolved'),
    informed: count('informed'),
    waiting: count('waiting'),
    underWay: count('under-way'),
    refunds: refunds.reduce((sum, made) => sum + made, 0),
  }
}

async function playOne(story: AlertStory, play: PlayAlerts): Promise<End> {
  const print = (words: string) => play.say(`${clock()}  ${story.orderId ?? '(none)'}  ${words}`)
  let sent: SentAlert
  try {
    sent = await sendAlert(story, play.sandbox)
  } catch (error) {
    print(`no alert: ${error instanceof Error ? error.message : String(error)}`)
    return 'under-way'
  }
  const { caseId: id, subject } = sent
  let what = `${subject}: ${story.what}`
  if (story.spreadMs !== undefined) {
    const likely = await waitUntil(record => isLikely(record) || isAtRest(record), id, play)
    if (likely !== null && isLikely(likely)) {
      print(`${what} → ${lowerFirst(describeReason(likely.reason))}`)
      what = 'Midigator has named the order'
    }
  }
  const rested = await waitUntil(isAtRest, id, play)
  if (story.person === undefined || rested === null || !WITH_PERSON.includes(rested.state)) {
    print(`${what} → ${describeEnd(story, sent, rested, play)}`)
    return endOf(sent, rested)
  }
  print(`${what} → waits for a person: ${lowerFirst(describeReason(rested.reason))}`)
  for (const line of play.howTo[story.person](id)) play.say(`          ${line}`)
  if (story.person === 'decide') return endOf(sent, rested)
  const approver = await leaveToPerson(id, play)
  const ended = await waitUntil(record => isAtRest(record) && record.state !== 'awaiting-approval', id, play)
  print(`${approver} → ${describeEnd(story, sent, ended, play)}`)
  return endOf(sent, ended)
}

/** Approves after a while if no person has decided; answers who has. */
async function leaveToPerson(id: string, play: PlayAlerts): Promise<string> {
  play.say(`          In ${APPROVE_AFTER_MS / 1_000} seconds the demo approves in your place.`)
  const isStillOpen =
    (await waitUntil(record => record.state !== 'awaiting-approval', id, play, APPROVE_AFTER_MS)) === null
  return isStillOpen && (await play.approve(id)) ? 'approved, by the demo in place of a person' : 'decided, by a person'
}

const WITH_PERSON: readonly CaseRecord['state'][] = ['parked', 'awaiting-approval']

/** Our own match is a hypothesis: the platform may still name the order. */
const isLikely = ({ reason }: CaseRecord) => reason === 'likely-match' || reason === 'likely-untimed'

/** Nothing more happens automatically, or not soon. */
const isAtRest = ({ state, reason }: CaseRecord) =>
  state === 'resolved' || state === 'noted' || WITH_PERSON.includes(state) || reason === 'refunds-off'

/** The case once `when` holds of it; null when that takes longer than `withinMs`. */
async function waitUntil(
  when: (record: CaseRecord) => boolean,
  id: string,
  { cases, signal }: PlayAlerts,
  withinMs = SETTLED_WITHIN_MS,
): Promise<CaseRecord | null> {
  for (const giveUpAt = performance.now() + withinMs; performance.now() < giveUpAt;) {
    const [record] = await cases.records([id])
    if (record !== undefined && when(record)) return record
    await pause(LOOK_MS, undefined, { signal })
  }
  return null
}

type End = 'resolved' | 'informed' | 'waiting' | 'under-way'

/** A resolution counts once the platform has accepted it and nothing is left to do. */
function endOf({ answer }: SentAlert, record: CaseRecord | null): End {
  if (record === null) return 'under-way'
  if (WITH_PERSON.includes(record.state)) return 'waiting'
  const isDone = record.state === 'resolved' || record.state === 'noted'
  if (isDone && answer() !== null) return 'resolved'
  return record.state === 'noted' ? 'informed' : 'under-way'
}

/** The end of a story, by the books of the gateway and of the platform. */
function describeEnd(story: AlertStory, sent: SentAlert, record: CaseRecord | null, play: PlayAlerts): string {
  const made = madeFor(story.orderId, play)
  const sum = made.length > 0 ? addAmounts(...made.map(({ amount }) => amount)) : null
  const money =
    sum === null ? 'nothing refunded' : `${formatAmount(sum, made[0]!.currency)} ${made[0]!.currency} refunded`
  switch (endOf(sent, record)) {
    case 'resolved':
      return `${money} (${story.because}) → resolved as ${sent.answer()} ✓ accepted`
    case 'informed':
      return `information only, ${money}, no resolution needed (${story.because})`
    case 'waiting':
    case 'under-way': {
      const reason = record?.reason ?? 'new'
      const action = actionOf(reason)
      return `${money}, not resolved yet: ${lowerFirst(describeReason(reason))}${action === null ? '' : ` (${lowerFirst(action)})`}`
    }
  }
}

const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')

/** The refunds that we asked the gateway for and that took effect. */
const madeFor = (orderId: string | null, { sandbox }: PlayAlerts) =>
  orderId === null
    ? []
    : sandbox.refunds.list(orderId).filter(({ made_by, effective }) => made_by === 'call' && effective)
