-- Moves an order's registers to those of a change's that are later, and calls `onReference` with name, old and new value of each reference
-- that an order is looked up by. Returns the names whose values changed, whether anything was written, advanced (a later time, the same
-- value) or lost, and whether a value lost to another of the same time.
local function merge_registers(registers, names, entries, entryNames, onReference)
  local won = { names = {}, wrote = false, advanced = false, lost = false, tied = false }
  for _, name in ipairs(entryNames) do
    local old, new = registers[name], entries[name]
    if not old or beats(new, old) then
      won.wrote, registers[name], won.tied = true, new, won.tied or is_tied(old, new, true)
      if not old then names[#names + 1] = name end
      if same_value(old, new) then
        won.advanced = true
      else
        won.names[#won.names + 1] = name
        if name == 'transaction_id' or name == 'arn' or name == 'auth_id' then onReference(name, old and value_of(old) or 'null', value_of(new)) end
      end
    elseif new ~= old then
      won.lost, won.tied = true, won.tied or is_tied(old, new, false)
    end
  end
  return won
end
