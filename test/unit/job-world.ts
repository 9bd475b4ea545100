import type { RefundMode } from '../../src/domain/account/account.ts'
import { eventKey } from '../../src/domain/alert/event.ts'
import { slotOf, type CaseEntry, type CaseKind } from '../../src/domain/case/log.ts'
import type { CaseTerms } from '../../src/domain/case/view.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { emptyLedger, type Claim, type GatewayReport, type Ledger } from '../../src/domain/refund/ledger.ts'
import type { Answer } from '../../src/domain/judge-answer.ts'
import type { AlertLink } from '../../src/jobs/call-platform.ts'
import type { CaseDecisionDeps } from '../../src/jobs/case-decision.ts'
import { again, allWait } from '../../src/jobs/job.ts'
import type { SearchedOrders } from '../../src/jobs/search-order.ts'
import type { Wants } from '../../src/jobs/wants.ts'
import type { CaseRecord, CommitCase, OutgoingAlarm, StoredCase } from '../../src/store/case-store.ts'
import type { CommitRefunds } from '../../src/store/refund-store.ts'
import { ETHOCA, hook, NOW, readBack, SEEN_AT, TERMS } from './build-case.ts'
import { orderOf } from './build-order.ts'

/** An order of 30 dollars that was sold before every alert of these tests. */
export const storedOrder = (orderId = 'A', fields: Record<string, unknown> = {}): OrderRecord => {
  const sold = { order_status: 'Complete', order_total: '30.00', currency: 'USD', order_date: '2026-01-01T00:00:00Z' }
  const order = orderOf([
    { ...sold, transaction_id: `T-${orderId}`, cc_first_6: '401288', cc_last_4: '1881', ...fields },
  ])
  return { ...order, orderId }
}

export const recordOf = (over: Partial<CaseRecord> = {}): CaseRecord => ({
  v: 2, id: 'midigator:a', kind: 'alert', platform: 'midigator', guid: 'a', state: 'received', reason: 'new', orderId: null,
  respondBy: null, seenAt: SEEN_AT, partner: null, amount: null, currency: null, arn: null, resolution: null, answeredAt: null,
  escalated: false, due: null, untiedIn: [], prepared: null, alarms: [], ...over,
}) // prettier-ignore

/** The stores that jobs of cases and refunds work on, in memory; what jobs are asked for is only noted. */
export class JobWorld {
  now = NOW
  mode: RefundMode | null = 'auto'
  terms: CaseTerms = TERMS
  completeSince: number | null = 0
  orders = new Map<string, OrderRecord>()
  ledgers = new Map<string, Ledger>()
  untied: Record<string, string[]> = {}
  byArn: Record<string, string[]> = {}
  unmatched: string[] = []
  knownAccounts = new Set<string>()
  erased = new Set<string>()
  /** How many of the next writes find that something has changed meanwhile. */
  contended = 0
  sendsAlarms = false
  /** Every write of a case, also those that found a change. */
  writes: CommitCase[] = []
  /** Every write of refunds that took effect. */
  refundWrites: CommitRefunds[] = []
  /** Jobs that were asked for, and what was called, in their order. */
  asked: string[] = []
  alarms: OutgoingAlarm[] = []
  private readonly cases = new Map<string, { stored: StoredCase; log: Map<string, CaseEntry> }>()

  put(id: string, kind: CaseKind, entries: readonly CaseEntry[], over: Partial<CaseRecord> = {}, isNewer = false) {
    const guid = id.slice(id.indexOf(':') + 1)
    const platform = id.slice(0, id.indexOf(':'))
    const record = recordOf({ id, kind, guid, platform, ...over })
    const log = new Map(entries.map(entry => [slotOf(entry, eventKey), entry]))
    this.cases.set(id, { stored: { id, version: 1, record, isNewer, log: [] }, log })
    return id
  }
  caseOf(id: string): StoredCase {
    const { stored, log } = this.cases.get(id)!
    return { ...stored, log: [...log.values()] }
  }
  recordOf = (id: string): CaseRecord => this.caseOf(id).record
  entriesOf = <What extends CaseEntry['what']>(id: string, what: What) =>
    this.caseOf(id).log.filter((entry): entry is Extract<CaseEntry, { what: What }> => entry.what === what)

  ledgerOf = (orderId: string): Ledger => this.ledgers.get(orderId) ?? emptyLedger(orderId)
  refunded(orderId: string, claims: readonly Claim[], report: GatewayReport | null = null): void {
    this.ledgers.set(orderId, { ...emptyLedger(orderId), claims, report })
  }

  readonly searched: SearchedOrders = {
    read: async id => this.orders.get(id) ?? null,
    find: async () => [],
    soldBetween: async ({ by }) => ({ ids: by === 'last_4' ? [...this.orders.keys()] : [], isCut: false }),
    knowsMerchantAccount: async mid => this.knownAccounts.has(mid),
    forgottenAmong: async ids => new Set(ids.filter(id => this.erased.has(id))),
  }

  readonly caseStore: CaseDecisionDeps['cases'] = {
    read: async id => (this.cases.has(id) ? this.caseOf(id) : null),
    ofOrder: async orderId =>
      [...this.cases.keys()].map(id => this.caseOf(id)).filter(({ record }) => record.orderId === orderId),
    untied: async buckets => ({ ids: [...new Set(buckets.flatMap(name => this.untied[name] ?? []))], version: '7' }),
    byArn: async arn => this.byArn[arn] ?? [],
    unmatched: async atMost => this.unmatched.slice(0, atMost),
    commit: async one => {
      this.writes.push(one)
      if (this.contended > 0) {
        this.contended -= 1
        return false
      }
      const kept = this.cases.get(one.record.id)!
      for (const [slot, entry] of one.entries) kept.log.set(slot, entry)
      kept.stored = { ...kept.stored, version: kept.stored.version + 1, record: one.record }
      return true
    },
  }

  readonly refundStore = {
    read: async (orderId: string) => this.ledgerOf(orderId),
    mode: async () => ({ mode: this.mode, setAt: null, setBy: null }),
    commit: async (one: CommitRefunds): Promise<'written' | 'changed' | 'owned'> => {
      if (this.contended > 0) {
        this.contended -= 1
        return 'changed'
      }
      const { ledger } = one
      this.refundWrites.push(one)
      this.ledgers.set(ledger.orderId, { ...ledger, version: ledger.version + 1 })
      return 'written'
    },
  }

  private note = async (...words: (string | number)[]) => void this.asked.push(words.join(' '))
  readonly wants: Wants = {
    decide: (ids, priority) => this.note('decide', ...ids, ...(priority === undefined ? [] : [priority])),
    enrich: (id, priority) => this.note('enrich', id, priority),
    refund: (orderId, priority) => this.note('refund', orderId, priority),
    resolve: (id, priority) => this.note('resolve', id, priority),
    alarm: id => this.note('alarm', id),
    othersOf: (orderId, id, which) => this.note('others', orderId, id, which),
    flag: ({ orderId, flag, value, platform, at }) => this.note('flag', orderId, flag, String(value), platform, at),
  }

  get deps(): CaseDecisionDeps {
    return {
      cases: this.caseStore, orders: this.searched, sources: { completeSince: async () => this.completeSince },
      refunds: this.refundStore, wants: this.wants, caseTerms: this.terms, shortDigest: text => text, redisNow: async () => this.now,
      sweepMs: 1_000, sendsAlarms: this.sendsAlarms,
      onAlarm: alarm => {
        this.alarms.push(alarm)
        this.asked.push(`${alarm.state} ${alarm.name}`)
      },
      onAnswered: ({ id }, tookMs) => void this.asked.push(`answered ${id} ${tookMs}`),
    } // prettier-ignore
  }
}

/** The case that tests of one job are about. */
export const ID = 'midigator:g'
/** A first run that nobody stops. */
export const IDLE = { attemptsMade: 0, signal: new AbortController().signal }
export const status = (code: number, words = ''): Answer => ({ status: code, words, retryAfterMs: null })

/** A world with that case, matched to a stored order. */
export function caseWorld(entries: readonly CaseEntry[] = [hook('alert', ETHOCA), readBack(ETHOCA)]): JobWorld {
  const made = new JobWorld()
  made.orders.set('A', storedOrder())
  made.put(ID, 'alert', entries, { orderId: 'A' })
  return made
}

/** Links of two platforms that behave so; the other one is never called. */
export function linked(platform: Partial<AlertLink['platform']>, shut = false): ReadonlyMap<string, AlertLink> {
  const gate: AlertLink['asking'] = {
    enter: async () => (shut ? { outcome: allWait(9, 'denied') } : { access: { token: 't', generation: 1 } }),
    renewOrDeny: async () => ({ outcome: again('renewed') }),
    tell: async () => {},
    outcomeOf: verdict => again(verdict.next),
  }
  const link = { platform: platform as AlertLink['platform'], asking: gate, answering: gate }
  return new Map([['midigator', link], ['other', link]]) // prettier-ignore
}
