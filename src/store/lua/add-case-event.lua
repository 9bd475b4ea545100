-- Keeps one event of a case, and sees to it that the case is looked at.
-- KEYS  1 case  2 log  3 cases  4 cases received  5 open cases  6 event figures  7 cases kept
-- ARGV  1 now in ms ('' = Redis' clock)  2 case id  3 slot in the log  4 the event as JSON members, without its `at`
--       5 the event's own time ('' = unknown)  6 '1' if the case is listed  7 a new case's record as JSON members, without its times
--       8 event type  9 entries kept at most
-- Returns {1 when the event is new, else 0; count of writes of the case}
-- Keeps: an event stands in the log once, with the earliest of its own times; a case that has one stands in the open set.
local now, id, slot = now_ms(ARGV[1]), ARGV[2], ARGV[3]
redis.call('HSET', KEYS[6], 'at', ms_text(now))
redis.call('HINCRBY', KEYS[6], ARGV[8], 1)
local known = redis.call('HGET', KEYS[2], slot)
if known then
  local before = known:match('"sentAt":(%d+)')
  if ARGV[5] == '' or (before and tonumber(before) <= tonumber(ARGV[5])) then
    return { 0, tonumber(redis.call('HGET', KEYS[1], 'version') or 0) }
  end
  redis.call('HSET', KEYS[2], slot, (known:gsub('"sentAt":[%dnul]+', '"sentAt":' .. ARGV[5], 1)))
else
  if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[9]) then drop_oldest_event(KEYS[2]) end
  redis.call('HSET', KEYS[2], slot, '{"what":"hook","at":' .. ms_text(now) .. ',' .. ARGV[4] .. '}')
end
redis.call('ZADD', KEYS[7], 'NX', ms_text(now), id)
if redis.call('HSETNX', KEYS[1], 'record', '{"seenAt":' .. ms_text(now) .. ',' .. ARGV[7] .. '}') == 1 and ARGV[6] == '1' then
  redis.call('ZADD', KEYS[3], ms_text(now), id)
  redis.call('ZADD', KEYS[4], ms_text(now), id)
end
redis.call('ZADD', KEYS[5], 'LT', ms_text(now), id)
return { known and 0 or 1, redis.call('HINCRBY', KEYS[1], 'version', 1) }
