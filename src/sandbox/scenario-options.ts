import { z } from 'zod'
import { DECIMAL } from './decimal.ts'
import { isWireTime } from './wire-time.ts'

/** An amount as text, or as a JSON number that a plain decimal writes. */
export const wireAmount = z
  .union([z.string(), z.number().transform(String)])
  .refine(amount => DECIMAL.test(amount), 'expected a plain decimal amount')

/** A time as the vendor writes it. */
export const wireInstant = z.string().refine(isWireTime, 'expected YYYY-MM-DDThh:mm:ssZ')

/** The body of `POST /_sandbox/scenarios/:name`: what is to differ from the scenario's own. */
export const scenarioOptions = z.strictObject({
  order_id: z.string().min(1).optional(),
  amount: wireAmount.optional(),
  currency: z.string().length(3).optional(),
  arn: z.string().min(1).optional(),
  card_first_6: z
    .string()
    .regex(/^\d{6}$/)
    .optional(),
  card_last_4: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  reason_code: z.string().min(1).optional(),
  prevention_timestamp: wireInstant.optional(),
  spread_ms: z.int().min(0).max(3_600_000).optional(),
  match: z.boolean().optional(),
  refund: z.boolean().optional(),
})

/** What a caller may give. */
export type ScenarioOptions = z.input<typeof scenarioOptions>

/** The options as they were read. */
export type ReadOptions = z.output<typeof scenarioOptions>

/** A scenario that cannot be played: 404 over HTTP. */
export class CannotPlay extends Error {
  readonly statusCode = 404
}
