-- Keeps the sets by which an order is found: takes its id out of the old value's set and puts it into the new one's.
local function move_lookup(prefix, id, name, oldValue, newValue)
  if name ~= 'transaction_id' and name ~= 'arn' and name ~= 'auth_id' and name ~= 'card' then return end
  if oldValue ~= 'null' then redis.call('SREM', prefix .. name .. ':' .. oldValue:sub(2, -2), id) end
  if newValue ~= 'null' then redis.call('SADD', prefix .. name .. ':' .. newValue:sub(2, -2), id) end
end
