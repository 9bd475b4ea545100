import type { Deps } from '../deps.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import type { RefundMode } from '../domain/account/account.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

/** The refund mode as it is now. Times are ISO 8601, amounts decimals. */
export interface RefundModeView {
  /** Null where none was ever set: no money moves. */
  mode: RefundMode | null
  /** Null: as configured. */
  set_at: string | null
  set_by: string | null
  configured: RefundMode | null
  trigger: string
  limits: { auto: string | null; hourly: string | null; currency: string | null }
  /** Cases that await approval, those that wait while refunds are off, and those whose deadline has passed: no mode releases these. */
  waiting: { for_approval: number; for_switch: number; late: number }
  /** Newest first. */
  history: { at: string; by: string; from: RefundMode | null; to: RefundMode; reason: string | null }[]
}

export const REFUND_MODES: readonly RefundMode[] = ['auto', 'approve', 'off']

/** The modes' names for people. */
export const MODE_LABELS: Record<RefundMode, string> = { auto: 'automatic', approve: 'manual approval', off: 'off' }

/** What each mode does. */
export const MODE_TEXTS: Record<RefundMode, string> = {
  auto: 'Refunds within your limits are sent without approval.',
  approve: 'Every refund needs a person’s approval.',
  off: 'No refund is sent; alerts are still received and wait.',
}

export type RefundModeDeps = Pick<Deps, 'refunds' | 'cases' | 'config' | 'health'>

/** How many cases are read for the counts, and decided again when the mode changes. */
const [MOST_COUNTED, MOST_DECIDED, PAGE] = [1_000, 100_000, 500]

/** The refund mode, who set it, and what waits. */
export async function readRefundMode({ refunds, cases, config, health }: RefundModeDeps): Promise<RefundModeView> {
  const [state, log, counts, refunding, late] = await Promise.all([
    refunds.mode(),
    refunds.modeLog(),
    cases.counts(['awaiting-approval']),
    cases.list('refunding', MOST_COUNTED, null),
    health.now().then(now => countLate(cases, now)),
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
      for_switch: records.filter(({ reason }) => reason === 'refunds-off').length,
      late,
    },
    history: log.map(one => ({ ...one, at: isoTime(one.at) })),
  }
}

/** How many unanswered cases are past their deadline at `now` (ms): no mode releases their refunds. */
export async function countLate(cases: Pick<Deps['cases'], 'overdue' | 'records'>, now: number): Promise<number> {
  const records = await cases.records(await cases.overdue(now, MOST_COUNTED))
  return records.filter(({ answeredAt }) => answeredAt === null).length
}

/** Sets the mode for every process at once, records who did it and why, and has every open case decided again. */
export async function setRefundMode(
  deps: RefundModeDeps & Pick<Deps, 'wants'>,
  to: RefundMode,
  { by, reason }: { by: string; reason: string | null },
): Promise<RefundModeView & { says: string }> {
  const at = await deps.health.now()
  await deps.refunds.setMode(to, by, reason === null ? null : maskCardNumbers(reason), at)
  const count = await decideAll(deps)
  const view = await readRefundMode(deps)
  const { late } = view.waiting
  const again = `${count} open ${count === 1 ? 'case is' : 'cases are'} decided again.`
  return { ...view, says: [describeMode(to), again, ...(late === 0 ? [] : [describeLate(late)])].join(' ') }
}

/** The mode in a sentence. */
export const describeMode = (mode: RefundMode | null): string =>
  mode === null ? 'Refund mode: not set. No refund is sent.' : `Refund mode: ${MODE_LABELS[mode]}. ${MODE_TEXTS[mode]}`

/** What no mode releases. */
export const describeLate = (count: number): string =>
  count === 1
    ? '1 case is past its response deadline; its refund is not sent without a person’s approval.'
    : `${count} cases are past their response deadline; their refunds are not sent without a person’s approval.`

/** Every open case, and every refund that is not finished, is decided again. */
async function decideAll({ cases, refunds, wants }: Pick<Deps, 'cases' | 'refunds' | 'wants'>): Promise<number> {
  const [ids, orderIds] = await Promise.all([cases.open(MOST_DECIDED), refunds.looked(MOST_DECIDED)])
  for (let at = 0; at < orderIds.length; at += PAGE)
    await Promise.all(orderIds.slice(at, at + PAGE).map(orderId => wants.refund(orderId, SOON)))
  for (let at = 0; at < ids.length; at += PAGE) await wants.decide(ids.slice(at, at + PAGE))
  return ids.length
}

/** A person waits for it. */
const SOON = 1
