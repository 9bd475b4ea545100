-- Whether a call to the platform may go out now. Returns nothing when it may, else the cause and how long to wait.
-- Behind an open breaker or a denial one caller in `probeMs` gets through as a probe; its slot expires by itself.
local function enter_gate(gate, now, failures, probeMs)
  local state = redis.call('HMGET', gate, 'throttled_until', 'denied', 'granted_until', 'failures', 'probe_at')
  if state[1] and tonumber(state[1]) > now then return 'throttled', tonumber(state[1]) - now end
  if state[2] then
    if tonumber(state[3] or 0) <= now then return 'denied', probeMs end
    redis.call('HDEL', gate, 'granted_until')
  elseif tonumber(state[4] or 0) >= failures then
    local probeAt = tonumber(state[5] or 0)
    if probeAt > now then return 'breaker', probeAt - now end
    redis.call('HSET', gate, 'probe_at', ms_text(now + probeMs))
  end
end
