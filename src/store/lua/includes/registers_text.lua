-- The twin of registers_of: one line a register, its name, a tab, and its text. Values are JSON, so they hold neither.
local function registers_text(registers, names)
  local lines = {}
  for i, name in ipairs(names) do lines[i] = name .. '\t' .. registers[name] .. '\n' end
  return table.concat(lines)
end
