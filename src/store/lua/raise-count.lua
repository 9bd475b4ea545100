-- Raises the count of an epoch, which only ever rises: running backwards means that Redis lost writes.
-- KEYS  1 epoch
-- ARGV  1 now in ms ('' = Redis' clock)  2 epoch the caller goes on with  3 count the caller remembers  4 id of this raise
-- Returns {count, when it was raised}, or {} when the epoch is another or its count went back: nothing was written.
-- Keeps: no count is raised that went back before it was looked at.
local epoch, now = KEYS[1], ms_text(now_ms(ARGV[1]))
local state = redis.call('HMGET', epoch, 'id', 'count', 'raise', 'at')
-- The same call sent again by a connection that broke.
if state[3] == ARGV[4] then return { state[2], state[4] } end
if state[1] ~= ARGV[2] or tonumber(state[2]) < tonumber(ARGV[3]) then return {} end
redis.call('HSET', epoch, 'at', now, 'raise', ARGV[4])
return { tostring(redis.call('HINCRBY', epoch, 'count', 1)), now }
