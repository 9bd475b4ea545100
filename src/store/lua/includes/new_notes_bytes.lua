-- Bytes of those notes of a change (as add_notes reads them) that an order does not have.
local function new_notes_bytes(key, args, from, count)
  local bytes = 0
  for i = from + 1, from + 2 * count, 2 do
    if not redis.call('ZSCORE', key, args[i + 1]) then bytes = bytes + #args[i + 1] end
  end
  return bytes
end
