-- Puts one event on an order's timeline and keeps the newest 200. With `once` it is left out where one of the newest two says the same,
-- at whatever time: the call that puts it may come twice, its answer lost, and may put two events.
local function log_event(timeline, event, once)
  local function said(text) return (text:gsub('^{"at":%d+', '', 1)) end
  for _, known in ipairs(once and redis.call('LRANGE', timeline, 0, 1) or {}) do
    if said(known) == said(event) then return end
  end
  redis.call('LPUSH', timeline, event)
  redis.call('LTRIM', timeline, 0, 199)
end
