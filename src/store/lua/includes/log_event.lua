-- Puts one event on an order's timeline and keeps the newest 200.
local function log_event(timeline, event)
  redis.call('LPUSH', timeline, event)
  redis.call('LTRIM', timeline, 0, 199)
end
