-- The twin of isThisCard in domain/card-data.ts: the name of a reference that is the order's own card number once the entries
-- are merged with what is stored, or false. The order's id counts as a reference.
local function reference_is_card(order, id, names, entries)
  local list, fields, known = { 'cc_first_6', 'cc_last_4' }, { 'v:cc_first_6', 'v:cc_last_4' }, {}
  for name in (names .. ','):gmatch('(.-),') do list[#list + 1], fields[#fields + 1] = name, 'v:' .. name end
  for i, register in ipairs(redis.call('HMGET', order, unpack(fields))) do known[list[i]] = register and value_of(register) or nil end
  for _, entry in ipairs(entries) do known[entry.name] = entry.value end
  list[#list + 1], known.order_id = 'order_id', '"' .. id .. '"'
  local first, last = known.cc_first_6, known.cc_last_4
  if not first or not last or first == 'null' or last == 'null' then return false end
  for i = 3, #list do
    local written = (known[list[i]] or ''):match('^"([%d %-]+)"$')
    local digits = written and written:gsub('[ %-]', '')
    if digits and #digits >= 13 and #digits <= 19 and digits:sub(1, 6) == first:sub(2, -2)
      and digits:sub(-4) == last:sub(2, -2) and passes_luhn(digits) then return list[i] end
  end
  return false
end
