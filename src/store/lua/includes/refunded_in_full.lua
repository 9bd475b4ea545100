-- The twin of isRefundedInFull in domain/settled.ts: the ledger or the gateway refunded all that was captured, else the total.
local function refunded_in_full(registers)
  local ledger, gateway = registers['refunded_to_date@ledger'], registers['refunded_to_date@gateway']
  if not ledger and not gateway then return false end
  local whole = registers.captured_amount
  if not whole or value_of(whole) == 'null' then whole = registers.order_total end
  local amount = amount_digits(whole)
  if tonumber(amount) == 0 then return false end
  return amount_digits(ledger) >= amount or amount_digits(gateway) >= amount
end
