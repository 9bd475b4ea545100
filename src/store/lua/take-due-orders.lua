-- Takes dirty orders whose time to be looked for has come, and refused orders whose next try is due.
-- KEYS  1 due  2 dirty  3 rejected
-- ARGV  1 now in ms ('' = Redis' clock)  2 ms until they are looked for again  3 how many at most of each
-- Returns the order ids; each wants a job.
-- Keeps: an order taken here comes back by itself if its job is lost; several sweeps never take the same one at once.
local now = now_ms(ARGV[1])
local again = ms_text(now + tonumber(ARGV[2]))
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ms_text(now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
local refused = redis.call('ZRANGE', KEYS[3], '-inf', ms_text(now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(refused) do
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZADD', KEYS[2], 'NX', ms_text(now), id)
  ids[#ids + 1] = id
end
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], again, id) end
return ids
