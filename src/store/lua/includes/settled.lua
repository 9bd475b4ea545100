-- The twin of isSettled in domain/settled.ts.
local function settled(registers)
  if refunded_in_full(registers) then return true end
  local status, payment = registers.order_status, registers.payment_state
  local s = status and value_of(status) or 'null'
  local p = payment and value_of(payment) or 'null'
  if s == 'null' then return p == '"captured"' or p == '"voided"' end
  if s ~= '"Complete"' and s ~= '"Refunded"' and s ~= '"Cancelled"' then return false end
  local open = p == '"pending"' or p == '"authorized"' or p == '"declined"'
  return not open or is_outdated(registers)
end
