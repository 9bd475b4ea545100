-- Reads an order's record and its notes as they stand at one moment, in one call.
-- KEYS  1 order  2 notes
-- ARGV  none
-- Returns {hash as field, value, …; notes as text, ms, …}; both empty when there is no such order.
-- Keeps: nothing is written.
return { redis.call('HGETALL', KEYS[1]), redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES') }
