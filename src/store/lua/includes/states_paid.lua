-- The twin of statesPaid in domain/order-marks.ts, on a change's registers or an order's.
local function states_paid(registers)
  local status, payment = registers.order_status, registers.payment_state
  local p = payment and value_of(payment) or 'null'
  if p == '"captured"' then return true end
  local s = status and value_of(status) or 'null'
  return (s == '"Complete"' or s == '"Refunded"')
    and p ~= '"pending"' and p ~= '"authorized"' and p ~= '"declined"' and p ~= '"voided"'
end
