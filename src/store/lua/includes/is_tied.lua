-- True when two changes of one time state different values of a register, and neither bears a sequence (a tie that begins with 2).
-- `isWon`: the new one is stored; where its tie is greater that is as it must be.
local function is_tied(old, new, isWon)
  if not old or old:sub(16, 16) == '2' or new:sub(16, 16) == '2' then return false end
  if old:sub(1, 15) ~= new:sub(1, 15) or value_of(old) == value_of(new) then return false end
  return not isWon or old:sub(16, old:find('|', 16, true)) == new:sub(16, new:find('|', 16, true))
end
