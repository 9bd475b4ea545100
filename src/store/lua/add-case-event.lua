-- Keeps one event of a case, and sees to it that the case is decided.
-- KEYS  1 case  2 log  3 cases  4 cases received  5 open cases  6 event figures  7 cases kept  8 forgotten cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 case id  3 slot in the log  4 the event as JSON members, without its `at`
--       5 the event's own time ('' = unknown)  6 '1' if the case is listed  7 a new case's record as JSON members, without its times
--       8 event type  9 entries kept at most
-- Returns {1 when the event is new, else 0; count of writes of the case}; {-1, 0} for a case that was erased: nothing is kept
-- Keeps: an event is in the log once, with the earliest of its own times; a case that has one is in the open set.
local case, log, listed, received, open, figures, kept = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local now, id, slot, event, sentAt = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local isListed, record, eventType, atMost = ARGV[6] == '1', ARGV[7], ARGV[8], tonumber(ARGV[9])
redis.call('HSET', figures, 'at:' .. id:match('^[^:]+'), ms_text(now))
redis.call('HINCRBY', figures, eventType, 1)
if redis.call('ZSCORE', KEYS[8], redis.sha1hex(id)) then return { -1, 0 } end
local known = redis.call('HGET', log, slot)
if known then
  local before = known:match('"sentAt":(%d+)')
  if sentAt == '' or (before and tonumber(before) <= tonumber(sentAt)) then
    return { 0, tonumber(redis.call('HGET', case, 'version') or 0) }
  end
  redis.call('HSET', log, slot, (known:gsub('"sentAt":[%dnul]+', '"sentAt":' .. sentAt, 1)))
else
  if redis.call('HLEN', log) >= atMost then drop_oldest_event(log) end
  redis.call('HSET', log, slot, '{"what":"hook","at":' .. ms_text(now) .. ',' .. event .. '}')
end
redis.call('ZADD', kept, 'NX', ms_text(now), id)
if redis.call('HSETNX', case, 'record', '{"seenAt":' .. ms_text(now) .. ',' .. record .. '}') == 1 and isListed then
  redis.call('ZADD', listed, ms_text(now), id)
  redis.call('ZADD', received, ms_text(now), id)
end
redis.call('ZADD', open, 'LT', ms_text(now), id)
return { known and 0 or 1, redis.call('HINCRBY', case, 'version', 1) }
