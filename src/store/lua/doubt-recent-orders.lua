-- Puts every sent field of recently changed orders in doubt, after Redis lost writes.
-- KEYS  1 orders  2 dirty  3 due  4 doubtful
-- ARGV  1 now in ms ('' = Redis' clock)  2 changed since ms  3 prefix of order keys  4 doubts as JSON  5 doubted until ms  6 from rank
--       7 how many at most
-- Returns the order ids; each wants a job. Orders never sent are passed over.
-- Keeps: what may have been told to the platform and forgotten by Redis is told again.
local ids = redis.call('ZRANGE', KEYS[1], ARGV[2], '+inf', 'BYSCORE', 'LIMIT', ARGV[6], ARGV[7])
local now, sent = now_ms(ARGV[1]), {}
for _, id in ipairs(ids) do
  local order = ARGV[3] .. id
  if redis.call('HGET', order, 'sent') == '1' then
    redis.call('HSET', order, 'doubts', ARGV[4])
    redis.call('HINCRBY', order, 'pushes', 1)
    redis.call('ZADD', KEYS[2], 'NX', ms_text(now), id)
    redis.call('ZADD', KEYS[3], ms_text(now), id)
    redis.call('ZADD', KEYS[4], ARGV[5], id)
    sent[#sent + 1] = id
  end
end
return { #ids, sent }
