-- Ends an attempt: records what was acknowledged, what is in doubt, and where the order stands now.
-- KEYS  1 order  2 timeline  3 dirty  4 due  5 rejected  6 doubtful
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 attempt id  4 acknowledged as JSON ('' = as it was)  5 doubts as JSON
--       6 when the last doubt can end ('' = no doubt)  7 rev that was read  8 'clean' | 'dirty' | 'rejected'
--       9 ms until the sweep looks  10 refusal as JSON  11 event as JSON without braces ('' = none)
--       12 ms until a refused order is tried again  13 count of writes as it was right after the attempt began
-- Returns {'ended', 1 when the order is clean now} · {'superseded'}: the attempt is no longer the stored one, nothing was written.
-- Keeps: only the stored attempt writes; an order with a doubt, or changed since it was read, stays dirty.
local order, timeline, now, id = KEYS[1], KEYS[2], now_ms(ARGV[1]), ARGV[2]
local state = redis.call('HMGET', order, 'attempt', 'rev', 'pushes')
if state[1] ~= ARGV[3] or state[3] ~= ARGV[13] then return { 'superseded' } end
redis.call('HDEL', order, 'attempt', 'attempt_fields', 'attempt_at', 'attempt_until')
redis.call('HINCRBY', order, 'pushes', 1)
redis.call('HSET', order, 'doubts', ARGV[5])
if ARGV[4] ~= '' then redis.call('HSET', order, 'acknowledged', ARGV[4], 'acknowledged_at', ms_text(now)) end
-- What was neither accepted nor left in doubt has never reached the platform: the order may be held again.
if ARGV[5] == '{}' and redis.call('HEXISTS', order, 'acknowledged') == 0 then redis.call('HDEL', order, 'sent') end
if ARGV[11] ~= '' then log_event(timeline, '{"at":' .. ms_text(now) .. ',' .. ARGV[11] .. '}') end

if ARGV[6] == '' then redis.call('ZREM', KEYS[6], id) else redis.call('ZADD', KEYS[6], ARGV[6], id) end
if ARGV[8] == 'rejected' and state[2] == ARGV[7] then
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZADD', KEYS[5], ms_text(now + tonumber(ARGV[12])), id)
  redis.call('HSET', order, 'refusal', '{"at":' .. ms_text(now) .. ',' .. string.sub(ARGV[10], 2))
  return { 'ended', 0 }
end
redis.call('ZREM', KEYS[5], id)
if ARGV[8] == 'clean' and state[2] == ARGV[7] and ARGV[6] == '' then
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
  redis.call('HDEL', order, 'refusal')
  return { 'ended', 1 }
end
local dueAt = now + tonumber(ARGV[9])
if ARGV[8] == 'clean' and ARGV[6] ~= '' then dueAt = tonumber(ARGV[6]) end
redis.call('ZADD', KEYS[3], 'NX', ms_text(now), id)
-- What changed during the call is looked for as soon as merging said.
if state[2] ~= ARGV[7] then redis.call('ZADD', KEYS[4], 'LT', ms_text(dueAt), id) else redis.call('ZADD', KEYS[4], ms_text(dueAt), id) end
return { 'ended', 0 }
