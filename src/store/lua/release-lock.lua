-- Gives a lock back, if it is still the caller's.
-- KEYS  1 lock
-- ARGV  1 the caller's own word
-- Returns 1 when it was released, 0 when it was another's or had expired.
-- Keeps: nobody releases a lock that is not theirs.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
