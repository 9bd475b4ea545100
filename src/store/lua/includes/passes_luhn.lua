-- Luhn's check over a text of digits.
local function passes_luhn(digits)
  local sum, double = 0, false
  for i = #digits, 1, -1 do
    local digit = digits:byte(i) - 48
    if double then digit = digit * 2 > 9 and digit * 2 - 9 or digit * 2 end
    sum, double = sum + digit, not double
  end
  return sum % 10 == 0
end
