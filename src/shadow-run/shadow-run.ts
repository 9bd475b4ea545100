import type { CaseTerms } from '../domain/case/view.ts'
import type { Redis } from '../redis.ts'
import type { History } from './history.ts'
import { startMachine } from './machine.ts'
import { pastGateway, pastPlatforms, type ShadowAnswer, type ShadowRefund } from './past.ts'
import { alertOf, totalsOf, type Money, type ShadowAlert } from './verdict.ts'

/** Time goes on after the last line until nothing is due, at most so long: the longest window of an alert, and a day. */
const AFTER_MS = 4 * 86_400_000

export interface ShadowResult {
  alerts: readonly ShadowAlert[]
  /** Changes and events that the program itself would not have taken. */
  rejected: readonly { at: number; message: string }[]
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
  const sent: ShadowRefund[] = []
  const sentFor = new Map<string, string>()
  const ids = new Set<string>()
  const rejected: { at: number; message: string }[] = []
  const machine = startMachine(redis, namespace, {
    now: () => now,
    terms,
    platforms: pastPlatforms(history, () => now, answers),
    gateway: hasGateway ? pastGateway(history, () => now, sent, keepsKeysMs) : null,
    onRefundCall: ({ key, caseId }) => void sentFor.set(key, caseId),
  })

  for (let taken = 0; ;) {
    await machine.work()
    const due = await machine.nextAt()
    const next = arrivals[taken]
    if (next !== undefined && next.at <= (due ?? Infinity)) {
      now = Math.max(now, next.at)
      taken += 1
      await take(next)
      onProgress(taken)
    } else if (due === null || due > end) break
    else {
      now = Math.max(now, due)
      machine.wake()
    }
  }

  async function take(arrival: History['arrivals'][number]): Promise<void> {
    if (arrival.what === 'event') {
      const came = await machine.event(arrival.platform, arrival.body)
      if (came === null) return
      if ('rejected' in came) rejected.push({ at: now, message: came.rejected })
      else ids.add(came.caseId)
      return
    }
    for (const { errors = [] } of await machine.change(arrival.body))
      for (const { field, message } of errors) rejected.push({ at: now, message: `${field}: ${message}` })
  }

  const records = await Promise.all([...ids].map(id => machine.recordOf(id)))
  const alerts = records.flatMap(record => {
    if (record?.kind !== 'alert') return []
    const made = sent.filter(({ key, refund }) => sentFor.get(key) === record.id && refund.status !== 'failed')
    return [alertOf(record, { answer: answers.get(record.id) ?? null, made, real: history.outcomes.get(record.id) ?? null })]
  })
  return {
    alerts,
    rejected,
    refunded: totalsOf(sent.filter(({ refund }) => refund.status !== 'failed')),
    reallyRefunded: totalsOf([...history.outcomes.values()].flatMap(({ refunded, currency }) => (refunded == null || currency == null ? [] : [{ amount: refunded, currency }]))),
  }
} // prettier-ignore
