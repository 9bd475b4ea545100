-- Writes one process's probe: Redis takes writes, also from scripts.
-- KEYS  1 the probe of this process
-- ARGV  1 ms until it expires
-- Returns 'OK'.
-- Keeps: nothing that anything reads.
local probe, expiresMs = KEYS[1], ARGV[1]
redis.call('SET', probe, '1', 'PX', expiresMs)
return 'OK'
