import type { Taker } from '../simulator/turns.ts'
import type { GatewayCall } from './gateway-answers.ts'

/** One run of one job in one process, and what it has seen. */
export interface Run extends Taker {
  job: string
  abort: AbortController
  call: GatewayCall | null
  startedAt: number
  /** Sales of which anything was told when a case was last read. */
  toldAtRead: ReadonlySet<string>
  /** Cents that the gateway listed as given back by hand when it was last asked. */
  handListed: number
  /** The key it may send, since when, and what was known by then to be given back past the gateway, in cents. */
  leave: { key: string; at: number; external: number; isApproved: boolean } | null
  /** Why the words it is about to send are not true; null: they are. */
  untruth: string | null
}
