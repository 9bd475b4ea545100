-- Takes from a sorted set by time what is due, and puts it back for a later look.
-- KEYS  1 set
-- ARGV  1 now in ms ('' = Redis' clock)  2 ms until it is due again  3 how many at most
-- Returns the members that were due, soonest first.
-- Keeps: what is taken comes back by itself if nothing happens to it; two takers never get the same one at once.
local now = now_ms(ARGV[1])
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ms_text(now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ms_text(now + tonumber(ARGV[2])), id) end
return ids
