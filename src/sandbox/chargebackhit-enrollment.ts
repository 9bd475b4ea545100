import { z } from 'zod'
import { PRODUCTS } from './chargebackhit-wire.ts'

const text = z.string().min(1).max(500)

/** The body of an enrolment: rows with what the reference requires, and nothing it (or the later example) does not name. */
export const enrollmentBody = z
  .array(
    z.strictObject({
      required_products: z.array(z.enum(PRODUCTS)).min(1),
      merchant_internal_id: text.optional(),
      card_acceptor_id: text.optional(),
      acquirer_bin: z
        .string()
        .regex(/^\d{6}$/)
        .optional(),
      psp_name: text,
      mcc: text.optional(),
      descriptor: text,
      description: text.optional(),
      arns: z
        .array(z.string().regex(/^.4.{21}$/))
        .min(3)
        .max(10)
        .optional(),
      support_info_merchant: z.looseObject({ website_url: z.url().optional() }).optional(),
      paypal_merchant_id: text.optional(),
      integration_for_matching: z.enum(['stripe', 'checkoutchamp', '29next']).optional(),
    }),
  )
  .min(1)
