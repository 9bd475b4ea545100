-- Who bought an order, and when it was sold (collected, else ordered) as digits that sort by time. Canonical texts, 'null' for
-- what is not known; an id of nothing but zeros is what shops give their guests.
local function buyer_of(registers)
  local function known(name)
    local register = registers[name]
    return register and value_of(register) or 'null'
  end
  local customer, sold = known('customer_id'), known('captured_at')
  if customer:find('^"0*"$') then customer = 'null' end
  if sold == 'null' then sold = known('order_date') end
  local year, month, day, hour, minute, second = sold:match('^"(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)Z"$')
  return {
    card = card_of(registers),
    customer_id = customer,
    sold = year and year .. month .. day .. hour .. minute .. second or 'null',
  }
end
