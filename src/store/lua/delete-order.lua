-- Deletes an order with everything kept of it.
-- KEYS  1 order  2 notes  3 timeline  4 forgotten  5 cases of the order  6 open cases  7 refunds due  8 orders
--       9 onwards: the other sorted sets an order may stand in
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 look-up key prefix  4 'forget' leaves a tombstone, 'expire' does not
--       5 for 'expire': only if its last change is before this ms  6 for 'expire': when one that is kept is looked at again
-- Returns 1 when there was an order and it is gone, 0 otherwise (with 'forget' the tombstone is set all the same).
-- Keeps: an order does not expire while a case or a refund of it is open; an attempt under way finds no record to write to, so nothing of the order comes back.
local order, id = KEYS[1], ARGV[2]
if ARGV[4] == 'forget' then
  redis.call('ZADD', KEYS[4], ms_text(now_ms(ARGV[1])), redis.sha1hex(id))
else
  local changedAt = redis.call('HGET', order, 'changed_at')
  local isOpen = redis.call('ZSCORE', KEYS[7], id)
  for _, case in ipairs(redis.call('SMEMBERS', KEYS[5])) do isOpen = isOpen or redis.call('ZSCORE', KEYS[6], case) end
  if isOpen then redis.call('ZADD', KEYS[8], 'XX', ARGV[6], id) end
  if isOpen or (changedAt and tonumber(changedAt) >= tonumber(ARGV[5])) then return 0 end
end
local state = redis.call('HMGET', order, 'registers', 'lookups', 'holds')
local registers = registers_of(state[1])
for _, name in ipairs({ 'transaction_id', 'arn', 'auth_id' }) do
  local register = registers[name]
  if register then move_lookup(ARGV[3], id, name, value_of(register), 'null') end
end
move_buyer(ARGV[3], id, buyer_of(registers, state[3]), nil, state[2] == '2')
for i = 8, #KEYS do redis.call('ZREM', KEYS[i], id) end
return redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) > 0 and 1 or 0
