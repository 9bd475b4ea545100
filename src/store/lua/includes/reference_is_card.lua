-- The twin of isThisCard in domain/card-data.ts: the name of a reference that is the order's own card number once `entries`
-- are merged with what is stored, or false. `names` are separated by commas; the order's id counts as a reference.
local function reference_is_card(id, names, stored, entries)
  local function known(name)
    local register = entries[name] or stored[name]
    return register and value_of(register) or 'null'
  end
  local first, last = known('cc_first_6'), known('cc_last_4')
  if first == 'null' or last == 'null' then return false end
  for name in (names .. ',order_id'):gmatch('[^,]+') do
    local value = name == 'order_id' and '"' .. id .. '"' or known(name)
    if #value >= 15 then
      local written = value:match('^"([%d %-]+)"$')
      local digits = written and written:gsub('[ %-]', '')
      if digits and #digits >= 13 and #digits <= 19 and digits:sub(1, 6) == first:sub(2, -2)
        and digits:sub(-4) == last:sub(2, -2) and passes_luhn(digits) then return name end
    end
  end
  return false
end
