-- Begins an epoch of the data: the first, or the next once Redis lost writes or was restored.
-- KEYS  1 epoch  2 rollback
-- ARGV  1 now in ms ('' = Redis' clock)  2 epoch the caller found ('' = none)  3 the new epoch  4 epochs it takes over from, as JSON
--       5 count it goes on from  6 what happened: 'tail' or 'quarantine' ('' = nothing)  7 that as JSON members
-- Returns 1, or 0 when another process has begun one since: nothing was written.
-- Keeps: what happened is there from the same moment as the epoch; no process begins two epochs out of one.
local epoch, rollback, now, what = KEYS[1], KEYS[2], ms_text(now_ms(ARGV[1])), ARGV[6]
local id = redis.call('HGET', epoch, 'id') or ''
-- The same call sent again by a connection that broke: it is our own epoch that is there.
if id == ARGV[3] then return 1 end
if id ~= ARGV[2] then return 0 end
redis.call('HSET', epoch, 'id', ARGV[3], 'before', ARGV[4], 'count', ARGV[5], 'at', now)
if what ~= '' then redis.call('HSET', rollback, what, '{"at":' .. now .. ',' .. ARGV[7] .. '}', 'at', now) end
if what == 'quarantine' then redis.call('HSET', rollback, 'restored_at', now) end
return 1
