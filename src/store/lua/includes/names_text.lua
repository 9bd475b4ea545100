-- Names as members of a JSON object: the first twelve, and how many more there are. cjson would turn an empty list into {}.
local function names_text(names)
  if #names == 0 then return '"fields":[]' end
  local text = '"fields":["' .. table.concat(names, '","', 1, math.min(#names, 12)) .. '"]'
  return #names > 12 and text .. ',"more":' .. (#names - 12) or text
end
