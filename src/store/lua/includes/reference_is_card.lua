-- The twin of isThisCard in domain/card-data.ts: the name of a reference that is the order's own card number once the entries
-- are merged with what is stored, or false.
local function reference_is_card(order, names, entries)
  local known = {}
  for name in (names .. ',cc_first_6,cc_last_4,'):gmatch('(.-),') do
    local stored = redis.call('HGET', order, 'v:' .. name)
    known[name] = stored and value_of(stored) or nil
  end
  for _, entry in ipairs(entries) do known[entry.name] = entry.value end
  local first, last = known.cc_first_6, known.cc_last_4
  if not first or not last or first == 'null' or last == 'null' then return false end
  for name in (names .. ','):gmatch('(.-),') do
    local written = (known[name] or ''):match('^"([%d %-]+)"$')
    local digits = written and written:gsub('[ %-]', '')
    if digits and #digits >= 13 and #digits <= 19 and digits:sub(1, 6) == first:sub(2, -2)
      and digits:sub(-4) == last:sub(2, -2) and passes_luhn(digits) then return name end
  end
  return false
end
