-- Enters the sending of a refund: the last thing before the call goes out, and the last check of everything that forbids it.
-- KEYS  1 refunds  2 order  3 refund mode  4 refunds of the last hour  5 refunds due  6 timeline  7 version of cases without an order
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 `writes.cases` the caller has read  4 rev of the order the caller has read
--       5 attempt id  6 refunds as JSON, this one sending  7 the mode where it was never set  8 '1' if a person released this amount
--       9 key of the refund  10 amount in millionths ('' = of another currency than the limit's)  11 hourly limit in millionths ('' = none)
--       12 ms until it counts as lost  13 timeline event as JSON members ('' = none)  14 version of cases without an order
--       15 until when it may go out ('' = no deadline, or released since)
-- Returns {'go', now} · {'changed'} read again · {'off'} · {'approval'} · {'capped'} · {'late'}: nothing was written.
-- Keeps: one refund of an order is on the wire at a time; while refunds are off none goes out; none goes out after its alert's deadline
--       unless a person released it since; what every refund of an hour gives back stays within the limit, unless a person released it.
local refunds, order, modeKey, hour, dueSet, timeline, untied = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local now, id, versions, orderRev, attempt, ledger = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local defaultMode, isReleased, key, amount, limit = ARGV[7], ARGV[8] == '1', ARGV[9], ARGV[10], ARGV[11]
local lostAfter, event, untiedVersion, respondBy = tonumber(ARGV[12]), ARGV[13], ARGV[14], tonumber(ARGV[15])
local state = redis.call('HMGET', refunds, 'version', 'cases', 'attempt', 'attempt_at')
-- The same call sent again by a connection that broke: it is our own attempt that is there.
if state[3] == attempt then return { 'go', state[4] } end
if (state[1] or '0') .. '.' .. (state[2] or '0') ~= versions then return { 'changed' } end
if (redis.call('HGET', order, 'rev') or '') ~= orderRev then return { 'changed' } end
if (redis.call('GET', untied) or '0') ~= untiedVersion then return { 'changed' } end
if respondBy and now >= respondBy then return { 'late' } end
local mode = redis.call('HGET', modeKey, 'mode') or defaultMode
if mode ~= 'auto' and mode ~= 'approve' then return { 'off' } end
if mode == 'approve' and not isReleased then return { 'approval' } end
if amount ~= '' then
  redis.call('ZREMRANGEBYSCORE', hour, '-inf', ms_text(now - 3600000))
  if limit ~= '' and not isReleased then
    local sum = tonumber(amount)
    for _, member in ipairs(redis.call('ZRANGE', hour, 0, -1)) do
      local other, otherAmount = member:match('^(.*)|(%d+)$')
      if other ~= key then sum = sum + tonumber(otherAmount) end
    end
    if sum > tonumber(limit) then return { 'capped' } end
  end
  redis.call('ZADD', hour, ms_text(now), key .. '|' .. amount)
end
redis.call('HSET', refunds, 'ledger', ledger, 'attempt', attempt, 'attempt_at', ms_text(now))
redis.call('HINCRBY', refunds, 'version', 1)
redis.call('ZADD', dueSet, ms_text(now + lostAfter), id)
if event ~= '' then log_event(timeline, '{"at":' .. ms_text(now) .. ',' .. event .. '}') end
return { 'go', ms_text(now) }
