-- True when the list holds the value.
local function has(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end
