import { randomUUID } from 'node:crypto'
import { Answers } from './chargebackhit-answers.ts'
import { draftRecord, PRODUCTS, USUAL_PRODUCT } from './chargebackhit-wire.ts'
import type { AlertType, AlertWish, Product, WireAlert } from './chargebackhit-wire.ts'

/** How long there is to answer, in milliseconds. */
export interface AnswerTimes {
  inquiryMs: number
  refundMs: number
  cdrnMs: number
}

/** An alert of the account. Times are milliseconds since 1970. */
export interface PublishedAlert {
  seq: number
  id: string
  type: AlertType
  product: Product
  createdAt: number
  /** By the alert's own `date`. */
  publishedAt: number
  record: WireAlert
  answers: Answers
}

/** An alert as it is shown: its record as it is read by the API, and all that was answered to it. */
export type ShownChargebackhitAlert = WireAlert & {
  id: string
  type: AlertType
  createdAt: number
  answers: ReturnType<Answers['shown']>
}

const isProduct = (given: unknown): given is Product => PRODUCTS.some(product => product === given)

/** The alerts of the one account, and what was answered to them; in memory until `clear()`. */
export class ChargebackhitAlerts {
  readonly #alerts = new Map<string, PublishedAlert>()
  readonly #times: AnswerTimes
  #seq = 0

  constructor(times: AnswerTimes) {
    this.#times = times
  }

  /** Publishes an alert, without sending anything. */
  add(wish: AlertWish): PublishedAlert {
    return this.publish(draftRecord(wish), wish.type)
  }

  /** Publishes an alert with the members it was given; its id is another where that is taken. */
  publish({ alert: given, transaction, merchant }: WireAlert, type: AlertType): PublishedAlert {
    const now = Date.now()
    const id =
      typeof given['id'] === 'string' && given['id'] !== '' && !this.#alerts.has(given['id'])
        ? given['id']
        : randomUUID()
    const product = isProduct(given['product']) ? given['product'] : USUAL_PRODUCT[type]
    const date = typeof given['date'] === 'string' ? given['date'] : new Date(now).toISOString()
    const said = Date.parse(date)
    const publishedAt = Number.isNaN(said) ? now : said
    const alert: PublishedAlert = {
      seq: ++this.#seq,
      id,
      type,
      product,
      createdAt: now,
      publishedAt,
      record: { alert: { ...given, id, type, product, date }, transaction, merchant },
      answers: new Answers(this.#deadlineOf(type, product, publishedAt), type === 'inquiry'),
    }
    this.#alerts.set(id, alert)
    return alert
  }

  find(id: string): PublishedAlert | undefined {
    return this.#alerts.get(id)
  }

  /** All of them, oldest first. */
  all(): PublishedAlert[] {
    return [...this.#alerts.values()]
  }

  /** One alert as it is shown, as a copy. */
  get(id: string): ShownChargebackhitAlert | undefined {
    const found = this.#alerts.get(id)
    return found && shownOf(found)
  }

  /** All of them as they are shown, oldest first, as copies. */
  list(): ShownChargebackhitAlert[] {
    return this.all().map(shownOf)
  }

  clear(): void {
    this.#alerts.clear()
  }

  /** By the vendor's guide; the other types are "not critical". */
  #deadlineOf(type: AlertType, product: Product, publishedAt: number): number | null {
    const { inquiryMs, refundMs, cdrnMs } = this.#times
    if (type === 'inquiry') return publishedAt + inquiryMs
    if (type !== 'init-refund') return null
    return publishedAt + (product === 'cdrn' ? cdrnMs : refundMs)
  }
}

/** An alert as the API tells it: as it was published, with the outcome that stands. */
export const readRecord = ({ record, answers }: PublishedAlert): WireAlert => ({
  alert: { ...record.alert, outcome: answers.outcome },
  transaction: { ...record.transaction },
  merchant: { ...record.merchant },
})

function shownOf(found: PublishedAlert): ShownChargebackhitAlert {
  const { id, type, createdAt, answers } = found
  return { id, type, createdAt, ...readRecord(found), answers: answers.shown() }
}
