import { decide, type CaseAlarm, type Decision } from '../../src/domain/case/decide.ts'
import { eventKey, type AlertEvent } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { foldLog, slotOf, type CaseEntry, type CaseKind, type Wording } from '../../src/domain/case/log.ts'
import { orderIdOf, type CaseTerms } from '../../src/domain/case/view.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { emptyLedger, foldFound, foldSend, withClaim, type Claim, type Ledger } from '../../src/domain/refund/ledger.ts'
import { planRefund, type RefundPlan } from '../../src/domain/refund/plan.ts'
import { claimOf, NOW, TERMS } from './build-case.ts'

const LOOKUPS_MS = [5_000, 30_000]

interface Kept {
  kind: CaseKind
  log: Map<string, CaseEntry>
  last: Decision | null
}

/** The pure core with everything around it in memory: a gateway that refunds at once, a platform that takes every answer. */
export class CaseWorld {
  now = NOW
  orders = new Map<string, OrderMoney>()
  ledgers = new Map<string, Ledger>()
  cases = new Map<string, Kept>()
  /** What the platform tells when it is asked; `isMute`: it is not asked yet. */
  platform: Record<string, AlertFacts> = {}
  isMute = false
  refunds: { orderId: string; amount: string }[] = []
  answers: { id: string; wording: Wording }[] = []
  alarms: CaseAlarm[] = []
  private changes = 0
  private readonly terms: CaseTerms

  constructor(terms: CaseTerms = TERMS) {
    this.terms = terms
  }

  hear(kind: CaseKind, event: AlertEvent): void {
    const kept = this.cases.get(event.guid) ?? { kind, log: new Map<string, CaseEntry>(), last: null }
    this.cases.set(event.guid, kept)
    const entry: CaseEntry = { what: 'hook', at: this.now, event, raw: {} }
    const slot = slotOf(entry, eventKey)
    if (!kept.log.has(slot)) kept.log.set(slot, entry)
    this.settle()
  }

  say(id: string, entry: CaseEntry): void {
    this.keep(id, [entry])
    this.settle()
  }

  /** Lets everything happen that follows; fails when it never comes to rest. */
  settle(): void {
    for (let round = 0; round < 60; round++) {
      const before = this.changes
      for (const id of this.cases.keys()) this.look(id)
      if (this.changes === before) return
    }
    throw new Error('never at rest')
  }

  stateOf = (id: string): string => {
    const { state, why } = this.cases.get(id)!.last!
    return `${state}: ${why}`
  }

  ledgerOf = (orderId: string): Ledger => this.ledgers.get(orderId) ?? emptyLedger(orderId)

  private keep(id: string, entries: readonly CaseEntry[]): void {
    const { log } = this.cases.get(id)!
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

  private factsOf = (id: string) => foldLog(this.cases.get(id)!.kind, id, [...this.cases.get(id)!.log.values()])

  private tied = (orderId: string) =>
    [...this.cases.keys()]
      .map(id => ({ id, facts: this.factsOf(id) }))
      .filter(({ facts }) => orderIdOf(facts) === orderId)

  private decideOnce(id: string): Decision {
    const facts = this.factsOf(id)
    const orderId = orderIdOf(facts)
    const decision = decide({
      now: this.now,
      id,
      facts,
      search: { found: 'none' },
      order: orderId === null ? null : (this.orders.get(orderId) ?? null),
      ledger: orderId === null ? null : this.ledgerOf(orderId),
      cases: orderId === null ? [{ id, facts }] : this.tied(orderId),
      terms: this.terms,
    })
    this.keep(id, decision.entries)
    this.alarms.push(...decision.alarms)
    const { takesRefund } = decision
    if (takesRefund !== null) this.change(orderId!, takesRefund, { answeredBy: id })
    this.cases.get(id)!.last = decision
    return decision
  }

  private look(id: string): void {
    const { effects, orderId } = this.decideOnce(id)
    if (effects.includes('enrich') && !this.isMute) {
      const facts = this.platform[id]
      const at = this.now
      this.keep(id, [facts === undefined ? { what: 'not-found', at } : { what: 'enriched', at, facts }])
    }
    if (effects.includes('refund') && orderId !== null) this.refund(orderId)
    if (effects.includes('resolve')) this.resolve(id)
    if (effects.includes('tell-chargeback') && orderId !== null && this.orders.has(orderId))
      this.orders.set(orderId, { ...this.orders.get(orderId)!, chargeback: true })
  }

  private resolve(id: string): void {
    const { wording } = this.factsOf(id).worded!
    const at = this.now
    this.answers.push({ id, wording })
    this.keep(id, [
      { what: 'sent', at, calls: 1, unanswered: false },
      { what: 'answered', at, accepted: true, probably: false, status: 200, words: '' },
    ])
  }

  private change(orderId: string, key: string, change: Partial<Claim>): void {
    this.write(orderId, withClaim(this.ledgerOf(orderId), key, change))
  }

  private refund(orderId: string): void {
    let isReportFresh = false
    for (let step = 0; step < 24; step++) {
      const ledger = this.ledgerOf(orderId)
      const plan = planRefund({
        now: this.now,
        order: this.orders.get(orderId) ?? null,
        ledger,
        cases: this.tied(orderId),
        terms: this.terms.refunds,
        isReportFresh,
        leaseMs: this.terms.refundLeaseMs,
      })
      if (plan.do === 'ask-gateway') isReportFresh = true
      if (!this.act(orderId, ledger, plan)) return
    }
    throw new Error('a refund that never comes to rest')
  }

  private act(orderId: string, ledger: Ledger, plan: RefundPlan): boolean {
    switch (plan.do) {
      case 'ask-gateway': {
        const refunds = ledger.claims
          .filter(({ state }) => state === 'confirmed')
          .map(({ key, amount }) => ({ refundId: key, status: 'succeeded' as const, amount, reference: key, createdAt: this.now, arn: null })) // prettier-ignore
        const report = { at: this.now, rev: this.orders.get(orderId)?.rev ?? 0, refundable: null, refunds }
        this.write(orderId, { ...ledger, report })
        return true
      }
      case 'claim': {
        const key = `${orderId}|${plan.target}|${plan.generation}`
        const { amount, target, currency, wantedBy, approvedBy, generation } = plan
        const fresh = claimOf({ key, amount, target, currency, wantedBy, approvedBy, generation, told: false })
        const kept = ledger.claims.filter(one => one.key !== key)
        this.write(orderId, { ...ledger, claims: [...kept, fresh] })
        return true
      }
      case 'send': {
        const { claim } = plan
        const sent = {
          ...claim,
          sends: claim.sends + 1,
          sendingAt: this.now,
          firstSentAt: claim.firstSentAt ?? this.now,
        }
        this.refunds.push({ orderId, amount: claim.amount })
        const refund = { refundId: claim.key, status: 'succeeded' as const, amount: claim.amount, arn: null }
        this.change(orderId, claim.key, foldSend(sent, { said: 'refund', refund }, this.now, LOOKUPS_MS))
        return true
      }
      case 'adopt':
        this.change(orderId, plan.claim.key, foldFound(plan.claim, plan.found, this.now, LOOKUPS_MS))
        return true
      case 'tell-order':
        this.change(orderId, plan.claim.key, { told: true })
        return true
      case 'drop':
        this.change(orderId, plan.claim.key, { state: plan.claim.sends === 0 ? 'dropped' : 'parked', lookAt: null })
        return true
      case 'retry':
        this.change(orderId, plan.claim.key, { state: 'claimed', approvedBy: plan.approvedBy })
        return true
      default:
        return false
    }
  }
}
