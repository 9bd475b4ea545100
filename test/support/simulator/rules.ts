import type { EndPush } from '../../../src/store/push-store.ts'
import type { ModelPlatform } from './model-platform.ts'
import { settledAtRest, shownAtRest, shownBy, type Shown, type Told } from './reference-merge.ts'
import type { Trace } from './trace.ts'

type Read = { rev: number; told: number; sent: boolean }

/** What the rules see of a world. */
interface JudgedWorld extends Pick<Trace, 'fail'> {
  readonly platform: Pick<ModelPlatform, 'openCalls'>
  told(orderId: string): Told[]
  isForgotten(orderId: string): boolean
}

/** What must hold at every moment of a schedule, told by what happens; a breach ends the schedule. */
export class Rules {
  readonly #world: JudgedWorld
  /** Order → the newest rev that was acknowledged. */
  readonly #acknowledged = new Map<string, number>()
  /** Order → the attempt that was begun last: no other may write. */
  readonly #attempt = new Map<string, string>()
  /** Order → the rev that was refused last. */
  readonly refusedRev = new Map<string, number>()

  constructor(world: JudgedWorld) {
    this.#world = world
  }

  begun(orderId: string, attemptId: string, read: Read): void {
    this.#attempt.set(orderId, attemptId)
    if (this.#world.isForgotten(orderId)) this.#world.fail(`${orderId}: an attempt began after it was forgotten`)
    if (!read.sent && !settledAtRest(this.#world.told(orderId)))
      this.#world.fail(`${orderId}: a first push began of an order that is not settled`)
    // No value ever goes back by a call that was begun after a newer one was acknowledged.
    const acknowledged = this.#acknowledged.get(orderId) ?? 0
    if (read.rev < acknowledged)
      this.#world.fail(`${orderId}: rev ${read.rev} was begun after rev ${acknowledged} was acknowledged`)
  }

  sent(orderId: string, read: Read, payload: Shown): void {
    if (this.#world.platform.openCalls(orderId) > 0) this.#world.fail(`${orderId}: two calls were on the wire at once`)
    const known = this.#world.told(orderId).slice(0, read.told)
    if (payload.order_status !== undefined && !settledAtRest(known))
      this.#world.fail(`${orderId}: the status of an order was sent that is not settled`)
    const wanted = shownAtRest(known)
    const { fulfillment, order_id, ...rest } = payload
    if (order_id !== orderId) this.#world.fail(`${orderId}: a payload named ${String(order_id)}`)
    for (const [field, value] of Object.entries(shownBy({ ...rest, ...(fulfillment as Shown | undefined) }))) {
      const is = JSON.stringify(field === 'notes' && (value as unknown[]).length === 0 ? null : value)
      const should = JSON.stringify(wanted[field] ?? null)
      if (is !== should) this.#world.fail(`${orderId}: ${field} was sent as ${is} while the merge said ${should}`)
    }
  }

  ended({ order, attemptId, acknowledged, stands }: EndPush): void {
    const { orderId, rev } = order
    if (this.#attempt.get(orderId) !== attemptId) this.#world.fail(`${orderId}: a superseded attempt wrote`)
    if (acknowledged !== null) this.#acknowledged.set(orderId, Math.max(this.#acknowledged.get(orderId) ?? 0, rev))
    if (stands === 'rejected') this.refusedRev.set(orderId, rev)
  }
}
