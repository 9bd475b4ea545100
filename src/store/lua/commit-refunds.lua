-- Writes an order's refunds, if nobody wrote them since they were read.
-- KEYS  1 refunds  2 refunds due  3 owner of the transaction  4 timeline  5 cases of the order  6 open cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 count of writes the caller has read  4 refunds as JSON
--       5 look again at ('' = nothing to look after)  6 '1' to take the transaction for this order
--       7 timeline event as JSON members ('' = none)  8 '1' if cases that were finished by it must be looked at again
-- Returns 'written' · 'changed': read again · 'owned': the transaction belongs to another order. The last two wrote nothing.
-- Keeps: a transaction belongs to the first order that claims it, for ever; a refund that is taken back has its cases looked at.
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[3] then return 'changed' end
if ARGV[6] == '1' then
  local owner = redis.call('GET', KEYS[3])
  if owner and owner ~= ARGV[2] then return 'owned' end
  redis.call('SET', KEYS[3], ARGV[2])
end
redis.call('HSET', KEYS[1], 'ledger', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'version', 1)
if ARGV[5] == '' then redis.call('ZREM', KEYS[2], ARGV[2]) else redis.call('ZADD', KEYS[2], ARGV[5], ARGV[2]) end
if ARGV[7] ~= '' then log_event(KEYS[4], '{"at":' .. ms_text(now_ms(ARGV[1])) .. ',' .. ARGV[7] .. '}') end
if ARGV[8] == '1' then
  for _, case in ipairs(redis.call('SMEMBERS', KEYS[5])) do redis.call('ZADD', KEYS[6], 'LT', ms_text(now_ms(ARGV[1])), case) end
end
return 'written'
