-- Bytes of the notes of an order.
local function notes_bytes(key)
  local bytes = 0
  for _, text in ipairs(redis.call('ZRANGE', key, 0, -1)) do bytes = bytes + #text end
  return bytes
end
