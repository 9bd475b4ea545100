-- First six and last four of an order's card as one text, or 'null' while either is unknown.
local function card_of(order)
  local card = redis.call('HMGET', order, 'v:cc_first_6', 'v:cc_last_4')
  local first, last = card[1] and value_of(card[1]) or 'null', card[2] and value_of(card[2]) or 'null'
  if first == 'null' or last == 'null' then return 'null' end
  return '"' .. first:sub(2, -2) .. '-' .. last:sub(2, -2) .. '"'
end
