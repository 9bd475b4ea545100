import type { AlertEvent } from '../../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../../src/domain/alert/facts.ts'
import type { Random } from '../simulator/random.ts'
import type { Behaviour, Behaviours } from './behaviours.ts'
import { amountOf } from './cents.ts'
import type { Sale } from './sales.ts'

/** Something a platform tells of: the sale it is about in truth, and the events of it that may still be sent. */
export interface Matter {
  id: string
  platform: 'midigator' | 'chargebackhit'
  guid: string
  kind: 'alert' | 'request' | 'chargeback'
  /** Null: it is about no sale of ours. */
  sale: Sale | null
  partner: string | null
  isNotice: boolean
  /** What it is about in truth: cents of that sale; an alert may be about a part. */
  cents: number
  /** Why no refund may follow from it alone, where it is a request that says what is not so. */
  flaw: Behaviour | null
  /** What the platform knows from the start, and what it knows once it has matched; `facts` null: it knows nothing of the guid. */
  facts: AlertFacts | null
  matched: AlertFacts
  events: Planned[]
}

/** An event that may be sent; `after`: not before that came to pass. */
export interface Planned {
  event: AlertEvent
  after?: 'money'
}

const HOUR_MS = 3_600_000

/** The alerts, refund requests and chargebacks of one schedule. */
export function drawMatters(
  { random, behaviours }: { random: Random; behaviours: Behaviours },
  sales: readonly Sale[],
  now: number,
): Matter[] {
  const own = sales.filter(({ id }) => id === 'A' || id === 'B')
  const draw = { random, behaviours, now }
  // A request alone is used up by its refund; an alert would be answered.
  const isRequestOnly = behaviours.has('capture-grows') && behaviours.random('capture-grows').chance(0.6)
  const alerted = own.filter((_, i) => (i === 0 ? !isRequestOnly : random.chance(0.7)))
  const matters = alerted.map(sale => drawAlert(draw, `pre_${sale.id}`, sale))
  if (random.chance(0.1)) matters.push(drawAlert(draw, 'pre_none', null))
  const [first] = own as [Sale]
  if (behaviours.has('second-alert')) {
    const partner = matters[0]?.partner === 'ethoca' ? 'verifi' : 'ethoca'
    matters.push(drawAlert(draw, 'pre_second', first, partner))
    behaviours.meet('second-alert')
  }
  for (const sale of own)
    if (random.chance(0.6) || (isRequestOnly && sale === first)) matters.push(drawRequest(draw, sale, sales))
  for (const name of ['chargeback-tied', 'chargeback-untied', 'rdr-tied', 'rdr-untied'] as const)
    if (behaviours.has(name)) matters.push(drawClawback(draw, name, first))
  if (
    behaviours.has('platform-corrects-before-money') &&
    behaviours.random('platform-corrects-before-money').chance(0.4)
  )
    matters.push(drawCorrected(draw, first))
  return matters
}

interface Draw {
  random: Random
  behaviours: Behaviours
  now: number
}

function drawAlert({ random, behaviours, now }: Draw, guid: string, sale: Sale | null, given?: string): Matter {
  const isFirst = sale?.id === 'A'
  const platform = isFirst && behaviours.has('chargebackhit') ? 'chargebackhit' : 'midigator'
  const drawn = random.weighted({ ethoca: 6, verifi: 3, cdrn: 1, tc40: 0.5, somebody: 0.3 })
  const network =
    given ?? (isFirst && (drawn === 'tc40' || drawn === 'somebody') && behaviours.drawn.size > 0 ? 'ethoca' : drawn)
  const partner = platform === 'chargebackhit' && network !== 'tc40' ? `${network} init-refund` : network
  const isPart = isFirst && behaviours.has('alert-over-part')
  const cents = sale === null ? 2_000 : isPart ? 1_000 : sale.cents
  const issuedAt = now - random.pick([0, 60_000, HOUR_MS, 12 * HOUR_MS])
  const by =
    sale === null
      ? 'card'
      : random.weighted({
          platform: platform === 'chargebackhit' ? 0 : 4,
          transactionId: 4,
          arn: sale.arn === null ? 0 : 1,
          card: 2,
        })
  const hard = isFirst ? hardOf(behaviours) : null
  const card = sale?.card ?? { first6: '411111', last4: '9999' }
  // What a platform leaves out is drawn by what makes it hard; in an easy world only a card's sale needs its time.
  const ways = hard === null ? by : behaviours.random(hard).pick(['card', 'card', by])
  const hasTime = hard === null || behaviours.random(hard).chance(hard.startsWith('platform-corrects') ? 0.8 : 0.4)
  const isScant = isFirst && behaviours.has('alert-says-little')
  if (isScant) behaviours.meet('alert-says-little')
  const facts: AlertFacts = {
    partner,
    amount: amountOf(cents),
    currency: sale?.currency ?? 'USD',
    caseNumber: `case-${guid}`,
    ...(random.chance(0.5) && { mid: sale?.mid ?? 'M-1' }),
    ...(random.chance(0.7) && { issuedAt }),
    ...(random.chance(0.2) && { reason: random.pick(['10.4', '13.1']) }),
    ...(ways === 'transactionId' && sale !== null && { transactionId: sale.transaction }),
    ...(ways === 'arn' && sale?.arn != null && { arn: sale.arn }),
    ...(!isScant && {
      cardFirst6: card.first6,
      cardLast4: card.last4,
      ...(hasTime && { transactionAt: sale?.soldAt ?? now - 2 * HOUR_MS }),
    }),
  }
  const isCorrected =
    behaviours.has('platform-corrects-before-money') || behaviours.has('platform-corrects-after-money')
  const names =
    platform === 'midigator' && sale !== null && (ways === 'platform' || (isFirst && isCorrected) || random.chance(0.3))
  const matched: AlertFacts = names ? { ...facts, orderId: sale.orderId } : facts
  const early = random.chance(0.3) ? dropped(facts, random.pick(['partner', 'issuedAt', 'amount'])) : facts
  const sentAt = random.chance(0.8) ? now : null
  const isLater = isFirst && behaviours.has('platform-corrects-after-money')
  const events: Planned[] = [
    { event: { type: 'alert', guid, facts: early, sentAt } },
    {
      event: { type: 'alert-match', guid, facts: matched, sentAt: sentAt === null ? null : sentAt + 1_000 },
      ...(isLater && { after: 'money' as const }),
    },
  ]
  if (isFirst && hard !== null && !hard.startsWith('platform-corrects')) behaviours.meet(hard)
  if (isPart) behaviours.meet('alert-over-part')
  if (platform === 'chargebackhit') behaviours.meet('chargebackhit')
  const matter: Matter = {
    id: `${platform}:${guid}`, platform, guid, kind: 'alert', sale, partner, isNotice: partner === 'tc40', cents, flaw: null, facts, matched,
    events: names || random.chance(0.3) ? events : events.slice(0, 1),
  } // prettier-ignore
  return isFirst && behaviours.has('platform-match-of-another-card') ? matchedWrong(matter, behaviours) : matter
}

/** What makes the first alert hard to match; null: nothing. */
const HARD = ['sale-long-ago', 'sale-rebilled', 'sale-with-declined-attempts', 'platform-corrects-before-money', 'platform-corrects-after-money', 'sale-never-delivered', 'store-incomplete', 'chargebackhit'] as const // prettier-ignore
const hardOf = (behaviours: Behaviours) => HARD.find(name => behaviours.has(name)) ?? null

/** The alert is about somebody else's card; the platform's match names our order all the same. */
function matchedWrong(matter: Matter, behaviours: Behaviours): Matter {
  behaviours.meet('platform-match-of-another-card')
  const { transactionId: _, arn: __, ...rest } = matter.facts!
  const facts: AlertFacts = { ...rest, cardFirst6: '555555', cardLast4: '7777' }
  const matched = { ...facts, orderId: matter.sale!.orderId }
  const { guid } = matter
  const events: Planned[] = [
    { event: { type: 'alert', guid, facts, sentAt: null } },
    { event: { type: 'alert-match', guid, facts: matched, sentAt: null } },
  ]
  return { ...matter, sale: null, facts, matched, events }
}

const dropped = (facts: AlertFacts, name: keyof AlertFacts): AlertFacts =>
  Object.fromEntries(Object.entries(facts).filter(([key]) => key !== name)) as AlertFacts

function drawRequest({ random, behaviours }: Draw, sale: Sale, sales: readonly Sale[]): Matter {
  const isFirst = sale.id === 'A'
  const guid = `ord_${sale.id}`
  const flaws = ['request-of-wrong-amount', 'request-of-unknown-guid', 'request-names-another-order'] as const
  const flaw = (isFirst ? flaws.find(name => behaviours.has(name)) : undefined) ?? null
  const cents = isFirst && behaviours.has('alert-over-part') ? 1_000 : sale.cents
  const record: AlertFacts = { orderId: sale.orderId, amount: amountOf(cents) }
  const other = sales.find(one => one.orderId !== sale.orderId) ?? null
  const told = flaw === null ? record : flawed(record, flaw, behaviours, other)
  const events: Planned[] = [{ event: { type: 'refund', guid, facts: told, sentAt: null } }]
  return {
    id: `midigator:${guid}`, platform: 'midigator', guid, kind: 'request', sale, partner: null, isNotice: false, cents, flaw,
    facts: flaw === 'request-of-unknown-guid' ? null : flaw === 'request-of-wrong-amount' ? told : record,
    matched: record,
    events: flaw !== null || random.chance(0.9) ? events : [],
  } // prettier-ignore
}

function flawed(record: AlertFacts, flaw: Behaviour, behaviours: Behaviours, other: Sale | null): AlertFacts {
  behaviours.meet(flaw)
  if (flaw === 'request-of-wrong-amount') return { ...record, amount: behaviours.random(flaw).pick(['1', '5', '500']) }
  // Where there is no other order it names one that nobody knows.
  return flaw === 'request-names-another-order' ? { ...record, orderId: other?.orderId ?? 'X' } : record
}

/** Money that the buyer's bank took back, and the event by which that is heard of. */
function drawClawback({ behaviours, now }: Draw, name: Behaviour, sale: Sale): Matter {
  const own = behaviours.random(name)
  const isRdr = name.startsWith('rdr')
  const guid = `${isRdr ? 'rdr' : 'cbc'}_${name.endsWith('untied') ? 'u' : 't'}`
  const isTied = name.endsWith('-tied')
  const card: AlertFacts = {
    cardFirst6: sale.card.first6,
    cardLast4: sale.card.last4,
    amount: amountOf(sale.cents),
    currency: sale.currency,
    ...(isRdr
      ? { partner: 'verifi rdr', rdrResolution: 'accepted', issuedAt: now }
      : { chargebackDate: new Date(now).toISOString().slice(0, 10) }),
  }
  const tied: AlertFacts = {
    ...card,
    ...(own.chance(0.5) ? { orderId: sale.orderId } : { transactionId: sale.transaction }),
  }
  const type = isRdr ? 'alert' : 'chargeback'
  const later: Planned[] = own.chance(0.5)
    ? [
        {
          event: { type: `${type}-match`, guid, facts: tied, sentAt: null },
          ...(own.chance(0.5) && { after: 'money' as const }),
        },
      ]
    : []
  const first: Planned = { event: { type, guid, facts: isTied ? tied : card, sentAt: null } }
  const id = `midigator:${guid}`
  sale.clawbacks.push({ kind: isRdr ? 'rdr' : 'chargeback', cents: sale.cents, at: now, matterId: id })
  behaviours.meet(name)
  return {
    id, platform: 'midigator', guid, kind: isRdr ? 'alert' : 'chargeback', sale, partner: isRdr ? 'verifi rdr' : null, isNotice: isRdr,
    cents: sale.cents, flaw: null, facts: isTied ? tied : card, matched: isTied || later.length > 0 ? tied : card,
    events: isTied ? [first] : [first, ...later],
  } // prettier-ignore
}

/** A chargeback that fits another order as well, until the platform names its own. */
function drawCorrected({ now }: Draw, sale: Sale): Matter {
  const [guid, id] = ['cbc_w', 'midigator:cbc_w']
  const facts: AlertFacts = {
    cardFirst6: sale.card.first6,
    cardLast4: sale.card.last4,
    amount: amountOf(sale.cents),
    currency: sale.currency,
    transactionAt: sale.soldAt,
    chargebackDate: new Date(now).toISOString().slice(0, 10),
  }
  const matched = { ...facts, orderId: sale.orderId }
  sale.clawbacks.push({ kind: 'chargeback', cents: sale.cents, at: now, matterId: id })
  const events: Planned[] = [
    { event: { type: 'chargeback', guid, facts, sentAt: null } },
    { event: { type: 'chargeback-match', guid, facts: matched, sentAt: null } },
  ]
  return { id, platform: 'midigator', guid, kind: 'chargeback', sale, partner: null, isNotice: false, cents: sale.cents, flaw: null, facts, matched, events } // prettier-ignore
}
