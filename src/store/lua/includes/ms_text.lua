-- A whole number as plain digits; Lua would write a large one as 1.7e+12.
local function ms_text(ms)
  return string.format('%.0f', ms)
end
