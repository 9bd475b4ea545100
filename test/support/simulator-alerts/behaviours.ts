import { seededRandom, type Random } from '../simulator/random.ts'

/**
 * Every way in which a schedule's world may be unlike what one would like to assume, with the weight by which it is drawn.
 * Each draws from numbers of its own, so that switching one off leaves the others as they were.
 */
export const BEHAVIOURS = {
  'crm-refunded-without-money': 0.05,
  'crm-refunded-though-part-only': 0.05,
  'crm-cancelled-though-refunded': 0.05,
  'crm-refunded-to-date-per-refund': 0.05,
  'crm-refunded-amount-lowered': 0.05,
  'crm-complete-after-refund': 0.06,
  'crm-amounts-in-minor-units': 0.05,
  'crm-two-shops-one-order-id': 0.05,
  'crm-total-in-another-currency': 0.05,
  'crm-silent-about-gateway-refund': 0.06,
  'gateway-list-lags': 0.1,
  'gateway-keys-not-kept': 0.08,
  'gateway-sale-unsettled': 0.05,
  'gateway-refusal-passes': 0.06,
  'gateway-look-again': 0.06,
  'gateway-refuses-after-part-refund': 0.05,
  'gateway-takes-back-soon': 0.06,
  'gateway-fails-days-later': 0.05,
  'alert-says-little': 0.06,
  'sale-long-ago': 0.08,
  'sale-rebilled': 0.08,
  'sale-with-declined-attempts': 0.06,
  'sale-never-delivered': 0.04,
  'store-incomplete': 0.05,
  'capture-grows': 0.06,
  'platform-match-of-another-card': 0.05,
  'platform-corrects-before-money': 0.06,
  'platform-corrects-after-money': 0.06,
  'chargeback-tied': 0.06,
  'chargeback-untied': 0.08,
  'rdr-tied': 0.06,
  'rdr-untied': 0.08,
  'second-alert': 0.1,
  'request-of-wrong-amount': 0.06,
  'request-of-unknown-guid': 0.06,
  'request-names-another-order': 0.06,
  'alert-over-part': 0.06,
  'person-careless': 0.08,
  'clocks-differ': 0.1,
  chargebackhit: 0.15,
  'time-passes-deadlines': 0.12,
  'arrival-order': 0.06,
} as const satisfies Record<string, number>

export type Behaviour = keyof typeof BEHAVIOURS
export const BEHAVIOUR_NAMES = Object.keys(BEHAVIOURS) as Behaviour[]

/** Which behaviours a schedule may have: all by their shares, some alone and surely, or all but some. */
export interface Choice {
  only?: readonly Behaviour[]
  without?: readonly Behaviour[]
}

/** The behaviours of one schedule. */
export class Behaviours {
  /** What was drawn, and of that what came to pass. */
  readonly drawn: ReadonlySet<Behaviour>
  readonly met = new Set<Behaviour>()
  readonly #randoms = new Map<Behaviour, Random>()
  readonly #seed: number

  constructor(seed: number, { only, without = [] }: Choice = {}) {
    this.#seed = seed
    const drawn = only ?? drawSome(seededRandom(hashOf(`which ${seed}`)))
    this.drawn = new Set(drawn.filter(name => !without.includes(name)))
  }

  has = (name: Behaviour): boolean => this.drawn.has(name)

  /** Notes that it came to pass. */
  meet(name: Behaviour): void {
    this.met.add(name)
  }

  /** The numbers that only this behaviour draws from. */
  random(name: Behaviour): Random {
    const known = this.#randoms.get(name)
    if (known) return known
    const random = seededRandom(hashOf(`${name} ${this.#seed}`))
    this.#randoms.set(name, random)
    return random
  }
}

/** None, one alone or several: what one behaviour does should not always hide behind another's doing. */
function drawSome(random: Random): Behaviour[] {
  const count = Number(random.weighted({ 0: 1, 1: 5, 2: 3, 3: 2, 5: 1 }))
  const left: Partial<Record<Behaviour, number>> = { ...BEHAVIOURS }
  return Array.from({ length: count }, () => {
    const name = random.weighted(left as Record<Behaviour, number>)
    delete left[name]
    return name
  })
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return hash
}
