import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { addAmounts, formatAmount } from '../domain/basics/money.ts'
import { decisionOf, saysOf } from '../domain/case/reasons.ts'
import type { Sandbox } from '../sandbox/server.ts'
import type { CaseRecord, CaseStore } from '../store/case-store.ts'
import type { AlertStory } from './alert-stories.ts'
import { clock } from './clock.ts'
import { sendAlert, type SendingSides, type SentAlert } from './sent-alert.ts'

/** How far apart the alerts come in, so that a person can read along. */
const APART_MS = 350
const LOOK_MS = 50
const SETTLED_WITHIN_MS = 20_000
/** How long the demo leaves a decision to whoever watches it. */
const APPROVE_AFTER_MS = 3_000

export interface PlayAlerts {
  stories: readonly AlertStory[]
  /** The platforms' sides, what they send and what they were answered, and the gateway's books. */
  sandbox: SendingSides & Pick<Sandbox, 'refunds'>
  cases: Pick<CaseStore, 'records'>
  /** Releases a case's refund; false when somebody else has decided already. */
  approve: (caseId: string) => Promise<boolean>
  /** Tells how a person would do that, a line each. */
  howToApprove: (caseId: string) => readonly string[]
  say: (line: string) => void
  signal: AbortSignal
}

/** What the alerts came to, as the platforms and the payment gateway know it. */
export interface Ending {
  of: number
  answered: number
  /** Those that wanted no answer, and had none. */
  noted: number
  refunds: number
}

/** Has the platforms send their alerts, and tells what became of each: the money that moved, and the answer that was accepted. */
export async function playAlerts(play: PlayAlerts): Promise<Ending> {
  setMaxListeners(2 * play.stories.length, play.signal)
  const ends = await Promise.all(
    play.stories.map(async (story, i) => {
      await pause(i * APART_MS, undefined, { signal: play.signal })
      return playOne(story, play)
    }),
  )
  const refunds = play.stories.map(({ orderId }) => madeFor(orderId, play).length)
  return {
    of: play.stories.length,
    answered: ends.filter(end => end === 'answered').length,
    noted: ends.filter(end => end === 'noted').length,
    refunds: refunds.reduce((sum, count) => sum + count, 0),
  }
}

async function playOne(story: AlertStory, play: PlayAlerts): Promise<End> {
  const tell = (words: string) => play.say(`${clock()}  ${story.orderId ?? '(none)'}  ${words}`)
  let sent: SentAlert
  try {
    sent = await sendAlert(story, play.sandbox)
  } catch (error) {
    tell(`no alert: ${error instanceof Error ? error.message : String(error)}`)
    return 'open'
  }
  const { caseId: id, subject } = sent
  const what = `${subject}: ${story.what}`
  const rested = await waitUntil(isAtRest, id, play)
  if (!story.needsPerson || rested?.state !== 'awaiting-approval') {
    tell(`${what} → ${wordsOfEnd(story, sent, rested, play)}`)
    return endOf(sent, rested)
  }
  tell(`${what} → waits for a person: ${lowerFirst(saysOf(rested.why))}`)
  const approver = await leaveToPerson(id, play)
  const ended = await waitUntil(record => isAtRest(record) && record.state !== 'awaiting-approval', id, play)
  tell(`${approver} → ${wordsOfEnd(story, sent, ended, play)}`)
  return endOf(sent, ended)
}

/** Tells how to approve, and does it after a while if nobody else did; answers who has decided. */
async function leaveToPerson(id: string, play: PlayAlerts): Promise<string> {
  for (const line of play.howToApprove(id)) play.say(`          ${line}`)
  play.say(`          In ${APPROVE_AFTER_MS / 1_000} seconds the demo does it in your place.`)
  const isStillOpen =
    (await waitUntil(record => record.state !== 'awaiting-approval', id, play, APPROVE_AFTER_MS)) === null
  return isStillOpen && (await play.approve(id)) ? 'approved, by the demo in place of a person' : 'decided, by a person'
}

/** Nothing more happens by itself, or not soon. */
const isAtRest = ({ state, why }: CaseRecord) =>
  ['resolved', 'noted', 'parked', 'awaiting-approval'].includes(state) || why === 'refunds-off'

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

type End = 'answered' | 'noted' | 'open'

/** An answer counts once the platform has taken it and we know that nothing is left to do. */
function endOf({ answer }: SentAlert, record: CaseRecord | null): End {
  const isDone = record?.state === 'resolved' || record?.state === 'noted'
  if (isDone && answer() !== null) return 'answered'
  return record?.state === 'noted' ? 'noted' : 'open'
}

/** What became of it, by the books of the gateway and of the platform. */
function wordsOfEnd(story: AlertStory, sent: SentAlert, record: CaseRecord | null, play: PlayAlerts): string {
  const made = madeFor(story.orderId, play)
  const sum = made.length > 0 ? addAmounts(...made.map(({ amount }) => amount)) : null
  const money =
    sum === null ? 'nothing refunded' : `${formatAmount(sum, made[0]!.currency)} ${made[0]!.currency} refunded`
  const end = endOf(sent, record)
  if (end === 'answered') return `${money} (${story.because}) → answered ${sent.answer()} ✓ accepted`
  if (end === 'noted') return `noted, ${money}, nothing answered (${story.because})`
  const why = record?.why ?? 'new'
  const toDecide = decisionOf(why)
  return `${money}, not answered yet: ${lowerFirst(saysOf(why))}${toDecide === null ? '' : ` (${lowerFirst(toDecide)})`}`
}

const lowerFirst = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')

/** The refunds that we asked the gateway for and that took effect. */
const madeFor = (orderId: string | null, { sandbox }: PlayAlerts) =>
  orderId === null
    ? []
    : sandbox.refunds.list(orderId).filter(({ made_by, effective }) => made_by === 'call' && effective)
