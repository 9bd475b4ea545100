-- Bytes that a change's registers add to an order's; below 0 where they make it smaller.
local function grown_bytes(registers, entries, names)
  local grown = 0
  for _, name in ipairs(names) do
    local old, new = registers[name], entries[name]
    if not old then grown = grown + #name + #new + 2 elseif beats(new, old) then grown = grown + #new - #old end
  end
  return grown
end
