import { undecidableBecause } from './decidable.ts'
import type { Merchant } from './draw-merchant.ts'
import type { Played } from './play.ts'
import { decimal, wireTime, type Alert } from './truth.ts'

/** What became of the alerts of some merchants. */
export interface Tally {
  alerts: number
  right: number
  untrue: number
  /** Of those answered rightly: "not found" of a sale that nobody told the program of. */
  blind: number
  /** Answered about another sale, which cannot be distinguished from the alert's own. */
  lookalikes: number
  asked: number
  /** Of those asked, how many nothing but a person could decide. */
  askedRightly: number
  /** Neither answered nor with a person at the end. */
  left: number
  decidable: number
  decidableAnswered: number
  wrongOrder: number
  otherRefunds: number
  paidTwice: number
  refunds: number
}

const EMPTY: Tally = {
  alerts: 0, right: 0, untrue: 0, blind: 0, lookalikes: 0, asked: 0, askedRightly: 0, left: 0, decidable: 0, decidableAnswered: 0, wrongOrder: 0,
  otherRefunds: 0, paidTwice: 0, refunds: 0,
} // prettier-ignore

/** Counts one merchant. */
export function tallyOf({ alerts, states, breaches, known, refunds }: Played): Tally {
  const tally: Tally = { ...EMPTY, alerts: alerts.length, refunds }
  for (const alert of alerts) {
    const isDecidable = undecidableBecause(alert, known) === null
    const { answer } = alert
    if (isDecidable) tally.decidable += 1
    if (answer !== null) {
      if (answer.untruth !== null) tally.untrue += 1
      else if (answer.isOfLookalike) tally.lookalikes += 1
      else tally.right += 1
      if (answer.untruth === null && answer.isBlind) tally.blind += 1
      if (isDecidable) tally.decidableAnswered += 1
    } else if (states.get(alert)?.asksPerson === true) {
      tally.asked += 1
      if (!isDecidable) tally.askedRightly += 1
    } else tally.left += 1
  }
  const count = (what: string) => breaches.filter(breach => breach.what === what).length
  tally.wrongOrder = count('refund of a wrong order')
  tally.paidTwice = count('paid twice without an alarm')
  tally.otherRefunds = breaches.length - tally.wrongOrder - tally.paidTwice
  return tally
}

export function add(tallies: readonly Tally[]): Tally {
  const total = { ...EMPTY }
  for (const tally of tallies) for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name]
  return total
}

const share = (part: number, of: number) => (of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`)

const COLUMNS: readonly [title: string, of: (tally: Tally) => string][] = [
  ['alerts', one => String(one.alerts)],
  ['answered rightly', one => share(one.right, one.alerts)],
  ['blindly', one => String(one.blind)],
  ['about a look-alike', one => String(one.lookalikes)],
  ['untruly', one => String(one.untrue)],
  ['asked a person', one => share(one.asked, one.alerts)],
  ['rightly asked', one => share(one.askedRightly, one.asked)],
  ['left alone', one => String(one.left)],
  ['decidable', one => share(one.decidable, one.alerts)],
  ['of these answered', one => share(one.decidableAnswered, one.decidable)],
  ['refunds', one => String(one.refunds)],
  ['of a wrong order', one => String(one.wrongOrder)],
  ['too much or late', one => String(one.otherRefunds)],
  ['paid twice unalarmed', one => String(one.paidTwice)],
]

/** Lines of a table, a row a group. */
export function tableLines(played: readonly Played[]): string[] {
  const groups: [string, (merchant: Merchant) => boolean][] = [
    ['all', () => true],
    ...distinct(played, ({ generation }) => generation),
    ...distinct(played, ({ historyDays }) => `history ${historyDays} days`),
    ...distinct(played, ({ business }) => business),
    ...distinct(played, ({ trigger }) => `trigger ${trigger}`),
    ['either, 400 days', one => one.trigger === 'either' && one.historyDays === 400],
  ]
  const rows = groups.map(([name, isIn]) => {
    const tally = add(played.filter(({ merchant }) => isIn(merchant)).map(tallyOf))
    return [name, ...COLUMNS.map(([, of]) => of(tally))]
  })
  const titles = ['', ...COLUMNS.map(([title]) => title)]
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map(row => row[i]!.length)))
  const line = (cells: readonly string[]) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return [line(titles), ...rows.map(line)]
} // prettier-ignore

function distinct(
  played: readonly Played[],
  nameOf: (merchant: Merchant) => string,
): [string, (merchant: Merchant) => boolean][] {
  const names = [...new Set(played.map(({ merchant }) => nameOf(merchant)))].toSorted()
  return names.map(name => [name, merchant => nameOf(merchant) === name])
}

/** Everything about one alert that helps to see what went wrong. */
export function describeAlert(alert: Alert, { merchant, known, states }: Played): string {
  const { sale, answer } = alert
  const state = states.get(alert)
  return [
    `seed ${merchant.seed} ${merchant.business} ${merchant.generation} ${merchant.historyDays} days, trigger ${merchant.trigger}`,
    `  alert ${alert.guid} (${alert.kind}, ${alert.network}) issued ${wireTime(alert.issuedAt)} arrived ${wireTime(alert.arrivesAt)}: ${alert.amountText} ${alert.currency} ${JSON.stringify(alert.names)}`,
    `  match: ${alert.match === null ? 'never' : `${alert.match.sale.id} ${wireTime(alert.match.at)}`}; requests: ${alert.requests.map(({ at }) => wireTime(at)).join() || 'none'}`,
    `  answered: ${answer === null ? 'no' : `${answer.type} "${answer.description}" at ${wireTime(answer.at)}; ${answer.untruth ?? 'true'}`}; state ${state?.state} ${state?.why} order ${state?.orderId}`,
    sale === null
      ? '  truth: none of the merchant’s sales'
      : `  truth: ${sale.id} ${decimal(sale.total, sale.currency)} ${sale.currency} ${sale.fate} sold ${wireTime(sale.soldAt)} captured ${sale.captures.map(({ minor, at }) => `${minor}@${wireTime(at)}`).join() || 'nothing'}; in the store since ${sale.knownAt === null ? 'never' : wireTime(sale.knownAt)}; wallet ${sale.wallet}`,
    ...(sale === null ? [] : [
      `  refunds: ${sale.refunds.map(({ by, minor, at, status, settledAt }) => `${by} ${minor} ${status} ${wireTime(at)}${settledAt === null ? "" : `, pending until ${wireTime(settledAt)}`}`).join('; ') || 'none'}; taken: ${sale.taken.map(({ what, at }) => `${what} ${wireTime(at)}`).join() || 'none'}; quirks: ${sale.quirks.map(({ quirk }) => quirk).join() || 'none'}`,
    ]),
    `  decidable: ${undecidableBecause(alert, known) ?? 'yes'}`,
  ].join('\n')
} // prettier-ignore
