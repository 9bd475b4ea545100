import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { readCurrencyCode } from '../domain/basics/currency-codes.ts'
import { canonicalAmount, compareAmounts, addAmounts, formatAmount, minorUnits } from '../domain/basics/money.ts'
import { openClaim } from '../domain/refund/ledger.ts'
import { showOrder } from '../domain/shown-order.ts'
import type { RefundAnswer, RefundGateway, RefundsReport } from '../gateways/gateway.ts'

/** What a person asks to try: a small refund of an order of theirs, sent twice under one key. */
export interface KeyTrialRequest {
  orderId: string
  amount: string
  currency: string
}

/** A trial that may run: everything that could be checked before money moves was checked. */
export interface KeyTrial {
  gateway: RefundGateway
  orderId: string
  /** Canonical decimal. */
  amount: string
  currency: string
  transactionId: string | null
  /** The ids of the refunds that the gateway listed before. */
  listedBefore: ReadonlySet<string>
}

/** What a trial proved. `refunds`: the gateway's ids of what was refunded, as far as it is known. */
export interface KeyProof {
  keys: 'kept' | 'not-kept' | 'not-proven'
  /** What was seen, one sentence each. */
  seen: string[]
  refunds: string[]
  /** What was refunded by then, with its currency; null where it is not known. */
  refunded: string | null
  /** Our reference in the gateway's list. */
  reference: string
  advice: string
}

export interface KeyTrialDeps {
  config: Pick<Config, 'ORDER_SYNC_DRY_RUN' | 'REFUND_TIMEOUT_MS' | 'REFUND_LIST_LAG_MS'>
  orders: Pick<Deps['orders'], 'read'>
  refunds: Pick<Deps['refunds'], 'read' | 'mode'>
  gateway: RefundGateway | null
}

/** Checks that the trial may run, and what the gateway lists before it; moves no money. A refusal is a sentence for a person. */
export async function prepareTrial(
  deps: KeyTrialDeps,
  { orderId, amount: given, currency }: KeyTrialRequest,
): Promise<{ trial: KeyTrial } | { refusal: string }> {
  const { gateway, config } = deps
  if (gateway === null)
    return { refusal: 'No refund gateway is configured. Set REFUND_HTTP_URL and REFUND_HTTP_SECRET.' }
  if (config.ORDER_SYNC_DRY_RUN) return { refusal: 'ORDER_SYNC_DRY_RUN is on: no money may move. Set it off.' }
  const { mode } = await deps.refunds.mode()
  if (mode === null || mode === 'off') return { refusal: `Refund mode: ${mode ?? 'not set'}. Set it with order-sync refunds first.` } // prettier-ignore
  const amount = amountIn(given, currency)
  if (amount === null) return { refusal: `${given} ${currency} is not an amount above 0 in whole minor units.` }
  const order = await deps.orders.read(orderId)
  if (order === null) return { refusal: `Order ${orderId} is not known here.` }
  const { transaction_id: transaction, currency: ofOrder } = showOrder(order).values
  if (typeof ofOrder === 'string' && ofOrder !== currency) return { refusal: `The currency of order ${orderId} is ${ofOrder}.` } // prettier-ignore
  if (openClaim(await deps.refunds.read(orderId)) !== null) return { refusal: `A refund of order ${orderId} is in progress. Choose another order.` } // prettier-ignore
  const transactionId = typeof transaction === 'string' && transaction !== '' ? transaction : null
  const report = await gateway.findRefunds({ orderId, transactionId }, { timeoutMs: config.REFUND_TIMEOUT_MS })
  if (!report.read) return { refusal: `The gateway's refunds cannot be read (${report.why}).` }
  const refusal = unfit(report, amount, currency)
  if (refusal !== null) return { refusal }
  const listedBefore = new Set(report.refunds.map(({ refundId }) => refundId))
  return { trial: { gateway, orderId, amount, currency, transactionId, listedBefore } }
}

function amountIn(text: string, currency: string): string | null {
  const amount = readCurrencyCode(currency) === currency ? canonicalAmount(text) : null
  return amount === null || amount === '0' || minorUnits(amount, currency) === null ? null : amount
}

/** Why the order does not serve, by what the gateway states about it. A gateway without keys must be free to refund twice. */
function unfit(report: Extract<RefundsReport, { read: true }>, amount: string, currency: string): string | null {
  const { refundableAmount: refundable, currency: stated, settled } = report
  if (settled === false)
    return 'The gateway cannot refund this order yet: its payment is not settled. Choose another order.'
  if (stated !== null && stated !== currency) return `The gateway states the currency ${stated} for this order.`
  if (refundable === null || compareAmounts(refundable, addAmounts(amount, amount)) >= 0) return null
  return `Only ${refundable} ${currency} is refundable, less than twice the amount. Choose a smaller amount or another order.`
}

/** Sends one refund twice under one key, and reads the gateway's list until the refund shows or its list lag is over. */
export async function runTrial(
  { config }: Pick<KeyTrialDeps, 'config'>,
  trial: KeyTrial,
  tools: { newId: () => string; pause: (ms: number) => Promise<unknown>; monotonicMs: () => number },
): Promise<KeyProof> {
  const { gateway, orderId, amount, currency } = trial
  const key = `doctor-${tools.newId()}`
  // As the refund job does where an order names no transaction.
  const transactionId = trial.transactionId ?? orderId
  const body = gateway.bodyOf({ orderId, transactionId, amount, currency, reason: 'key trial', reference: key })
  const limits = { timeoutMs: config.REFUND_TIMEOUT_MS }
  const sent = { body, key }
  const first = await gateway.refund(sent, limits)
  const seen = [`First answer: ${describeAnswer(first)}.`]
  if (first.said !== 'refund' || first.refund.status === 'failed') {
    const isUnknown = first.said === 'nothing'
    return { keys: 'not-proven', seen, refunds: [], refunded: isUnknown ? null : 'nothing', reference: key, advice: isUnknown ? LOST : NOTHING_MADE } // prettier-ignore
  }
  const second = await gateway.refund(sent, limits)
  seen.push(`Second answer, under the same key: ${describeAnswer(second)}.`)
  const answered = [first, second].flatMap(one => (one.said === 'refund' ? [one.refund.refundId] : []))
  const listed = await newRefunds(trial, { key, answered, lagMs: config.REFUND_LIST_LAG_MS, limits }, tools)
  seen.push(listed === null ? "The gateway's list could not be read." : `New in the gateway's list: ${listed.join(', ') || 'nothing'}.`) // prettier-ignore
  const refunds = [...new Set([...answered, ...(listed ?? [])])]
  const isSame = answered.length === 2 && answered[0] === answered[1]
  const keys = refunds.length > 1 ? 'not-kept' : isSame && listed?.length === 1 ? 'kept' : 'not-proven'
  const refunded = second.said === 'nothing' && keys === 'not-proven' ? null : sumOf(trial, refunds.length)
  return { keys, seen, refunds, refunded, reference: key, advice: ADVICE[keys] }
}

const sumOf = ({ amount, currency }: KeyTrial, times: number): string =>
  `${formatAmount(addAmounts(...Array.from({ length: times }, () => amount)), currency)} ${currency}`

const LOST =
  'Search the gateway for the reference: the refund may have been made. Try again later; until then leave REFUND_HTTP_KEEPS_KEYS_HOURS at 0.'
const NOTHING_MADE = 'No refund was made, so nothing is proven. Choose another order, and leave REFUND_HTTP_KEEPS_KEYS_HOURS at 0 until then.' // prettier-ignore
const ADVICE = {
  kept: "Ask the gateway's provider how many hours a key is kept, and set REFUND_HTTP_KEEPS_KEYS_HOURS to no more than that.",
  'not-kept': 'Set REFUND_HTTP_KEEPS_KEYS_HOURS to 0. Any other figure refunds buyers twice.',
  'not-proven': 'Leave REFUND_HTTP_KEEPS_KEYS_HOURS at 0, or set it to 0.',
} as const

function describeAnswer(answer: RefundAnswer): string {
  switch (answer.said) {
    case 'refund':
      return `refund ${answer.refund.refundId}, ${answer.refund.status}`
    case 'refused':
      return `refused (${answer.code})`
    case 'not-taken':
      return `not taken (${answer.why})`
    case 'nothing':
      return `lost (${answer.why})`
  }
}

interface Sought {
  key: string
  /** The ids that the gateway answered with. */
  answered: readonly string[]
  lagMs: number
  limits: { timeoutMs: number }
}

const LOOK_AGAIN_MS = 1_000

/** The ids of refunds that are new in the list and may be the trial's, once all that were answered show or the lag is over. */
async function newRefunds(
  { gateway, orderId, transactionId, listedBefore, amount }: KeyTrial,
  { key, answered, lagMs, limits }: Sought,
  { pause, monotonicMs }: { pause: (ms: number) => Promise<unknown>; monotonicMs: () => number },
): Promise<string[] | null> {
  const until = monotonicMs() + lagMs
  let found: string[] | null = null
  for (;;) {
    const report = await gateway.findRefunds({ orderId, transactionId }, limits)
    if (report.read) {
      const ours = report.refunds.filter(
        ({ refundId, reference, ...one }) =>
          !listedBefore.has(refundId) &&
          one.status !== 'failed' &&
          (reference === key || answered.includes(refundId) || (reference === null && one.amount === amount)),
      )
      found = ours.map(({ refundId }) => refundId)
      if (answered.every(id => found?.includes(id))) return found
    }
    if (monotonicMs() >= until) return found
    await pause(Math.min(LOOK_AGAIN_MS, until - monotonicMs()))
  }
}
