-- Enters the sending of a refund: the last thing before the call goes out, and the last look at everything that forbids it.
-- KEYS  1 refunds  2 order  3 refund mode  4 refunds of the last hour  5 refunds due  6 timeline
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 `writes.cases` the caller has read  4 rev of the order the caller has read
--       5 attempt id  6 refunds as JSON, this one sending  7 the switch where nobody ever set it  8 '1' if a person released this amount
--       9 key of the refund  10 amount in millionths ('' = of another currency than the limit's)  11 hourly limit in millionths ('' = none)
--       12 ms until it counts as lost  13 timeline event as JSON members ('' = none)
-- Returns {'go', now} · {'changed'} read again · {'off'} · {'approval'} · {'capped'}: nothing was written.
-- Keeps: one refund of an order is on the wire at a time; while the switch is off none goes out; what every refund of an hour gives
--       back stays within the limit, unless a person released it.
local now, id = now_ms(ARGV[1]), ARGV[2]
local state = redis.call('HMGET', KEYS[1], 'version', 'cases', 'attempt', 'attempt_at')
-- The same call sent again by a connection that broke: it is our own attempt that stands there.
if state[3] == ARGV[5] then return { 'go', state[4] } end
if (state[1] or '0') .. '.' .. (state[2] or '0') ~= ARGV[3] then return { 'changed' } end
if (redis.call('HGET', KEYS[2], 'rev') or '') ~= ARGV[4] then return { 'changed' } end
local mode = redis.call('HGET', KEYS[3], 'mode') or ARGV[7]
if mode ~= 'auto' and mode ~= 'approve' then return { 'off' } end
if mode == 'approve' and ARGV[8] ~= '1' then return { 'approval' } end
if ARGV[10] ~= '' then
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ms_text(now - 3600000))
  if ARGV[11] ~= '' and ARGV[8] ~= '1' then
    local sum = tonumber(ARGV[10])
    for _, member in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
      local key, amount = member:match('^(.*)|(%d+)$')
      if key ~= ARGV[9] then sum = sum + tonumber(amount) end
    end
    if sum > tonumber(ARGV[11]) then return { 'capped' } end
  end
  redis.call('ZADD', KEYS[4], ms_text(now), ARGV[9] .. '|' .. ARGV[10])
end
redis.call('HSET', KEYS[1], 'ledger', ARGV[6], 'attempt', ARGV[5], 'attempt_at', ms_text(now))
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('ZADD', KEYS[5], ms_text(now + tonumber(ARGV[12])), id)
if ARGV[13] ~= '' then log_event(KEYS[6], '{"at":' .. ms_text(now) .. ',' .. ARGV[13] .. '}') end
return { 'go', ms_text(now) }
