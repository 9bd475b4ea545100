-- The canonical value text of a stored register, `<stamp 15 digits><tie>|<value>`.
local function value_of(register)
  return register:sub(register:find('|', 16, true) + 1)
end
