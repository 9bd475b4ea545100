-- First six and last four of an order's card as one text, or 'null' while either is unknown.
local function card_of(registers)
  local first, last = registers.cc_first_6, registers.cc_last_4
  first, last = first and value_of(first) or 'null', last and value_of(last) or 'null'
  if first == 'null' or last == 'null' then return 'null' end
  return '"' .. first:sub(2, -2) .. '-' .. last:sub(2, -2) .. '"'
end
