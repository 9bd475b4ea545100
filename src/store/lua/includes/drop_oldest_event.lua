-- Makes room in a case's log: the oldest of the events that came through the hook goes.
local function drop_oldest_event(log)
  local all, oldest, oldestAt = redis.call('HGETALL', log), nil, nil
  for i = 1, #all, 2 do
    local at = all[i]:sub(1, 5) == 'hook:' and tonumber(all[i + 1]:match('"at":(%d+)'))
    if at and (not oldestAt or at < oldestAt) then oldest, oldestAt = all[i], at end
  end
  if oldest then redis.call('HDEL', log, oldest) end
end
