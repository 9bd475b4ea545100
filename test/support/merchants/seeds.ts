import { seededRandom } from '../simulator/random.ts'
import { BUSINESSES, drawMerchant, GENERATIONS, HISTORY_DAYS, type Merchant } from './draw-merchant.ts'
import { play, type Played } from './play.ts'
import type { Program, ProgramParts } from './program.ts'

/** How many merchants share the alerts of one seed. */
const MERCHANTS_PER_SEED = 6

/** How many alerts each merchant of a seed gets. */
export const alertsEach = (alertsOfSeed: number): number => Math.ceil(alertsOfSeed / MERCHANTS_PER_SEED)

/** Merchants of seeds: both businesses, every generation; histories take turns, so that three seeds meet all eighteen kinds. */
export const merchantsOfSeeds = (seeds: readonly number[]): Merchant[] => seeds.flatMap(merchantsOf)

const merchantsOf = (seed: number): Merchant[] =>
  Array.from({ length: MERCHANTS_PER_SEED }, (_, i) => {
    const own = seed * 100 + i
    const business = BUSINESSES[i % 2]!
    const generation = GENERATIONS[Math.floor(i / 2)]!
    const historyDays = HISTORY_DAYS[(seed + i + Math.floor(i / 2)) % 3]!
    return drawMerchant(seededRandom(own * 31 + 5), { seed: own, business, generation, historyDays })
  })

export type StartProgram = (merchant: Merchant, parts: ProgramParts) => Program

/** Plays `count` alerts of each merchant, `atOnce` merchants at once; in the order of the merchants. */
export async function playAll(
  merchants: readonly Merchant[],
  count: number,
  start: StartProgram,
  { onPlayed = () => {}, atOnce = 6 }: { onPlayed?: (done: number) => void; atOnce?: number } = {},
): Promise<Played[]> {
  const played: Played[] = []
  let [next, done] = [0, 0]
  const lane = async () => {
    while (next < merchants.length) {
      const index = next++
      const merchant = merchants[index]!
      played[index] = await play(merchant, count, parts => start(merchant, parts))
      onPlayed((done += 1))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return played
}
