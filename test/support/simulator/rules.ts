import type { OrderRecord } from '../../../src/domain/order.ts'
import type { Shown } from './reference-merge.ts'
import { shownAtRest, shownBy } from './reference-merge.ts'
import type { World } from './world.ts'

type Read = { rev: number; told: number }

/** What must hold at every moment of a schedule, told by what happens; a breach ends the schedule. */
export class Rules {
  readonly #world: World
  /** Order → the newest rev that was acknowledged. */
  readonly #acknowledged = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  begun(orderId: string, read: Read): void {
    if (this.#world.isForgotten(orderId)) this.#world.fail(`${orderId}: an attempt began after it was forgotten`)
    this.#noStep(orderId, read)
  }

  /** No value ever goes back by a call that was begun after a newer one was acknowledged. */
  #noStep(orderId: string, read: Read): void {
    const acknowledged = this.#acknowledged.get(orderId) ?? 0
    if (read.rev < acknowledged)
      this.#world.fail(`${orderId}: rev ${read.rev} was begun after rev ${acknowledged} was acknowledged`)
  }

  sent(orderId: string, read: Read, payload: Shown): void {
    if (this.#world.platform.openCalls(orderId) > 0) this.#world.fail(`${orderId}: two calls were on the wire at once`)
    const wanted = shownAtRest(this.#world.told(orderId).slice(0, read.told))
    const { fulfillment, order_id, ...rest } = payload
    if (order_id !== orderId) this.#world.fail(`${orderId}: a payload named ${String(order_id)}`)
    for (const [field, value] of Object.entries(shownBy({ ...rest, ...(fulfillment as Shown | undefined) }))) {
      const is = JSON.stringify(field === 'notes' && (value as unknown[]).length === 0 ? null : value)
      const should = JSON.stringify(wanted[field] ?? null)
      if (is !== should) this.#world.fail(`${orderId}: ${field} was sent as ${is} while the merge said ${should}`)
    }
  }

  acknowledged(order: OrderRecord): void {
    this.#acknowledged.set(order.orderId, Math.max(this.#acknowledged.get(order.orderId) ?? 0, order.rev))
  }
}
