-- Stores a renewed token, unless somebody else renewed it first.
-- KEYS  1 token
-- ARGV  1 generation the caller knew (0: none)  2 the new token
-- Returns the generation stored now; one above the known one means: this call stored it.
-- Keeps: generations only rise, and each is one token.
local generation = tonumber(redis.call('HGET', KEYS[1], 'generation') or 0)
if generation ~= tonumber(ARGV[1]) then return generation end
redis.call('HSET', KEYS[1], 'generation', ms_text(generation + 1), 'token', ARGV[2])
return generation + 1
