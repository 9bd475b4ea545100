import { readAnswer } from './chargebackhit-answer-body.ts'
import type { AnswerAttempt } from './chargebackhit-answers.ts'
import { readRecord } from './chargebackhit-alerts.ts'
import type { PublishedAlert } from './chargebackhit-alerts.ts'
import type { WebhookAnswer, WebhookCaller } from './chargebackhit-caller.ts'
import type { AlertType, WireAlert } from './chargebackhit-wire.ts'
import type { Timers } from './exchange.ts'
import { keepNewest } from './keep-newest.ts'
import { writeJson } from './wire-json.ts'

const ENTRIES_KEPT = 1_000
/** The vendor does not say how long it waits for what is no inquiry. */
const ANSWER_WITHIN_MS = 10_000

/**
 * One try to deliver an alert. `result` is null while it is under way; `undelivered` where delivery was paused or there is no
 * address; `unanswered` where nothing came back; otherwise what became of the answer. Times are milliseconds.
 */
export interface WebhookDelivery {
  seq: number
  alert_id: string
  type: AlertType
  at: number
  status: WebhookAnswer['status'] | null
  body: string
  tookMs: number | null
  outcome: string | null
  result: AnswerAttempt['result'] | 'unanswered' | 'undelivered' | null
}

interface DeliveryParts {
  caller: WebhookCaller
  timers: Timers
  /** How long an inquiry may take. */
  inquiryMs: number
  /** The pause before what was not taken is sent again; null never sends again, for the vendor speaks of no such thing. */
  redeliverMs: number | null
  onWire: (record: WireAlert) => unknown
}

/** Sends alerts to the account's one address and judges what is answered. */
export class ChargebackhitDeliveries {
  readonly #parts: DeliveryParts
  #entries: WebhookDelivery[] = []
  #url: string | null
  #paused = false
  #seq = 0
  #era = 0

  constructor(parts: DeliveryParts, url: string | null) {
    this.#parts = parts
    this.#url = url
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Where alerts go from now on. */
  notifyAt(url: string | null): void {
    this.#url = url
  }

  /** From now on alerts are published and never delivered, until `resume`; those of the pause stay undelivered. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
  }

  /** Delivers an alert; resolves with its first try, once that has ended. */
  async send(alert: PublishedAlert): Promise<WebhookDelivery> {
    const entry = this.#open(alert)
    if (this.#paused || this.#url === null) {
      entry.result = 'undelivered'
      return entry
    }
    const { caller, inquiryMs, onWire, redeliverMs, timers } = this.#parts
    const era = this.#era
    const withinMs = alert.type === 'inquiry' ? inquiryMs : ANSWER_WITHIN_MS
    const answer = await caller.post(this.#url, writeJson(onWire(readRecord(alert))), withinMs)
    if (era !== this.#era) return entry
    this.#take(alert, entry, answer)
    const taken = entry.result === 'accepted' || entry.result === 'repeated'
    if (!taken && redeliverMs !== null) timers.after(redeliverMs, () => void this.send(alert))
    return { ...entry }
  }

  /** The newest 1,000, oldest first. */
  list(): WebhookDelivery[] {
    return this.#entries.slice(-ENTRIES_KEPT).map(entry => ({ ...entry }))
  }

  /** Forgets all, also what is under way; the address and a pause stay. */
  clear(): void {
    this.#era++
    this.#entries = []
    this.#parts.timers.cancelAll()
  }

  #open({ id, type }: PublishedAlert): WebhookDelivery {
    const entry: WebhookDelivery = {
      seq: ++this.#seq,
      alert_id: id,
      type,
      at: Date.now(),
      status: null,
      body: '',
      tookMs: null,
      outcome: null,
      result: null,
    }
    keepNewest(this.#entries, entry, ENTRIES_KEPT)
    return entry
  }

  #take(alert: PublishedAlert, entry: WebhookDelivery, { status, text, tookMs }: WebhookAnswer): void {
    Object.assign(entry, { status, body: text, tookMs })
    entry.result = typeof status === 'number' ? this.#judge(alert, entry) : 'unanswered'
    if (alert.type === 'inquiry' && alert.answers.final === null) alert.answers.missed = true
  }

  /** 200 alone is taken: which statuses are success is not said. */
  #judge({ type, answers }: PublishedAlert, entry: WebhookDelivery): AnswerAttempt['result'] {
    const attempt = answers.attempt('webhook', entry.body)
    const read = entry.status === 200 ? readAnswer(parsed(entry.body), type) : { constraints: {} }
    if ('constraints' in read) answers.end(attempt, 'refused')
    else {
      entry.outcome = read.outcome
      answers.take(read, attempt)
    }
    return attempt.result
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
