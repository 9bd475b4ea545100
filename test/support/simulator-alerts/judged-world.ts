import type { AlertFacts } from '../../../src/domain/alert/facts.ts'
import type { CaseTerms } from '../../../src/domain/case/view.ts'
import type { RefundMode } from '../../../src/domain/account/account.ts'
import type { Trace } from '../simulator/trace.ts'
import type { Behaviours } from './behaviours.ts'
import type { Matter } from './draw-alerts.ts'
import type { ModelGateway } from './model-gateway.ts'
import type { ModelPlatform } from './model-platform.ts'
import type { Sale } from './sales.ts'

/** What a schedule has told of each case, as the rules remember it; times are those of the schedule's clock. */
interface Remembered {
  factsTold(caseId: string): AlertFacts
  startedAt(caseId: string): number
  seenAt(caseId: string): number
  decidedAt(caseId: string): number
  isSeen(caseId: string): boolean
}

/** What the rules and the judges see of a world. */
export interface JudgedWorld extends Pick<Trace, 'clock' | 'fail'> {
  readonly behaviours: Behaviours
  readonly gateway: ModelGateway
  readonly platforms: Readonly<Record<Matter['platform'], ModelPlatform>>
  readonly sales: readonly Sale[]
  readonly matters: readonly Matter[]
  readonly terms: CaseTerms
  readonly rules: Remembered
  readonly mode: RefundMode
  readonly losses: number
  changes: number
  matter(caseId: string): Matter
  isVisible(sale: Sale): boolean
}
