-- An order's registers by name, and their names in the order they are kept in; `text` is what the record's `registers` holds.
-- Plain finds: patterns look at every byte.
local function registers_of(text)
  local registers, names, at = {}, {}, 1
  local tab = text and text:find('\t', 1, true)
  while tab do
    local name, stop = text:sub(at, tab - 1), text:find('\n', tab, true)
    registers[name], names[#names + 1], at = text:sub(tab + 1, stop - 1), name, stop + 1
    tab = text:find('\t', at, true)
  end
  return registers, names
end
