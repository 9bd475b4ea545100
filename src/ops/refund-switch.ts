import type { Deps } from '../deps.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import type { RefundMode } from '../domain/refund/plan.ts'
import { isoTime, isoTimeOrNull } from './order-view.ts'

/** The switch for refunds as it stands. Times are ISO 8601, amounts decimals. */
export interface SwitchView {
  /** Null where it was never chosen: no money moves. */
  mode: RefundMode | null
  /** Null: as configured. */
  set_at: string | null
  set_by: string | null
  configured: RefundMode | null
  trigger: string
  limits: { auto: string | null; hourly: string | null; currency: string | null }
  /** Cases that wait for a person's approval, and those that wait for the switch. */
  waiting: { for_approval: number; for_switch: number }
  /** Newest first. */
  history: { at: string; by: string; from: RefundMode | null; to: RefundMode; reason: string | null }[]
}

export const REFUND_MODES: readonly RefundMode[] = ['auto', 'approve', 'off']

/** What each position does, for whoever turns it. */
export const MODE_SAYS: Record<RefundMode, string> = {
  auto: 'refunds are made by themselves, within the limits',
  approve: 'every refund waits for a person',
  off: 'no money moves; alerts still come in and wait',
}

export type SwitchDeps = Pick<Deps, 'refunds' | 'cases' | 'config'>

/** How many cases are looked through for those that wait for the switch, and woken when it is turned. */
const [MOST_COUNTED, MOST_WOKEN, PAGE] = [1_000, 100_000, 500]

/** How the switch stands, who turned it, and what waits. */
export async function readSwitch({ refunds, cases, config }: SwitchDeps): Promise<SwitchView> {
  const [state, log, counts, refunding] = await Promise.all([
    refunds.mode(),
    refunds.modeLog(),
    cases.counts(['awaiting-approval']),
    cases.list('refunding', MOST_COUNTED, null),
  ])
  const records = await cases.records(refunding.ids)
  return {
    mode: state.mode,
    set_at: isoTimeOrNull(state.setAt),
    set_by: state.setBy,
    configured: config.REFUND_MODE ?? null,
    trigger: config.REFUND_TRIGGER,
    limits: {
      auto: config.REFUND_AUTO_LIMIT ?? null,
      hourly: config.REFUND_HOURLY_LIMIT ?? null,
      currency: config.REFUND_LIMIT_CURRENCY ?? null,
    },
    waiting: {
      for_approval: counts['awaiting-approval'] ?? 0,
      for_switch: records.filter(({ why }) => why === 'refunds-off').length,
    },
    history: log.map(one => ({ ...one, at: isoTime(one.at) })),
  }
}

/**
 * Turns the switch for every process at once, keeps who did it and why, and has whatever waits looked at now. A send that has
 * begun goes on; none begins after this while it is off.
 */
export async function turnSwitch(
  deps: SwitchDeps & Pick<Deps, 'wants' | 'health'>,
  to: RefundMode,
  { by, reason }: { by: string; reason: string | null },
): Promise<SwitchView & { says: string }> {
  const at = await deps.health.now()
  await deps.refunds.setMode(to, by, reason === null ? null : maskCardNumbers(reason), at)
  const woken = await wakeAll(deps)
  const view = await readSwitch(deps)
  return { ...view, says: `refunds are switched to ${to}: ${MODE_SAYS[to]}; ${woken} open cases are looked at now` }
}

/** Every open case and every refund that is not at rest decides anew. */
async function wakeAll({ cases, refunds, wants }: Pick<Deps, 'cases' | 'refunds' | 'wants'>): Promise<number> {
  const [ids, orderIds] = await Promise.all([cases.open(MOST_WOKEN), refunds.looked(MOST_WOKEN)])
  for (let at = 0; at < orderIds.length; at += PAGE)
    await Promise.all(orderIds.slice(at, at + PAGE).map(orderId => wants.refund(orderId, SOON)))
  for (let at = 0; at < ids.length; at += PAGE) await wants.decide(ids.slice(at, at + PAGE))
  return ids.length
}

/** A person waits for it. */
const SOON = 1
