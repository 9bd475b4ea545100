import type { OrderFlag } from '../domain/case/log.ts'

/** Wants a job, without knowing who runs it. Less time left goes first: `priority` is that of `priorityOf`. */
export interface Wants {
  decide(caseIds: readonly string[], priority?: number): Promise<void>
  enrich(caseId: string, priority: number): Promise<void>
  refund(orderId: string, priority: number): Promise<void>
  resolve(caseId: string, priority: number): Promise<void>
  alarm(alarmId: string): Promise<void>
  /** Has the other cases of an order looked at; `open`: only those that are not finished. */
  othersOf(orderId: string, caseId: string, which: 'open' | 'all'): Promise<void>
  /** Marks an order as charged back, or as fraud, as that platform states since `at`; or withdraws the mark. */
  flag(change: { orderId: string; flag: OrderFlag; value: boolean; platform: string; at: number }): Promise<void>
}
