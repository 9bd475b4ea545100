-- Milliseconds since 1970: the given text, or Redis' own clock when it is empty. One clock for every process.
local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
