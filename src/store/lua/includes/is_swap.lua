-- The twin of isSwap in domain/order-marks.ts: one change replaces card, merchant account and transaction.
local function is_swap(registers, entries)
  local function replaces(name)
    local old, new = registers[name], entries[name]
    if not old or not new then return false end
    local a, b = value_of(old), value_of(new)
    return a ~= 'null' and b ~= 'null' and a ~= b and beats(new, old)
  end
  return replaces('transaction_id') and replaces('transaction_merchant_id')
    and (replaces('cc_first_6') or replaces('cc_last_4'))
end
