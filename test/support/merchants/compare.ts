import type { Played } from './play.ts'
import { describeAlert } from './table.ts'
import { decimal, sum, type Alert } from './truth.ts'

type State = ReturnType<Played['states']['get']>

/** One alert that two runs of the same world brought to different ends. */
export interface Difference {
  guid: string
  one: string
  other: string
  /** Everything about the alert in both runs. */
  text: string
}

/** Compares two runs of the same merchants alert by alert: the same answer, or a person asked by both, and as much refunded. */
export function differencesOf(some: readonly Played[], others: readonly Played[]): Difference[] {
  return some.flatMap((played, i) => {
    const again = others[i]!
    const byGuid = new Map(again.alerts.map(alert => [alert.guid, alert]))
    return played.alerts.flatMap(alert => {
      const same = byGuid.get(alert.guid)
      if (same === undefined) throw new Error(`the runs are not of the same alerts: ${alert.guid}`)
      const [one, other] = [resultOf(alert, played.states.get(alert)), resultOf(same, again.states.get(same))]
      if (one === other) return []
      return [{ guid: alert.guid, one, other, text: `${describeAlert(alert, played)}\n${describeAlert(same, again)}` }]
    })
  })
}

function resultOf({ answer, sale }: Alert, state: State): string {
  const refunds = sale?.refunds.filter(({ by, status }) => by === 'us' && status !== 'failed') ?? []
  const refunded = sale === null || refunds.length === 0 ? '' : `, ${decimal(sum(refunds.map(({ minor }) => minor)), sale.currency)} refunded`
  if (answer !== null) return answer.type + refunded
  return (state?.asksPerson === true ? 'asks a person' : `left ${state?.state ?? 'unknown'}`) + refunded
} // prettier-ignore
