-- Who bought an order and how it is found by its sale: customer, card, last four, merchant account, and when it was sold (captured,
-- else ordered) as digits that sort by time. Canonical texts, 'null' for what is not known; an id of nothing but zeros is what shops
-- give their guests. `cardless` is '""' where a card says little: its last four are not known, a wallet paid, or (`holds`: the order's,
-- as text) card, account and transaction were swapped at once, so that the order may be two sales.
local function buyer_of(registers, holds)
  local function known(name)
    local register = registers[name]
    return register and value_of(register) or 'null'
  end
  local customer, sold, last4 = known('customer_id'), known('captured_at'), known('cc_last_4')
  if customer:find('^"0*"$') then customer = 'null' end
  if sold == 'null' then sold = known('order_date') end
  local year, month, day, hour, minute, second = sold:match('^"(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)Z"$')
  return {
    card = card_of(registers),
    customer_id = customer,
    last_4 = last4,
    cardless = (last4 == 'null' or is_wallet(registers) or (holds or ''):find('swapped', 1, true)) and '""' or 'null',
    merchant = known('transaction_merchant_id'),
    sold = year and year .. month .. day .. hour .. minute .. second or 'null',
  }
end
