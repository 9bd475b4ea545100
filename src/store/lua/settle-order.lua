-- Takes an order out of the dirty set and the rejected one: nothing of it differs from what was acknowledged, or it is not settled and never reached
-- the platform.
-- KEYS  1 order  2 dirty  3 due  4 doubtful  5 rejected  6 held
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 rev that was read  4 count of writes that was read  5 'clean' | 'held'
-- Returns 1 when it is out now, 0 when it changed since it was read (its job is on its way).
-- Keeps: an order whose record moved on since it was read stays dirty.
local id = ARGV[2]
local state = redis.call('HMGET', KEYS[1], 'rev', 'pushes')
if state[1] and (state[1] ~= ARGV[3] or (state[2] or '0') ~= ARGV[4]) then return 0 end
for i = 2, 5 do redis.call('ZREM', KEYS[i], id) end
redis.call('HDEL', KEYS[1], 'refusal')
if ARGV[5] == 'held' and state[1] then redis.call('ZADD', KEYS[6], 'NX', ms_text(now_ms(ARGV[1])), id) end
return 1
