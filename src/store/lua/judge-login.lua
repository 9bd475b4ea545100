-- Judges one login from an address by the wrong passwords that came from there lately.
-- KEYS  1 the address' wrong passwords, by when  2 exists while the right one came from there lately
-- ARGV  1 id of the attempt  2 1 = its password is right  3 most wrong ones in a window  4 ms of the window
--       5 ms for which an address that had the right password is never blocked for it (0 = it may be)
-- Returns {ms to wait, wrong ones}: 0 ms = the login counts; above 0 = the address is blocked, whatever the password.
-- Keeps: an attempt counts once; a blocked address is not counted further, so what it sends does not prolong its wait. A right password
--        that is not remembered writes nothing: the console can be read while Redis takes no writes.
local wrong, known, attempt, isRight = KEYS[1], KEYS[2], ARGV[1], ARGV[2] == '1'
local most, window, rememberedMs = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = now_ms('')
local since = '(' .. ms_text(now - window)
local count, isCounted = redis.call('ZCOUNT', wrong, since, '+inf'), redis.call('ZSCORE', wrong, attempt)
local isFull = count >= most and not isCounted
if isRight and (not isFull or redis.call('EXISTS', known) == 1) then
  if rememberedMs > 0 then redis.call('SET', known, '1', 'PX', ms_text(rememberedMs)) end
  return { 0, count }
end
if not isRight and not isFull then
  redis.call('ZADD', wrong, 'NX', ms_text(now), attempt)
  redis.call('ZREMRANGEBYSCORE', wrong, '-inf', ms_text(now - window))
  redis.call('PEXPIRE', wrong, ms_text(window))
  return { 0, isCounted and count or count + 1 }
end
return { math.max(1, tonumber(redis.call('ZRANGEBYSCORE', wrong, since, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]) + window - now), count }
