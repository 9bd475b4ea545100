import { alertKindOf } from '../alert/kind.ts'
import { alertStanding } from './alert-standing.ts'
import { enrichment, isSearchOver, tieOf } from './tie.ts'
import type { CaseView, Standing } from './view.ts'
import { latestClaim, openClaim } from '../refund/ledger.ts'
import { restOf } from '../account/rest.ts'
import { refundStanding } from './refund-standing.ts'

/** By what the case is about. */
export function standingOf(view: CaseView): Standing {
  switch (view.facts.kind) {
    case 'chargeback':
      return chargebackStanding(view)
    case 'request':
      return requestStanding(view)
    case 'alert':
      return alertStanding(view)
  }
}

/** A chargeback is tied to its order, and the order told; then it is only there to be seen. */
function chargebackStanding(view: CaseView): Standing {
  const tie = tieOf(view)
  const effects = enrichment(view, tie.state)
  if (tie.state !== 'one')
    return isSearchOver(view) ? { state: 'noted', why: 'no-match' } : { state: 'unmatched', why: 'no-match', effects }
  const isTold = view.order?.chargeback === true
  return {
    state: 'noted',
    why: 'chargeback-told',
    entries: tie.entries,
    effects: isTold ? effects : [...effects, 'tell-chargeback'],
  }
}

/** Its alerts carry it on, unless they had their answers before it came and something is left to give back. */
function besideAlerts(view: CaseView, alerts: CaseView['cases']): Standing {
  const isAnswered = alerts.every(
    ({ facts }) => facts.answered?.accepted === true && facts.answered.at < view.facts.seenAt,
  )
  const isLeft = view.ledger !== null && restOf({ ...view, ledger: view.ledger }) !== '0'
  return isAnswered && isLeft ? { state: 'parked', why: 'asked-after-answer' } : { state: 'noted', why: 'taken-over' }
}

/** An `order.refund` names an order and no alert: it stands alone until an alert of that order takes it over. */
function requestStanding(view: CaseView): Standing {
  const alerts = view.cases.filter(({ facts }) => facts.kind === 'alert' && alertKindOf(facts.facts) === 'refundable')
  if (alerts.length > 0) return besideAlerts(view, alerts)
  const { ledger } = view
  // One that names no order either: the platform knows which.
  if (ledger === null) return { state: 'received', why: 'order-unknown', effects: enrichment(view, 'none') }
  if (latestClaim(ledger)?.state === 'confirmed' && openClaim(ledger) === null)
    return { state: 'refunded', why: 'refund-done' }
  const standing = refundStanding(view)
  switch (standing.why) {
    case 'nothing-left':
      return { ...standing, state: 'refunded' }
    case 'never-paid':
      return { ...standing, state: 'noted' }
    default:
      return standing
  }
}
