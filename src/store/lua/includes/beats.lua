-- True when register text a is later than b: by stamp, then tie (digits of one width), then the value's bytes.
-- Lua compares text by the server's locale, so bytes are compared by hand, equal parts at once; digits sort alike in every locale.
local function beats(a, b)
  if a == b then return false end
  local stampA, stampB = a:sub(1, 15), b:sub(1, 15)
  if stampA ~= stampB then return stampA > stampB end
  local endA, endB = a:find('|', 16, true), b:find('|', 16, true)
  local tieA, tieB = a:sub(16, endA - 1), b:sub(16, endB - 1)
  if tieA ~= tieB then return tieA > tieB end
  local from, shorter = endA + 1, math.min(#a, #b)
  while from + 255 <= shorter and a:sub(from, from + 255) == b:sub(from, from + 255) do from = from + 256 end
  for i = from, shorter do
    local byteA, byteB = a:byte(i), b:byte(i)
    if byteA ~= byteB then return byteA > byteB end
  end
  return #a > #b
end
