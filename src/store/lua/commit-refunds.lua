-- Writes an order's refunds, if nothing wrote them since they were read.
-- KEYS  1 refunds  2 refunds due  3 owner of the transaction  4 timeline  5 cases of the order  6 open cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 count of writes the caller has read  4 refunds as JSON
--       5 look again at ('' = nothing to look after)  6 '1' to take the transaction for this order
--       7 timeline event as JSON members ('' = none)  8 '1' if cases that were finished by it must be decided again
-- Returns 'written' · 'changed': read again · 'owned': the transaction belongs to another order. The last two wrote nothing.
-- Keeps: a transaction belongs to the first order that claims it, for ever; a refund that is taken back has its cases decided again.
local refunds, dueSet, owner, timeline, ofOrder, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local now, id, version, ledger, lookAt = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local takes, event, wakesCases = ARGV[6] == '1', ARGV[7], ARGV[8] == '1'
if (redis.call('HGET', refunds, 'version') or '0') ~= version then return 'changed' end
if takes then
  local ownedBy = redis.call('GET', owner)
  if ownedBy and ownedBy ~= id then return 'owned' end
  redis.call('SET', owner, id)
end
redis.call('HSET', refunds, 'ledger', ledger)
redis.call('HINCRBY', refunds, 'version', 1)
if lookAt == '' then redis.call('ZREM', dueSet, id) else redis.call('ZADD', dueSet, lookAt, id) end
if event ~= '' then log_event(timeline, '{"at":' .. ms_text(now) .. ',' .. event .. '}') end
if wakesCases then
  for _, case in ipairs(redis.call('SMEMBERS', ofOrder)) do redis.call('ZADD', open, 'LT', ms_text(now), case) end
end
return 'written'
