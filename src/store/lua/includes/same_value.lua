-- True when a register and the one it takes the place of (nil: none) have the same value. Ties begin at byte 16.
local function same_value(old, new)
  if not old then return new:sub(-5) == '|null' end
  return old:sub(16) == new:sub(16) or value_of(old) == value_of(new)
end
