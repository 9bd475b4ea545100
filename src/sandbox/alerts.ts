import { newGuid, orderGuidOf } from './guids.ts'
import { Resolutions } from './resolutions.ts'
import { wireTime } from './wire-time.ts'

/** What alerts and chargebacks say of the transaction; amounts are decimal text. Absent is what the vendor was not told. */
export interface Dispute {
  mid: string
  arn?: string | undefined
  card_first_6?: string | undefined
  card_last_4: string
  card_brand?: string | undefined
  amount: string
  currency: string
  merchant_descriptor?: string | undefined
  transaction_timestamp?: string | undefined
  reason_code?: string | undefined
}

/** A prevention alert. `prevention_type` is set where the later word says more than `partner`. */
export interface Alert extends Dispute {
  prevention_guid: string
  prevention_case_number: string
  partner: string
  prevention_type?: string | undefined
  prevention_timestamp: string
  matched_order_guid: string | null
  matched_order_id: string | null
}

/** A chargeback. */
export interface Chargeback extends Dispute {
  chargeback_guid: string
  case_number: string
  chargeback_date: string
  matched_order_guid: string | null
  matched_order_id: string | null
}

/** What makes an alert; what is left out is made up. */
export type AlertWish = Dispute &
  Pick<Alert, 'partner' | 'prevention_type'> & {
    prevention_guid?: string | undefined
    prevention_case_number?: string | undefined
    prevention_timestamp?: string | undefined
    matched_order_id?: string | undefined
  }

/** An alert as it is shown: its members, and all that was answered to it. */
export type ShownAlert = Alert & { resolutions: ReturnType<Resolutions['shown']> }

const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join('')

/** The alerts and chargebacks of the one account, and what was answered to them; in memory until `clear()`. */
export class Alerts {
  readonly #alerts = new Map<string, { alert: Alert; resolutions: Resolutions }>()
  readonly #chargebacks = new Map<string, Chargeback>()
  readonly #orderIds = new Map<string, string>()

  /** Makes an alert, without sending anything. */
  add({ matched_order_id, ...wish }: AlertWish): Alert {
    const alert: Alert = {
      ...wish,
      prevention_guid: wish.prevention_guid ?? newGuid('pre'),
      prevention_case_number: wish.prevention_case_number ?? digits(14),
      prevention_timestamp: wish.prevention_timestamp ?? wireTime(Date.now()),
      matched_order_guid: null,
      matched_order_id: null,
    }
    this.#alerts.set(alert.prevention_guid, { alert, resolutions: new Resolutions() })
    if (matched_order_id !== undefined) this.match(alert, matched_order_id)
    return alert
  }

  /** Makes a chargeback of today, without sending anything. */
  addChargeback(dispute: Dispute): Chargeback {
    const chargeback: Chargeback = {
      ...dispute,
      chargeback_guid: newGuid('cbc'),
      case_number: digits(14),
      chargeback_date: wireTime(Date.now()).slice(0, 10),
      matched_order_guid: null,
      matched_order_id: null,
    }
    this.#chargebacks.set(chargeback.chargeback_guid, chargeback)
    return chargeback
  }

  /** Ties an alert or a chargeback to an order: from now on it can be read there. */
  match(dispute: Alert | Chargeback, orderId: string): void {
    dispute.matched_order_id = orderId
    dispute.matched_order_guid = this.nameOrder(orderId)
  }

  /** The GUID of an order, which can be asked for by it from now on. */
  nameOrder(orderId: string): string {
    const guid = orderGuidOf(orderId)
    this.#orderIds.set(guid, orderId)
    return guid
  }

  find(guid: string): { alert: Alert; resolutions: Resolutions } | undefined {
    return this.#alerts.get(guid)
  }

  chargeback(guid: string): Chargeback | undefined {
    return this.#chargebacks.get(guid)
  }

  /** The order id behind a GUID that an event or an answer has named. */
  orderId(orderGuid: string): string | undefined {
    return this.#orderIds.get(orderGuid)
  }

  /** One alert with its resolutions, as a copy. */
  get(guid: string): ShownAlert | undefined {
    const found = this.#alerts.get(guid)
    return found && { ...found.alert, resolutions: found.resolutions.shown() }
  }

  /** All of them, oldest first, as copies. */
  list(): ShownAlert[] {
    return [...this.#alerts.values()].map(({ alert, resolutions }) => ({ ...alert, resolutions: resolutions.shown() }))
  }

  clear(): void {
    this.#alerts.clear()
    this.#chargebacks.clear()
    this.#orderIds.clear()
  }
}
