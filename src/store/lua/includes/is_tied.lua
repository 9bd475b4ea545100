-- True when two changes of one time state different values of a register, and neither bears a sequence (a tie that begins with 2).
local function is_tied(old, new)
  local isOrdered = old:sub(16, 16) == '2' or new:sub(16, 16) == '2'
  return not isOrdered and old:sub(1, 15) == new:sub(1, 15) and value_of(old) ~= value_of(new)
end
