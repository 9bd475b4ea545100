import type { CaseEntry } from '../domain/case/log.ts'
import type { Claim, GatewayReport } from '../domain/refund/ledger.ts'

/**
 * What version 0.1.0 stored, read as what this version stores. Records, logs and ledgers of both versions lie side by side: an older one is
 * upgraded each time it is read, and written in the new version at its next change.
 */
type Old = Readonly<Record<string, unknown>>

/** A case's record of any version up to this one, in the members of this one. */
export function upgradeRecord(stored: Old): Old {
  if (stored.v !== 1) return stored.alarms === undefined ? { ...stored, alarms: [] } : stored
  const { why, wording, wanted, ...rest } = stored
  return {
    ...rest,
    v: 2,
    reason: why,
    resolution: wording ?? null,
    due: wanted ?? null,
    arn: null,
    untiedIn: [],
    prepared: null,
    alarms: [],
  }
}

const DECISIONS: Readonly<Record<string, string>> = { approve: 'approve', refuse: 'decline', resolve: 'resolve' }

/** A case's log of any version: entries that mean nothing any more are left out. */
export function upgradeLog(entries: readonly Old[]): CaseEntry[] {
  const chosenAt = entries.find(({ what }) => what === 'worded')?.at
  return entries.flatMap(entry => upgradeEntry(entry, chosenAt)) as CaseEntry[]
}

function upgradeEntry(entry: Old, chosenAt: unknown): Old[] {
  const { what, at } = entry
  switch (what) {
    case 'enriched':
      return [{ what: 'read-back', at, facts: entry.facts }]
    case 'not-found':
      return [{ what: 'asked', at, missedSince: at }]
    case 'said': {
      const { word, wording, ...rest } = entry
      const decision = DECISIONS[String(word)]
      return [{ ...rest, what: 'decision', decision, ...(wording !== undefined && { resolution: wording }) }]
    }
    case 'worded': {
      const { wording, ...rest } = entry
      return [{ ...rest, what: 'resolution', resolution: wording, orderId: null }]
    }
    case 'sent':
      return ['of' in entry ? entry : { ...entry, of: chosenAt ?? at }]
    case 'alarmed': {
      if ('reason' in entry) return [entry]
      const [alarm, reason = 'new'] = String(entry.alarm).split(':')
      return [{ what, at, alarm, reason }]
    }
    case 'matched':
      // Only a match that something was done for is kept; every decision makes the others again.
      return entry.wanted === true || entry.isActed === true
        ? [{ what, at, orderId: entry.orderId, by: entry.by, isActed: true }]
        : []
    default:
      return [entry]
  }
}

/** A claim of 0.1.0 had every field in every state. */
export function upgradeClaims(claims: readonly Old[]): Claim[] {
  return claims.map(claim => ('isRecorded' in claim ? (claim as unknown as Claim) : upgradeClaim(claim)))
}

function upgradeClaim(old: Old): Claim {
  const { state, approvedBy, told, why, refusal, lookAt, held, attempt, sendingAt } = old
  const kept = ['key', 'generation', 'gateway', 'transaction', 'amount', 'target', 'currency', 'body', 'wantedBy', 'claimedAt', 'firstSentAt', 'sends', 'lookups', 'refundId', 'arn', 'confirmedAt'] // prettier-ignore
  const base = {
    ...Object.fromEntries(kept.map(name => [name, old[name] ?? null])),
    respondBy: null,
    approvedBy,
    approvedAt: approvedBy === null ? null : old.claimedAt,
    isRecorded: told,
    refusals: 0,
    refundableBefore: null,
    state,
  }
  const reason = why ?? { code: 'unknown', words: null }
  switch (state) {
    case 'claimed':
      return { ...base, held, notBefore: null, reason: null } as unknown as Claim
    case 'sending':
      return { ...base, attempt, sendingAt } as unknown as Claim
    case 'uncertain':
      return { ...base, lookAt: lookAt ?? 0, reason, refusal, absentSince: null } as unknown as Claim
    case 'pending':
      return { ...base, lookAt: lookAt ?? 0 } as unknown as Claim
    case 'confirmed':
      return { ...base, lookAt } as unknown as Claim
    default:
      return { ...base, reason } as unknown as Claim
  }
}

/** The gateway's report of any version. */
export function upgradeReport(report: Old | null): GatewayReport | null {
  return report === null ? null : ({ currency: null, settled: null, ...report } as unknown as GatewayReport)
}
