-- Writes what was decided about a case: its record, new facts, the sets it is in, its alarms, in one step.
-- KEYS  1 case  2 log  3 cases  4 cases of the old state  5 cases of the new state  6 open cases  7 marks  8 respond-by
--       9 cases of its order  10 cases of the order it was matched to before  11 order  12 refunds  13 refunds of the order before
--       14 alarms out  15 alarms due  16 timeline  17 cases of its ARN  18 version of cases without an order
--       19 onwards: buckets of cases without an order, then alarms of cases by name
-- ARGV  1 now in ms ('' = Redis' clock)  2 case id  3 count of writes the caller has read  4 record as JSON
--       5 decide again at ('' = finished)  6 next mark at ('' = none)  7 respond by ('' = answered, or nothing to answer)
--       8 '1' if it is matched to an order  9 rev of the order the caller has read ('' = none)  10 versions of its refunds: `writes.cases`
--       11 '1' if what was decided matters to the order's other cases  12 '1' if the case is listed  13 first heard of at
--       14 '1' if it names an ARN  15 one digit a bucket: '1' if the case is in it; one an alarm: '0' over, '1' raised, '2' rings
--       16 timeline event as JSON members ('' = none)
--       17 count of facts, then for each: slot, JSON; then for each alarm: id, JSON
-- Returns 1, or 0 when anything that was read has changed since: nothing was written.
-- Keeps: a decision is written only if everything it was made from still holds.
local case, log, listed, inOld, inNew, open, marks, respondBy = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local ofOrder, ofOldOrder, order, refunds, oldRefunds = KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local alarmsOut, alarmsDue, timeline, ofArn, untiedVersion = KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18]
local now, id, version, record, lookAt, markAt, answerBy = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local isMatched, orderRev, refundVersions, mattersToOthers = ARGV[8] == '1', ARGV[9], ARGV[10], ARGV[11] == '1'
local isListed, seenAt, namesArn, inSets, event, facts = ARGV[12] == '1', ARGV[13], ARGV[14] == '1', ARGV[15], ARGV[16], tonumber(ARGV[17])
local FIRST_BUCKET, FIRST_FACT = 19, 18

if (redis.call('HGET', case, 'version') or '0') ~= version then return 0 end
if isMatched then
  if (redis.call('HGET', order, 'rev') or '') ~= orderRev then return 0 end
  local counts = redis.call('HMGET', refunds, 'version', 'cases')
  if (counts[1] or '0') .. '.' .. (counts[2] or '0') ~= refundVersions then return 0 end
end
redis.call('HSET', case, 'record', record)
redis.call('HINCRBY', case, 'version', 1)
for i = 0, facts - 1 do redis.call('HSET', log, ARGV[FIRST_FACT + 2 * i], ARGV[FIRST_FACT + 1 + 2 * i]) end
for i = FIRST_FACT + 2 * facts, #ARGV, 2 do
  redis.call('HSET', alarmsOut, ARGV[i], ARGV[i + 1])
  redis.call('ZADD', alarmsDue, ms_text(now), ARGV[i])
end

redis.call('ZREM', inOld, id)
if isListed then
  redis.call('ZADD', listed, seenAt, id)
  redis.call('ZADD', inNew, seenAt, id)
else
  redis.call('ZREM', listed, id)
end
for set, at in pairs({ [open] = lookAt, [marks] = markAt, [respondBy] = answerBy }) do
  if at == '' then redis.call('ZREM', set, id) else redis.call('ZADD', set, at, id) end
end
if namesArn then redis.call('SADD', ofArn, id) end
local inBuckets, inAlarms = inSets:match('^(%d*),(%d*)$')
local moved, FIRST_ALARM = 0, FIRST_BUCKET + #inBuckets
for i = 1, #inBuckets do
  moved = moved + redis.call(inBuckets:sub(i, i) == '1' and 'SADD' or 'SREM', KEYS[FIRST_BUCKET + i - 1], id)
end
for i = 1, #inAlarms do
  local digit, alarm = inAlarms:sub(i, i), KEYS[FIRST_ALARM + i - 1]
  if digit == '0' then redis.call('ZREM', alarm, id)
  elseif digit == '1' then redis.call('ZADD', alarm, 'NX', ms_text(now), id)
  else redis.call('ZADD', alarm, ms_text(now), id) end
end
if moved > 0 then redis.call('INCR', untiedVersion) end

if ofOldOrder ~= ofOrder then
  redis.call('SREM', ofOldOrder, id)
  redis.call('HINCRBY', oldRefunds, 'cases', 1)
end
if isMatched then
  local isNew = redis.call('SADD', ofOrder, id) == 1
  if isNew or mattersToOthers then redis.call('HINCRBY', refunds, 'cases', 1) end
  if event ~= '' and orderRev ~= '' then log_event(timeline, '{"at":' .. ms_text(now) .. ',' .. event .. '}') end
end
return 1
