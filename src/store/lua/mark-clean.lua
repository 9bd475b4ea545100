-- Takes an order out of the dirty set when nothing of it differs from what was acknowledged.
-- KEYS  1 order  2 dirty  3 due  4 doubtful
-- ARGV  1 order id  2 rev that was read  3 count of writes that was read
-- Returns 1 when it is clean now, 0 when it changed since it was read (its job is on its way).
-- Keeps: an order whose record moved on since it was read stays dirty.
local state = redis.call('HMGET', KEYS[1], 'rev', 'pushes')
if state[1] and (state[1] ~= ARGV[2] or (state[2] or '0') ~= ARGV[3]) then return 0 end
for i = 2, 4 do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1
