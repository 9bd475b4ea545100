-- A list of plain names as JSON; cjson would turn an empty one into {}.
local function names_text(names)
  return #names == 0 and '[]' or '["' .. table.concat(names, '","') .. '"]'
end
