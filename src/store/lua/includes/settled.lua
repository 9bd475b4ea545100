-- The twin of isSettled in domain/settled.ts, on the registers order_status and payment_state (false: never set).
local function settled(status, payment)
  local s = status and value_of(status) or 'null'
  local p = payment and value_of(payment) or 'null'
  local paid = p ~= '"pending"' and p ~= '"authorized"' and p ~= '"declined"'
  return paid and (s == '"Complete"' or s == '"Refunded"' or s == '"Cancelled"')
end
