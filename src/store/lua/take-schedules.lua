-- Takes the schedules whose time has come, and sets their next.
-- KEYS  1 schedules
-- ARGV  1 now in ms ('' = Redis' clock)  2 onwards: name, then every how many ms
-- Returns the names whose time has come.
-- Keeps: each tick is taken once, however many look; a schedule is never further away than its interval, whatever wrote its time.
local schedules, now = KEYS[1], now_ms(ARGV[1])
local taken = {}
for i = 2, #ARGV, 2 do
  local name, everyMs = ARGV[i], tonumber(ARGV[i + 1])
  local at = tonumber(redis.call('ZSCORE', schedules, name) or now)
  if at <= now then taken[#taken + 1] = name end
  if at <= now or at > now + everyMs then redis.call('ZADD', schedules, ms_text(now + everyMs), name) end
end
return taken
