-- Writes what was decided about a case: its record, new facts, where it stands, who must hear of it, in one step.
-- KEYS  1 case  2 log  3 cases  4 cases of the old state  5 cases of the new state  6 open cases  7 marks  8 respond-by
--       9 cases of its order  10 cases of the order it was tied to before  11 order  12 refunds  13 alarms out  14 alarms due
--       15 timeline  16 refunds of the order it was tied to before
-- ARGV  1 now in ms ('' = Redis' clock)  2 case id  3 count of writes the caller has read  4 record as JSON
--       5 look again at ('' = finished)  6 next mark at ('' = none)  7 respond by ('' = answered, or nothing to answer)
--       8 '1' if it is tied to an order  9 rev of the order the caller has read ('' = none)  10 versions of its refunds: `writes.cases`
--       11 its refunds as JSON to write ('' = as they are)  12 '1' if what was decided matters to the order's other cases
--       13 '1' if the case is listed  14 first heard of at  15 timeline event as JSON members ('' = none)
--       16 count of facts, then for each: slot, JSON; then for each alarm: id, JSON
-- Returns 1, or 0 when anything that was read has changed since: nothing was written.
-- Keeps: a decision is written only if everything it was made from still holds.
local now, id, tied = now_ms(ARGV[1]), ARGV[2], ARGV[8] == '1'
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[3] then return 0 end
if tied then
  if (redis.call('HGET', KEYS[11], 'rev') or '') ~= ARGV[9] then return 0 end
  local counts = redis.call('HMGET', KEYS[12], 'version', 'cases')
  if (counts[1] or '0') .. '.' .. (counts[2] or '0') ~= ARGV[10] then return 0 end
end
redis.call('HSET', KEYS[1], 'record', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'version', 1)
local facts = tonumber(ARGV[16])
for i = 0, facts - 1 do redis.call('HSET', KEYS[2], ARGV[17 + 2 * i], ARGV[18 + 2 * i]) end
for i = 17 + 2 * facts, #ARGV, 2 do
  redis.call('HSET', KEYS[13], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[14], ms_text(now), ARGV[i])
end

redis.call('ZREM', KEYS[4], id)
if ARGV[13] == '1' then
  redis.call('ZADD', KEYS[3], ARGV[14], id)
  redis.call('ZADD', KEYS[5], ARGV[14], id)
else
  redis.call('ZREM', KEYS[3], id)
end
for i, key in ipairs({ KEYS[6], KEYS[7], KEYS[8] }) do
  if ARGV[4 + i] == '' then redis.call('ZREM', key, id) else redis.call('ZADD', key, ARGV[4 + i], id) end
end
if KEYS[10] ~= KEYS[9] then
  redis.call('SREM', KEYS[10], id)
  redis.call('HINCRBY', KEYS[16], 'cases', 1)
end
if tied then
  local isNew = redis.call('SADD', KEYS[9], id) == 1
  if ARGV[11] ~= '' then
    redis.call('HSET', KEYS[12], 'ledger', ARGV[11])
    redis.call('HINCRBY', KEYS[12], 'version', 1)
  end
  if isNew or ARGV[12] == '1' then redis.call('HINCRBY', KEYS[12], 'cases', 1) end
  if ARGV[15] ~= '' and ARGV[9] ~= '' then log_event(KEYS[15], '{"at":' .. ms_text(now) .. ',' .. ARGV[15] .. '}') end
end
return 1
