-- Puts every sent field of recently changed orders in doubt, after Redis lost writes: a page of them, the newest first.
-- KEYS  1 orders  2 dirty  3 due  4 doubtful
-- ARGV  1 now in ms ('' = Redis' clock)  2 changed since ms  3 prefix of order keys  4 doubts as JSON  5 doubted until ms
--       6 changed until ms  7 how many changed at that very ms were seen before  8 how many at most
-- Returns {how many orders were seen, when the last one changed, how many of them changed at that ms, the ids that want a job}; orders
--       never sent are passed over.
-- Keeps: what may have been told to the platform and forgotten by Redis is told again.
local orders, dirty, due, doubtful = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now, since, prefix, doubts, doubtedUntil, before = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local page = redis.call('ZRANGE', orders, before, since, 'BYSCORE', 'REV', 'LIMIT', ARGV[7], ARGV[8], 'WITHSCORES')
local seen, oldest, sent, at = #page / 2, page[#page] or before, {}, 0
for i = 1, #page, 2 do
  local id, order = page[i], prefix .. page[i]
  if page[i + 1] == oldest then at = at + 1 end
  if redis.call('HGET', order, 'sent') == '1' then
    if redis.call('HGET', order, 'doubts') ~= doubts then
      redis.call('HSET', order, 'doubts', doubts)
      redis.call('HINCRBY', order, 'pushes', 1)
    end
    redis.call('ZADD', dirty, 'NX', ms_text(now), id)
    redis.call('ZADD', due, ms_text(now), id)
    redis.call('ZADD', doubtful, doubtedUntil, id)
    sent[#sent + 1] = id
  end
end
return { seen, oldest, at, sent }
