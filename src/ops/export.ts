import { Readable } from 'node:stream'
import type { Deps } from '../deps.ts'
import { writeNew } from './backup.ts'
import { isoTimeOrNull } from './iso-time.ts'
import { readCase, type ReadCaseDeps } from './read-case.ts'
import { readOrder, type ReadOrderDeps } from './read-model.ts'
import { recordAct, type ActDeps } from './record-act.ts'

export type ExportDeps = ActDeps & ReadOrderDeps & ReadCaseDeps & Pick<Deps, 'backups' | 'refunds'>

/**
 * Writes orders, cases and refunds into a new file for people and other tools, one JSON object a line; answers how many of each. It holds
 * personal data, and no secrets. Throws `conflict` where the file exists.
 */
export async function writeExport(
  deps: ExportDeps,
  { file, by }: { file: string; by: string },
  onProgress: (records: number) => void = () => {},
): Promise<{ orders: number; cases: number; refunds: number }> {
  const counts = { orders: 0, cases: 0, refunds: 0 }
  const line = (kind: keyof typeof counts, value: object): string => {
    counts[kind] += 1
    onProgress(counts.orders + counts.cases + counts.refunds)
    return `${JSON.stringify(value)}\n`
  }
  async function* lines(): AsyncGenerator<string> {
    for await (const id of deps.backups.ids('order')) {
      const view = await readOrder(deps, id)
      if (view === null) continue
      const { order_id, state, rev, changed_at, order, acknowledged, refusal, timeline } = view
      yield line('orders', { type: 'order', order_id, state, rev, changed_at, order, acknowledged, refusal, timeline })
    }
    for await (const id of deps.backups.ids('case')) {
      const view = await readCase(deps, id)
      if (view !== null) yield line('cases', { type: 'case', ...view })
    }
    for await (const orderId of deps.backups.ids('refunds')) {
      const { claims } = await deps.refunds.read(orderId)
      for (const { key, amount, currency, state, gateway, wantedBy, approvedBy, claimedAt, confirmedAt, refundId, arn } of claims)
        yield line('refunds', {
          type: 'refund', order_id: orderId, reference: key, state, amount, currency, gateway, wanted_by: wantedBy, approved_by: approvedBy,
          claimed_at: isoTimeOrNull(claimedAt), confirmed_at: isoTimeOrNull(confirmedAt), refund_id: refundId, arn,
        }) // prettier-ignore
    }
  }
  await writeNew(file, Readable.from(lines()), false)
  await recordAct(deps, { by, act: 'export', subject: null })
  return counts
}
