import type { Change } from '../../../src/domain/change.ts'
import type { Sale } from './sales.ts'
import type { World } from './world.ts'

const CRM = { name: 'crm', rank: 10 }
const MINUTE_MS = 60_000

/** What the CRM tells, as its hooks do: now, late, or once everything else is over. */
export class CrmNews {
  readonly #world: World
  /** Changes it has not sent yet. */
  readonly #late: Change[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** Something that was told late, or that happens now. */
  async next(): Promise<void> {
    const { random, sales } = this.#world
    if (this.#late.length > 0 && random.chance(0.5))
      return this.tell(this.#late.splice(random.int(this.#late.length), 1)[0]!)
    await this.#happen(random.pick(sales))
  }

  /** Something happens to a sale, and its CRM tells of it now or later. */
  async #happen(sale: Sale): Promise<void> {
    const { crm, random } = this.#world
    const before = [sale.stage, sale.captures.length].join()
    const change = crm.next(sale)
    if (change === null) return
    // What was given back past the gateway nobody else can tell of: the CRM tells of it at once; so it does of money that it took.
    const isPlain = sale.elsewhere.length === 0 && before === [sale.stage, sale.captures.length].join()
    if (isPlain && random.chance(0.3)) this.#late.push(change)
    else await this.tell(change)
  }

  /** Sold, paid and told of long before anything else. */
  async sellEarlier(sale: Sale): Promise<void> {
    const change = this.#world.crm.soldEarlier(sale)
    if (change !== null) await this.tell(change)
  }

  /** Refunded by hand hours before, and told of. */
  async refundEarlier(sale: Sale, cents: number | null): Promise<void> {
    const { crm, random, behaviours } = this.#world
    if (sale.stage !== 'settled' || sale.delivery === 'never') return
    const left = crm.left(sale)
    if (cents !== null) behaviours.meet('gateway-refuses-after-part-refund')
    const change = crm.refundEarlier(sale, cents ?? (random.chance(0.6) ? left : 500), 14 * 60 * MINUTE_MS)
    if (change !== null) await this.tell(change)
  }

  /** Tells a change as a hook would; the cases of its order are looked at. */
  async tell(change: Change): Promise<void> {
    const world = this.#world
    const merged = await world.merge(change, CRM)
    world.note(`told ${change.orderId} ${JSON.stringify(change.values)}`)
    if ('refused' in merged || !merged.hasCases) return
    // A hook is answered only once its jobs are in, and is sent again until then.
    for (const id of await world.redis.smembers(world.keys.orderCases(change.orderId))) world.jobs.add(`decide|${id}`)
  }

  /** The CRM tells whatever it has not told yet of refunds. */
  async catchUp(): Promise<void> {
    const { crm, sales } = this.#world
    for (const sale of sales) {
      const change = crm.catchUp(sale)
      if (change !== null) await this.tell(change)
    }
  }

  /** Nothing is held back any more. */
  async flush(): Promise<void> {
    for (const change of this.#late.splice(0)) await this.tell(change)
  }
}
