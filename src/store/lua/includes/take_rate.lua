-- One place under a ceiling of `max` in any `windowMs`; returns how long to wait when there is none.
local function take_rate(key, now, max, windowMs, member)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ms_text(now - windowMs))
  if redis.call('ZCARD', key) >= max then
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    return math.max(1, tonumber(oldest[2]) + windowMs - now)
  end
  redis.call('ZADD', key, ms_text(now), member)
  redis.call('PEXPIRE', key, ms_text(windowMs))
end
