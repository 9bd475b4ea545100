-- The 21 digits of an amount's register that sort as the amounts do (they stand before the rank, at its tie's end); zeros where nothing
-- is stated.
local function amount_digits(register)
  if not register then return '000000000000000000000' end
  local bar = register:find('|', 16, true)
  return register:sub(bar - 23, bar - 3)
end
