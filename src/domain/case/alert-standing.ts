import { alertKindOf, reportsFraud } from '../alert/kind.ts'
import { isConflict, type CaseEntry } from './log.ts'
import { enrichment, tieOf, type Tie } from './tie.ts'
import { caseDeadlines, orderIdOf, type CaseView, type Standing } from './view.ts'
import { emptyLedger } from '../refund/ledger.ts'
import { isLongUnasked, restOf } from '../account/rest.ts'
import { refundStanding, waiting } from './refund-standing.ts'
import { takesAnswer } from '../alert/resolution-types.ts'
import { chooseResolution, type Chosen, type ResolutionView } from './resolution.ts'

/** Where an alert stands: a notice, answered, a person's word, hindered, or by the table of resolutions. */
export function alertStanding(view: CaseView): Standing {
  const tie = tieOf(view)
  const effects = enrichment(view, tie.state)
  const standing: Standing =
    alertKindOf(view.facts.facts) === 'notice'
      ? noticeStanding(view)
      : (finishedStanding(view) ?? personStanding(view) ?? hinderedStanding(view, tie) ?? chosenStanding(view, tie))
  return {
    ...standing,
    entries: [...tie.entries, ...(standing.entries ?? []), ...wantedEntries(view, standing)],
    effects: [...effects, ...(standing.effects ?? [])],
  }
}

/** It only informs; that the issuer called the payment fraud, its order is told. */
function noticeStanding({ facts, order }: CaseView): Standing {
  const isNews = reportsFraud(facts.facts) && order !== null && !order.fraud
  return { state: 'noted', why: 'notice', effects: isNews ? ['tell-fraud'] : [] }
}

/** Once a refund is wanted of the order that we found ourselves, the platform's other word of it is a person's matter. */
function wantedEntries({ facts, now }: CaseView, { effects }: Standing): CaseEntry[] {
  const { own } = facts
  if (own === null || own.wanted || own.orderId !== orderIdOf(facts) || effects?.includes('refund') !== true) return []
  return [{ what: 'matched', at: now, orderId: own.orderId, by: own.by, wanted: true }]
}

/** A person's words go out as they are. */
function personStanding({ facts, now }: CaseView): Standing | null {
  const said = facts.said.at(-1)
  if (said?.word !== 'resolve' || facts.worded !== null) return null
  const worded: CaseEntry = {
    what: 'worded',
    at: Math.max(now, said.at),
    by: said.by,
    wording: said.wording,
    refundKey: null,
  }
  return { state: 'resolving', why: 'answer-chosen', entries: [worded], effects: ['resolve'] }
}

/** What only a person can tell, or the platform when it is asked. */
function hinderedStanding({ facts }: CaseView, tie: Tie): Standing | null {
  if (facts.facts.answeredAs !== undefined) return { state: 'parked', why: 'answered-elsewhere' }
  if (isConflict(facts)) return { state: 'parked', why: 'match-conflict' }
  if (alertKindOf(facts.facts) !== 'unknown') return null
  return facts.facts.partner === undefined && facts.enrichedAt === null
    ? { state: tie.state === 'one' ? 'matched' : 'received', why: 'not-enriched' }
    : { state: 'parked', why: 'unknown-partner' }
}

/** An answer that is given, refused or on its way. */
function finishedStanding(view: CaseView): Standing | null {
  const { facts, now } = view
  const { worded, answered, sent } = facts
  if (worded === null) return null
  if (answered?.accepted === true)
    return isTakenBack(view) ? { state: 'parked', why: 'refund-taken-back' } : { state: 'resolved', why: 'answered' }
  // Words that never went out say what was true when they were chosen; it is looked at again before the first call.
  const isFree = sent === null && worded.by === 'policy'
  const said = facts.said.at(-1)
  if (said?.word === 'resolve' && (isFree || said.at > worded.at)) {
    const { refundKey } = worded
    const again: CaseEntry = {
      what: 'worded',
      at: Math.max(now, said.at),
      by: said.by,
      wording: said.wording,
      refundKey,
    }
    return { state: 'resolving', why: 'answer-chosen', entries: [again], effects: ['resolve'] }
  }
  if (isFree) return null
  if (answered !== null && answered.at >= worded.at)
    return { state: 'parked', why: answered.probably ? 'probably-answered' : 'answer-refused' }
  return goingOut(view, worded.at)
}

/** The refund that made the answer true was reported as failed since, and nobody gave the money back otherwise. */
function isTakenBack(view: CaseView): boolean {
  const { facts, ledger } = view
  if (ledger === null || facts.worded?.refundKey == null) return false
  const told = ledger.claims.find(claim => claim.key === facts.worded?.refundKey)
  return told?.state === 'failed' && restOf({ ...view, ledger }) !== '0'
}

/** Words are sent until they are taken, and for a while after the deadline too. */
const goingOut = ({ facts, now, terms }: CaseView, wordedAt: number): Standing =>
  now > Math.max(caseDeadlines(facts, terms.deadlines).respondBy, wordedAt + terms.lateAnswerMs)
    ? { state: 'parked', why: 'deadline-passed' }
    : { state: 'resolving', why: 'answer-chosen', effects: ['resolve'] }

function chosenStanding(view: CaseView, tie: Tie): Standing {
  const chosen = chooseResolution(resolutionView(view, tie.state))
  switch (chosen.next) {
    case 'person':
      return { state: 'parked', why: chosen.why }
    case 'wait':
      return waiting(chosen.why)
    case 'refund':
      return refundStanding(view)
    case 'answer':
      return answerStanding(view, chosen)
  }
}

function answerStanding(view: CaseView, chosen: Extract<Chosen, { next: 'answer' }>): Standing {
  const { wording, refundKey, takes, when, why } = chosen
  if (when === 'at-stop' && !isStopPast(view)) return { state: why === 'no-match' ? 'unmatched' : 'parked', why }
  const { facts, now, ledger } = view
  // Before anybody is told that no refund was made, the gateway is asked once more.
  if (why === 'refund-refused' && ledger !== null && isLongUnasked({ ledger, now })) return refundStanding(view)
  const { worded } = facts
  const isSame =
    worded !== null &&
    worded.refundKey === refundKey &&
    worded.wording.type === wording.type &&
    worded.wording.description === wording.description
  if (isSame) return goingOut(view, worded.at)
  return {
    state: 'resolving',
    why: 'answer-chosen',
    entries: [{ what: 'worded', at: now, by: 'policy', wording, refundKey }],
    effects: ['resolve'],
    ...(takes && refundKey !== null && { takesRefund: refundKey }),
  }
}

const isStopPast = ({ facts, terms, now }: CaseView) => caseDeadlines(facts, terms.deadlines).marks.stop <= now

function resolutionView(view: CaseView, match: ResolutionView['match']): ResolutionView {
  const { now, id, facts, order, cases, terms } = view
  return {
    now,
    caseId: id,
    facts: facts.facts,
    alertAt: caseDeadlines(facts, terms.deadlines).startedAt,
    match,
    order,
    ledger: view.ledger ?? emptyLedger(''),
    cases,
    resolve3ds: terms.resolve3ds && takesAnswer(id, '3ds_authorized_successfully'),
  }
}
