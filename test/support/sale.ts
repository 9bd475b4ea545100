/** A settled order of 30.00 dollars, sold a day ago. */
export const sale = (orderId: string): Record<string, unknown> => ({
  order_id: orderId,
  occurred_at: new Date(Date.now() - 86_400_000).toISOString(),
  order_date: new Date(Date.now() - 86_400_000).toISOString(),
  order_total: '30.00',
  currency: 'USD',
  order_status: 'Complete',
  payment_state: 'captured',
  transaction_id: `T-${orderId}`,
  cc_type: 'visa',
  cc_first_6: '401288',
  cc_last_4: '1881',
  transaction_merchant_id: '242',
})

/** The `i`th of many: each has a card and an amount of its own. */
export const saleOf = (orderId: string, i: number): Record<string, unknown> => ({
  ...sale(orderId),
  order_total: `${20 + (i % 40)}.${String(i % 100).padStart(2, '0')}`,
  cc_last_4: String(1_000 + i).slice(-4),
})
