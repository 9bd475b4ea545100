-- The 21 digits of an amount's register that sort as the amounts do (they are part of its tie); zeros where nothing is stated.
local function amount_digits(register)
  return register and register:sub(17, 37) or '000000000000000000000'
end
