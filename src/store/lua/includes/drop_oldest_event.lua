-- Makes room in a case's log: of the events that came through the hook the oldest but one goes, for the first began the case.
local function drop_oldest_event(log)
  local all, events = redis.call('HGETALL', log), {}
  for i = 1, #all, 2 do
    local at = all[i]:sub(1, 5) == 'hook:' and tonumber(all[i + 1]:match('"at":(%d+)'))
    if at then events[#events + 1] = { all[i], at } end
  end
  table.sort(events, function(a, b) return a[2] < b[2] end)
  if events[2] then redis.call('HDEL', log, events[2][1]) end
end
