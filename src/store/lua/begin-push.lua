-- Begins an attempt to push one order: the last thing before the call goes out.
-- KEYS  1 order  2 gate  3 due  4 push rate  5 dirty  6 epoch
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 count of writes the caller has read  4 attempt id
--       5 its fields as JSON  6 lease in ms  7 doubts as JSON, any superseded attempt included  8 ms until the sweep looks
--       9 failures that open the breaker  10 ms between probes  11 pushes allowed ('' = no ceiling)  12 in so many ms
--       13 rev the caller has read  14 epoch the caller knows ('' = any)  15 count of it
-- Returns {'go', startedAt, 1 when the gate has something to forget} · {'busy', ms} another's call may be on the wire
--       · {'closed', cause, ms} no call now: throttled, denied, breaker, ceiling · {'changed'} read again · {'gone'}
--       · {'rolled-back'} what the caller has read may be from before Redis went back
-- Keeps: at most one attempt of an order is alive; every attempt stands in the record before it stands on the wire; an order
--       is first sent as it stands now, so none that is held again meanwhile.
local order, gate, now, id = KEYS[1], KEYS[2], now_ms(ARGV[1]), ARGV[2]
local state = redis.call('HMGET', order, 'rev', 'pushes', 'attempt', 'attempt_until', 'sent')
if not state[1] then return { 'gone' } end
-- The same call sent again by a connection that broke: it is our own attempt that stands there.
if state[3] == ARGV[4] then return { 'go', redis.call('HGET', order, 'attempt_at'), redis.call('EXISTS', gate) } end
if state[3] and tonumber(state[4]) > now then return { 'busy', ms_text(tonumber(state[4]) - now) } end
if (state[2] or '0') ~= ARGV[3] or (not state[5] and state[1] ~= ARGV[13]) then return { 'changed' } end

if ARGV[14] ~= '' then
  local epoch = redis.call('HMGET', KEYS[6], 'id', 'count')
  if epoch[1] ~= ARGV[14] or tonumber(epoch[2]) < tonumber(ARGV[15]) then return { 'rolled-back' } end
end

local cause, ms = enter_gate(gate, now, tonumber(ARGV[9]), tonumber(ARGV[10]))
if cause then return { 'closed', cause, ms_text(ms) } end
if ARGV[11] ~= '' then
  local wait = take_rate(KEYS[4], now, tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[4])
  if wait then return { 'closed', 'ceiling', ms_text(wait) } end
end

redis.call('HSET', order, 'sent', '1', 'attempt', ARGV[4], 'attempt_fields', ARGV[5], 'attempt_at', ms_text(now),
  'attempt_until', ms_text(now + tonumber(ARGV[6])), 'doubts', ARGV[7])
redis.call('HINCRBY', order, 'pushes', 1)
-- Dirty until it ends, a refused one that is tried again too: whoever dies in between leaves an order that the sweep finds.
redis.call('ZADD', KEYS[5], 'NX', ms_text(now), id)
redis.call('ZADD', KEYS[3], ms_text(now + tonumber(ARGV[6]) + tonumber(ARGV[8])), id)
return { 'go', ms_text(now), redis.call('EXISTS', gate) }
