-- The twin of isPaymentOutdated in domain/settled.ts: a status was stated later than a payment state that says unpaid.
local function is_outdated(registers)
  local status, payment = registers.order_status, registers.payment_state
  if not status or not payment or value_of(status) == 'null' then return false end
  local p = value_of(payment)
  local unpaid = p == '"pending"' or p == '"authorized"' or p == '"declined"' or p == '"voided"'
  return unpaid and status:sub(1, 15) > payment:sub(1, 15)
end
