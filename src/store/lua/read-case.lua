-- Reads a case's record and its log as they stand at one moment, in one call.
-- KEYS  1 case  2 log
-- ARGV  none
-- Returns {version, record, slot, entry, slot, entry, …}; {} when there is no such case.
-- Keeps: nothing is written.
local case = redis.call('HMGET', KEYS[1], 'version', 'record')
if not case[1] then return {} end
local reply = { case[1], case[2] or '' }
for _, part in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = part end
return reply
