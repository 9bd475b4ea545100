import type { CaseOfOrder } from '../../src/domain/account/account.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { eventKey, type AlertEvent } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { addAmounts, subtractAmounts } from '../../src/domain/basics/money.ts'
import { decide, type CaseAlarm, type CaseDecision } from '../../src/domain/case/decide.ts'
import { foldLog, orderIdOf, slotOf, type CaseEntry, type CaseFacts, type CaseKind, type Resolution } from '../../src/domain/case/log.ts' // prettier-ignore
import type { CaseTerms, CaseView } from '../../src/domain/case/view.ts'
import { assessMatch, type MatchQuestion } from '../../src/domain/match/assess.ts'
import { compareOrder } from '../../src/domain/match/compare.ts'
import { baseOf, emptyLedger, ended, lookAtOf, mayHaveMoved, withClaim, type Claim, type ClaimIn, type GatewayReport, type Ledger, type ListedRefund } from '../../src/domain/refund/ledger.ts' // prettier-ignore
import { foldFound, foldSend, judgeAbsent } from '../../src/domain/refund/fold-claim.ts'
import { planRefund, type RefundPlan } from '../../src/domain/refund/plan.ts'
import { caseDeadlines } from '../../src/domain/refund/trigger.ts'
import { claimed, NOW, TERMS } from './build-case.ts'

const LOOKUPS_MS = [5_000, 30_000, 120_000]
const STEPS = 24

interface Kept {
  kind: CaseKind
  guid: string
  log: Map<string, CaseEntry>
  last: CaseDecision | null
  /** The fold of the log; null: something came since. */
  facts: CaseFacts | null
}

/** The pure core with everything around it in memory: a gateway that refunds at once, a platform that takes every answer. */
export class CaseWorld {
  now = NOW
  orders = new Map<string, OrderMoney>()
  ledgers = new Map<string, Ledger>()
  cases = new Map<string, Kept>()
  /** What the platform's records say by guid; `isSilent`: it does not answer yet. */
  platform: Record<string, AlertFacts> = {}
  isSilent = false
  /** What the gateway has by order. */
  listed = new Map<string, ListedRefund[]>()
  refunds: { orderId: string; amount: string }[] = []
  answers: { id: string; resolution: Resolution }[] = []
  alarms: CaseAlarm[] = []
  private changes = 0
  private readonly terms: CaseTerms

  constructor(terms: CaseTerms = TERMS) {
    this.terms = terms
  }

  hear(kind: CaseKind, event: AlertEvent): void {
    const id = `midigator:${event.guid}`
    const kept = this.cases.get(id) ?? {
      kind,
      guid: event.guid,
      log: new Map<string, CaseEntry>(),
      last: null,
      facts: null,
    }
    this.cases.set(id, kept)
    const entry: CaseEntry = { what: 'hook', at: this.now, event, raw: {} }
    const slot = slotOf(entry, eventKey)
    if (!kept.log.has(slot)) kept.log.set(slot, entry)
    kept.facts = null
    this.settle()
  }

  add(id: string, ...entries: CaseEntry[]): void {
    this.keep(id, entries)
    this.settle()
  }

  /** Lets everything happen that follows now; fails when it never comes to rest. */
  settle(): void {
    for (let round = 0; round < 60; round++) {
      const before = this.changes
      for (const id of this.cases.keys()) this.decideAndAct(id)
      if (this.changes === before) return
    }
    throw new Error('never at rest')
  }

  /** Lets time pass, with everything that falls due on the way. */
  advanceTo(time: number): void {
    for (;;) {
      const due = [...this.cases.values()].flatMap(({ last }) => [last?.lookAt, last?.markAt].filter(at => at != null))
      const looks = [...this.ledgers.values()].flatMap(({ claims }) => claims.flatMap(one => lookAtOf(one) ?? []))
      const next = Math.min(time, ...[...due, ...looks].filter(at => at > this.now))
      this.now = next
      this.settle()
      if (next >= time) return
    }
  }

  stateOf = (id: string): string => {
    const { state, reason } = this.cases.get(id)!.last!
    return `${state}: ${reason}`
  }
  ledgerOf = (orderId: string): Ledger => this.ledgers.get(orderId) ?? emptyLedger(orderId)
  factsOf = (id: string): CaseFacts => {
    const kept = this.cases.get(id)!
    kept.facts ??= foldLog(kept.kind, kept.guid, [...kept.log.values()])
    return kept.facts
  }

  private keep(id: string, entries: readonly CaseEntry[]): void {
    const kept = this.cases.get(id)!
    const { log } = kept
    if (entries.length > 0) kept.facts = null
    for (const entry of entries) {
      const slot = slotOf(entry, eventKey)
      if (JSON.stringify(log.get(slot)) !== JSON.stringify(entry)) this.changes += 1
      log.set(slot, entry)
    }
  }

  private write(orderId: string, ledger: Ledger): void {
    if (JSON.stringify(this.ledgerOf(orderId)) !== JSON.stringify(ledger)) this.changes += 1
    this.ledgers.set(orderId, ledger)
  }

  private all = (): CaseOfOrder[] => [...this.cases.keys()].map(id => ({ id, facts: this.factsOf(id) }))
  private matched = (orderId: string) => this.all().filter(({ id, facts }) => this.cases.get(id)!.last?.orderId === orderId && [orderId, null].includes(orderIdOf(facts))) // prettier-ignore
  private noContradiction = (facts: AlertFacts, order: OrderMoney) =>
    compareOrder({ facts, knowsMerchantAccount: false }, order).contradictions.length === 0

  private around(
    orderId: string | null,
  ): Pick<CaseView, 'order' | 'ledger' | 'untied' | 'awaited' | 'loose' | 'knownAccounts'> {
    const order = orderId === null ? null : (this.orders.get(orderId) ?? null)
    const apart = order === null ? [] : this.all().filter(({ id, facts }) => this.cases.get(id)!.last?.orderId == null && this.noContradiction(facts.facts, order)) // prettier-ignore
    return {
      order,
      ledger: orderId === null ? null : this.ledgerOf(orderId),
      untied: apart.filter(
        ({ id, facts }) => this.cases.get(id)!.last?.isUntied === true && facts.facts.cardFirst6 !== undefined,
      ),
      loose: apart.filter(({ facts }) => facts.kind === 'alert'),
      awaited: apart.filter(
        ({ facts }) => facts.kind === 'alert' && facts.record === null && facts.missedSince === null,
      ),
      knownAccounts: new Set(),
    }
  }

  private ownMatch(id: string, facts: CaseFacts): MatchQuestion['own'] {
    const last = facts.own.at(-1)
    if (last === undefined) return null
    const isAnswered = facts.sent !== null && facts.resolution?.orderId === last.orderId
    const moved = this.ledgerOf(last.orderId).claims.some(one => one.wantedBy === id && mayHaveMoved(one))
    return { orderId: last.orderId, by: last.by, isActedOn: isAnswered || moved }
  }

  private viewOf(id: string): CaseView {
    const facts = this.factsOf(id)
    const assessment = assessMatch({
      facts: facts.facts,
      alertAt: caseDeadlines(facts, this.terms.refunds.deadlines).startedAt,
      namedOrderIds: facts.namedOrderIds,
      chosenOrderId: facts.chosenOrderId,
      own: this.ownMatch(id, facts),
      candidates: [...this.orders.values()],
      isCut: false,
      completeSince: 0,
      knowsMerchantAccount: false,
      lookbackMs: this.terms.lookbackMs,
    })
    const orderId = assessment.verdict === 'open' ? orderIdOf(facts) : assessment.orderId
    const { last } = this.cases.get(id)!
    return {
      now: this.now,
      id,
      facts,
      assessment,
      ...this.around(orderId),
      cases: [...(orderId === null ? [] : this.matched(orderId).filter(one => one.id !== id)), { id, facts }],
      former: [...new Set(facts.own.map(one => one.orderId))].filter(one => one !== orderId).map(this.ledgerOf),
      mayConcernRefunded: false,
      isArnMatched: false,
      isErased: false,
      before: last === null ? null : { state: last.state, reason: last.reason },
      terms: this.terms,
    }
  }

  private decideAndAct(id: string): void {
    const kept = this.cases.get(id)!
    const decision = decide(this.viewOf(id))
    if (kept.last?.orderId !== decision.orderId) this.changes += 1
    kept.last = decision
    this.keep(id, decision.entries)
    this.alarms.push(...decision.alarms)
    const { effects, orderId } = decision
    if (effects.includes('enrich') && !this.isSilent) this.readBack(id)
    if (effects.includes('refund') && orderId !== null) this.refund(orderId)
    if (effects.includes('resolve')) this.resolve(id)
    for (const flag of decision.flags) {
      const order = this.orders.get(flag.orderId)
      if (order !== undefined) this.orders.set(flag.orderId, { ...order, [flag.flag === 'is_fraud' ? 'fraud' : 'chargeback']: flag.value }) // prettier-ignore
      this.keep(id, [{ what: 'flag', at: this.now, ...flag }])
    }
  }

  private readBack(id: string): void {
    const facts = this.platform[this.cases.get(id)!.guid]
    const at = this.now
    const { record, missedSince } = this.factsOf(id)
    if (facts === undefined) this.keep(id, [{ what: 'asked', at, missedSince: missedSince ?? at }])
    else if (JSON.stringify(record) === JSON.stringify(facts)) this.keep(id, [{ what: 'asked', at, missedSince: null }])
    else this.keep(id, [{ what: 'read-back', at, facts }])
  }

  private resolve(id: string): void {
    const { at: chosenAt, resolution } = this.factsOf(id).resolution!
    const at = Math.max(this.now, chosenAt)
    this.answers.push({ id, resolution })
    this.keep(id, [
      { what: 'sent', at, of: chosenAt, calls: 1, unanswered: false },
      { what: 'answered', at, accepted: true, probably: false, status: 200, words: '' },
    ])
  }

  private reportOf(orderId: string): GatewayReport {
    const refunds = this.listed.get(orderId) ?? []
    const { captured, rev, currency } = this.orders.get(orderId)!
    const gone = refunds.filter(({ status }) => status !== 'failed').map(({ amount }) => amount)
    return { at: this.now, rev, refunds, refundable: subtractAmounts(captured ?? '0', addAmounts(...gone)), currency, settled: true } // prettier-ignore
  }

  /** Runs the refund of one order to its end for now; fails when it never comes to rest. */
  refund(orderId: string): void {
    let isReportFresh = false
    for (let step = 0; step < STEPS; step++) {
      const { order, untied, awaited, loose, knownAccounts } = this.around(orderId)
      const plan = planRefund({
        now: this.now, order, ledger: this.ledgerOf(orderId), cases: this.matched(orderId), untied, awaited, loose, resolve3ds: this.terms.resolve3ds, knownAccounts,
        terms: this.terms.refunds, isReportFresh, mayAsk: true, leaseMs: this.terms.refundLeaseMs,
      }) // prettier-ignore
      const isDone = !this.act(orderId, plan)
      isReportFresh = plan.do === 'ask-gateway' || (isReportFresh && plan.do !== 'send')
      if (isDone) return
    }
    throw new Error('a refund that never comes to rest')
  }

  private put = (orderId: string, claim: Claim): true => {
    this.write(orderId, withClaim(this.ledgerOf(orderId), claim))
    return true
  }

  /** One step of a refund; false when it has come to its end for now. */
  private act(orderId: string, plan: RefundPlan): boolean {
    const ledger = this.ledgerOf(orderId)
    switch (plan.do) {
      case 'ask-gateway':
        this.write(orderId, { ...ledger, report: this.reportOf(orderId) })
        return true
      case 'claim': {
        const { approval, ...refund } = plan.refund
        const key = `${orderId}|${refund.target}|${refund.generation}`
        const fresh = claimed({ ...refund, key, claimedAt: this.now, approvedBy: approval?.by ?? null, approvedAt: approval?.at ?? null, isRecorded: false }) // prettier-ignore
        this.write(orderId, { ...ledger, claims: [...ledger.claims.filter(one => one.key !== key), fresh] })
        return true
      }
      case 'send':
        return this.send(orderId, plan.claim)
      case 'adopt':
        return this.put(orderId, foldFound(plan.claim, plan.found, this.now, LOOKUPS_MS))
      case 'record':
        return this.put(orderId, { ...plan.claim, isRecorded: true })
      case 'drop':
        return this.put(orderId, ended(plan.claim, plan.claim.sends === 0 ? 'dropped' : 'parked', { code: plan.reason, words: null })) // prettier-ignore
      case 'retry':
        return this.put(orderId, { ...baseOf(plan.claim), state: 'claimed', approvedBy: plan.approval.by, approvedAt: plan.approval.at, held: null, notBefore: null, reason: null, lookups: 0 }) // prettier-ignore
      case 'lost':
        return this.put(orderId, { ...baseOf(plan.claim), state: 'uncertain', lookups: 0, lookAt: this.now + 5_000, reason: { code: 'lost', words: null }, refusal: null, absentSince: null }) // prettier-ignore
      case 'look-up':
        return this.lookUp(orderId, plan.claim)
      default:
        return false
    }
  }

  private send(orderId: string, claim: Claim): true {
    const { amount, currency: _currency, key } = claim
    const sent: ClaimIn<'sending'> = { ...baseOf(claim), state: 'sending', attempt: 'x', sendingAt: this.now, sends: claim.sends + 1, firstSentAt: claim.firstSentAt ?? this.now } // prettier-ignore
    const had = this.listed.get(orderId) ?? []
    // The gateway replays its keys.
    if (!had.some(({ reference }) => reference === key)) {
      this.refunds.push({ orderId, amount })
      this.listed.set(orderId, [...had, { refundId: key, status: 'succeeded', amount, reference: key, createdAt: this.now, arn: null }]) // prettier-ignore
    }
    const refund = { refundId: key, status: 'succeeded' as const, amount, arn: null }
    return this.put(orderId, foldSend(sent, { said: 'refund', refund }, this.now, LOOKUPS_MS)) // prettier-ignore
  }

  private lookUp(orderId: string, claim: Extract<RefundPlan, { do: 'look-up' }>['claim']): true {
    const report = this.reportOf(orderId)
    this.write(orderId, { ...this.ledgerOf(orderId), report })
    const found = report.refunds.find(({ reference }) => reference === claim.key)
    if (found !== undefined) return this.put(orderId, foldFound(claim, found, this.now, LOOKUPS_MS))
    if (claim.state === 'confirmed') return this.put(orderId, { ...claim, lookAt: null })
    const judged = judgeAbsent(claim, report, { now: this.now, lookupsMs: LOOKUPS_MS, keepsKeysMs: 86_400_000, listLagMs: this.terms.refunds.listLagMs }) // prettier-ignore
    const again: Claim = { ...baseOf(claim), state: 'claimed', held: null, notBefore: null, reason: null }
    return this.put(orderId, judged.do === 'write' ? judged.claim : again)
  }
}
