-- Of two registers of an amount (nil: none) the greater, then the earlier; nil where neither states more than zero.
local function first_greatest(a, b)
  local left, right, nothing = amount_digits(a), amount_digits(b), amount_digits()
  if right == nothing then return left ~= nothing and a or nil end
  if left ~= right then return left > right and a or b end
  return b:sub(1, 15) < a:sub(1, 15) and b or a
end
