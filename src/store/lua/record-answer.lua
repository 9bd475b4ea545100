-- Tells a platform's gate what a call to it came to.
-- KEYS  1 gate
-- ARGV  1 now in ms ('' = Redis' clock)  2 'answered' | 'unauthorized' | 'failed' | 'throttled' | 'denied' | 'granted'
--       3 ms (throttled: how long; granted: for how long one probe may pass) or cause (denied)
--       4 failures that open the breaker  5 ms between probes
-- Returns {1 when this opened the breaker or denied, else 0; 1 when this let calls through again, else 0}
-- Keeps: any answer below 500 closes the breaker; a denial ends only by an answer that is none; a time is only ever moved later.
local gate, now, event = KEYS[1], now_ms(ARGV[1]), ARGV[2]
if event == 'failed' then
  local failures = redis.call('HINCRBY', gate, 'failures', 1)
  if failures ~= tonumber(ARGV[4]) then return { 0, 0 } end
  redis.call('HSET', gate, 'opened_at', ms_text(now), 'probe_at', ms_text(now + tonumber(ARGV[5])))
  return { 1, 0 }
end
if event == 'granted' then
  if redis.call('HEXISTS', gate, 'denied') == 1 then redis.call('HSET', gate, 'granted_until', ms_text(now + tonumber(ARGV[3]))) end
  return { 0, 0 }
end
local wasOpen = tonumber(redis.call('HGET', gate, 'failures') or 0) >= tonumber(ARGV[4])
redis.call('HDEL', gate, 'failures', 'opened_at', 'probe_at')
if event == 'denied' then
  redis.call('HSETNX', gate, 'denied_at', ms_text(now))
  return { redis.call('HSET', gate, 'denied', ARGV[3]), 0 }
end
if event == 'throttled' then
  local untilMs = math.max(now + tonumber(ARGV[3]), tonumber(redis.call('HGET', gate, 'throttled_until') or 0))
  redis.call('HSET', gate, 'throttled_until', ms_text(untilMs))
  return { 0, 0 }
end
if event == 'unauthorized' then return { 0, wasOpen and 1 or 0 } end
local lifted = redis.call('HDEL', gate, 'denied', 'denied_at', 'granted_until') > 0
if tonumber(redis.call('HGET', gate, 'throttled_until') or 0) <= now then redis.call('HDEL', gate, 'throttled_until') end
return { 0, (wasOpen or lifted) and 1 or 0 }
