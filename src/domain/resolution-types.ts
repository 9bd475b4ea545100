/** Midigator Prevention API 1.0.0, "resolution": what an alert can be answered with. */
export const RESOLUTION_TYPES = [
  'could_not_find_order',
  'declined_or_canceled_nothing_to_do',
  'issued_full_refund',
  'issued_refund_for_remaining_amount',
  '3ds_authorized_successfully',
  'other',
  'previously_refunded_nothing_to_do',
  'unable_to_refund_merchant_account_closed',
] as const

export type ResolutionType = (typeof RESOLUTION_TYPES)[number]
