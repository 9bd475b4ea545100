import type { Played } from './play.ts'
import type { Program, ProgramParts, WireRequest } from './program.ts'
import { decimal, sum, type Alert, type Sale } from './truth.ts'

type Line = Record<string, unknown>

/**
 * Keeps what reaches a program and what is answered to it, as the lines of a history: what a merchant has in its logs, and nothing that
 * only the world knows.
 */
export class Recorder {
  readonly #lines: string[] = []
  readonly #records = new Map<string, string>()
  readonly #refused: {
    at: number
    orderId: string
    transactionId: string
    amount: string
    currency: string
    code: string
  }[] = []

  /** Starts a program that is recorded. */
  start(start: (parts: ProgramParts) => Program): (parts: ProgramParts) => Program {
    return parts => {
      const program = start({ ...parts, serve: request => this.#served(parts, request) })
      const at = () => new Date(parts.now()).toISOString()
      return {
        raised: program.raised,
        work: () => program.work(),
        nextAt: () => program.nextAt(),
        wake: () => program.wake(),
        stateOf: (platform, guid) => program.stateOf(platform, guid),
        close: () => program.close(),
        change: body => {
          this.#lines.push(JSON.stringify({ type: 'change', at: at(), body }))
          return program.change(body)
        },
        event: (platform, json) => {
          this.#lines.push(`{"type":"event","at":"${at()}","platform":"${platform}","body":${json}}`)
          return program.event(platform, json)
        },
      }
    }
  }

  async #served(parts: ProgramParts, request: WireRequest) {
    const answer = await parts.serve(request)
    const { url, method } = request
    const id = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    if (url.hostname === 'events' && answer.status === 200) this.#record(parts, 'midigator', id, answer.body as string)
    if (url.hostname === 'chargebackhit' && method === 'GET' && answer.status === 200)
      this.#record(parts, 'chargebackhit', id, /^\{"data":\[(.*)\]\}$/s.exec(answer.body as string)![1]!)
    if (url.hostname === 'gateway' && method === 'POST' && answer.status >= 400) {
      const body = JSON.parse(request.body) as { order_id: string; transaction_id: string; amount: string; currency: string }
      const { code } = answer.body as { code: string }
      this.#refused.push({ at: parts.now(), orderId: body.order_id, transactionId: body.transaction_id, amount: body.amount, currency: body.currency, code })
    }
    return answer
  } // prettier-ignore

  #record(parts: ProgramParts, platform: string, id: string, json: string): void {
    if (this.#records.get(`${platform}:${id}`) === json) return
    this.#records.set(`${platform}:${id}`, json)
    const at = new Date(parts.now()).toISOString()
    this.#lines.push(`{"type":"record","at":"${at}","platform":"${platform}","id":"${id}","body":${json}}`)
  }

  /** All lines of what was played, with the gateway's payments and refunds and what became of the alerts. */
  lines({ merchant, known: { sales }, alerts, states }: Played): string[] {
    const lines: Line[] = []
    const iso = (at: number) => new Date(at).toISOString()
    for (const sale of sales) {
      const { id, transactionId, currency, settlesAt } = sale
      const common = { order_id: id, transaction_id: transactionId, currency }
      if (merchant.gateway.tellsRefundable)
        lines.push({
          type: 'payment',
          ...common,
          captured: sale.captures.map(({ minor, at }) => ({ amount: decimal(minor, currency), at: iso(at) })),
          settled_at: iso(settlesAt),
        })
      for (const { by, minor, at, status, settledAt, arn, id: refundId } of sale.refunds)
        if (by !== 'past')
          lines.push({
            type: 'refund',
            ...common,
            at: iso(at),
            amount: decimal(minor, currency),
            status,
            refund_id: refundId,
            arn,
            settled_at: settledAt === null ? null : iso(settledAt),
            ...(by === 'us' ? { alert: guidOf(alerts, sale) } : { listed_at: iso(at + merchant.gateway.lagMs) }),
          })
    }
    for (const { at, orderId, transactionId, amount, currency, code } of this.#refused)
      lines.push({ type: 'refund', at: iso(at), order_id: orderId, transaction_id: transactionId, amount, currency, status: 'refused', code })
    for (const alert of alerts) {
      const { answer, platform, guid, sale } = alert
      lines.push({
        type: 'outcome',
        platform,
        id: guid,
        resolution: answer?.type ?? null,
        order_id: answer === null ? null : (states.get(alert)?.orderId ?? null),
        ...(sale === null ? {} : refundedFor(alert, sale, alerts)),
        by: answer === null ? 'person' : 'automatic',
      })
    }
    return [...this.#lines, ...lines.map(line => JSON.stringify(line))]
  } // prettier-ignore
}

/** What was refunded because of an alert, where no other alert of the sale may be the reason. */
function refundedFor(alert: Alert, sale: Sale, alerts: readonly Alert[]): Record<string, unknown> {
  if (alerts.some(one => one !== alert && one.sale === sale)) return {}
  const ours = sale.refunds.filter(({ by, status }) => by === 'us' && status !== 'failed')
  return { refunded: decimal(sum(ours.map(({ minor }) => minor)), sale.currency), currency: sale.currency }
}

const guidOf = (alerts: readonly Alert[], about: Sale): string =>
  alerts.find(({ sale }) => sale === about)?.guid ?? 'alert'
