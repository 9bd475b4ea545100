import type { CaseTerms } from '../domain/case/view.ts'
import type { Redis } from '../redis/connect.ts'
import type { StoredCase } from '../store/case-store.ts'
import type { Arrival, History } from './history.ts'
import { startMachine } from './machine.ts'
import { pastGateway, pastPlatforms, SentRefunds, unusableRecords, type ShadowAnswer } from './past.ts'
import { alertOf, asksPerson, totalsOf, type Money, type ShadowAlert } from './verdict.ts'

/** Time goes on after the last line until nothing is due, at most so long: the longest window of an alert, and a day. */
const AFTER_MS = 4 * 86_400_000
const HOUR_MS = 3_600_000

export interface ShadowResult {
  alerts: readonly ShadowAlert[]
  /** What is not used of the lines that could be read: changes, fields and events that the hooks would not take, records, outcomes. */
  unused: readonly string[]
  refunded: readonly Money[]
  reallyRefunded: readonly Money[]
}

export interface ShadowParts {
  history: History
  terms: CaseTerms
  keepsKeysMs: number
  /** False: people refund by hand. */
  hasGateway: boolean
  onProgress?: (done: number) => void
}

/** Plays a history through the alert core in virtual time. Writes to the Redis it is given and to nothing else, and calls nothing. */
export async function shadowRun(redis: Redis, namespace: string, parts: ShadowParts): Promise<ShadowResult> {
  const { history, terms, keepsKeysMs, hasGateway, onProgress = () => {} } = parts
  const { arrivals } = history
  let now = arrivals[0]?.at ?? 0
  const end = (arrivals.at(-1)?.at ?? 0) + AFTER_MS
  const answers = new Map<string, ShadowAnswer>()
  const [sent, sentFor] = [new SentRefunds(), new Map<string, string>()]
  const ids = new Set<string>()
  const unused = unusableRecords(history)
  const machine = startMachine(redis, namespace, {
    now: () => now,
    terms,
    platforms: pastPlatforms(history, () => now, answers),
    gateway: hasGateway ? pastGateway(history, () => now, sent, keepsKeysMs) : null,
    onRefundCall: ({ key, caseId }) => void sentFor.set(key, caseId),
  })
  const { windowMs, cdrnWindowMs } = terms.refunds.deadlines
  /** By then its last look has noted that the deadline passed. */
  const restMs = Math.max(windowMs, cdrnWindowMs) + terms.lookMs + HOUR_MS
  /** Cases that wait for a person after their deadline need no further look; the oldest first. */
  const rests: { at: number; id: string }[] = []

  for (let taken = 0; ;) {
    await machine.work()
    const due = (await machine.nextAt()) ?? Infinity
    const [next, rest] = [arrivals[taken], rests[0]]
    const soonest = Math.min(next?.at ?? Infinity, rest?.at ?? Infinity, due)
    if (soonest === Infinity || (next === undefined && soonest > end)) break
    now = Math.max(now, soonest)
    if (next?.at === soonest) {
      taken += 1
      await take(next)
      onProgress(taken)
    } else if (rest?.at === soonest) {
      rests.shift()
      await restCase(rest.id)
    } else machine.wake()
  }

  async function take(arrival: Arrival): Promise<void> {
    const time = new Date(now).toISOString()
    if (arrival.what === 'change') {
      for (const { errors = [], faults = [] } of await machine.change(arrival.body))
        for (const { field, message } of [...errors, ...faults]) unused.push(`${time}: ${field}: ${message}`)
      return
    }
    const came = await machine.event(arrival.platform, arrival.body)
    if (came === null) unused.push(`${time}: this is no event of ${arrival.platform}: a ping, or a type that is not known`)
    else if ('rejected' in came) unused.push(`${time}: ${came.rejected}`)
    else {
      ids.add(came.caseId)
      rests.push({ at: now + restMs, id: came.caseId })
    }
  }

  async function restCase(id: string): Promise<void> {
    const stored = await machine.readCase(id)
    if (stored !== null && asksPerson(stored.record) && now > (stored.record.respondBy ?? 0)) await machine.rest(stored.record)
  }

  const stored = (await Promise.all([...ids].map(id => machine.readCase(id)))).filter(one => one?.record.kind === 'alert') as StoredCase[]
  const owners = refundOwners(stored, { sent, sentFor, answers })
  const alerts = stored.map(one => {
    const made = sent.all.filter(({ key, refund }) => owners.get(key) === one.id && refund.status !== 'failed')
    return alertOf(one, { answer: answers.get(one.id) ?? null, made, real: history.outcomes.get(one.id) ?? null })
  })
  for (const id of history.outcomes.keys())
    if (!alerts.some(one => one.id === id)) unused.push(`the outcome of ${id} has no event of that alert`)
  const real = [...history.outcomes.values()].flatMap(({ refunded, currency }) => (refunded == null || currency == null ? [] : [{ amount: refunded, currency }]))
  return { alerts, unused, refunded: totalsOf(sent.all.filter(({ refund }) => refund.status !== 'failed')), reallyRefunded: totalsOf(real) }
} // prettier-ignore

/**
 * For which alert each refund was sent, by its key. One that a refund request asked for is its alert's: that of the first alert which was
 * answered by it, else of the first alert about its order.
 */
function refundOwners(
  alerts: readonly StoredCase[],
  { sent, sentFor, answers }: { sent: SentRefunds; sentFor: ReadonlyMap<string, string>; answers: ReadonlyMap<string, ShadowAnswer> },
): Map<string, string> {
  const byId = new Map(alerts.map(one => [one.id, one]))
  const answeredAt = ({ id }: StoredCase) => answers.get(id)?.at ?? Infinity
  const restsOn = (key: string) => (one: StoredCase) => one.log.some(entry => entry.what === 'resolution' && entry.refundKey === key)
  return new Map(
    sent.all.flatMap(({ key, orderId }): [string, string][] => {
      const wantedBy = sentFor.get(key) ?? ''
      if (byId.has(wantedBy)) return [[key, wantedBy]]
      const [first] = alerts.filter(restsOn(key)).toSorted((a, b) => answeredAt(a) - answeredAt(b))
      const [other] = alerts.filter(({ record }) => record.orderId === orderId && record.state !== 'noted').toSorted((a, b) => a.record.seenAt - b.record.seenAt)
      const owner = first ?? other
      return owner === undefined ? [] : [[key, owner.id]]
    }),
  )
} // prettier-ignore
