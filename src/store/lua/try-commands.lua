-- Tries every command that the scripts and the queues run, on a key of its own that is gone afterwards.
-- KEYS  1 key for trying, held by nothing else
-- ARGV  none
-- Returns the commands that are forbidden.
-- Keeps: nothing: what is tried is deleted in the same step.
local key, forbidden = KEYS[1], {}
local TRIED = {
  'SET %s 1', 'GET %s', 'INCR %s', 'INCRBY %s 1', 'EXISTS %s', 'PEXPIRE %s 1000', 'PTTL %s', 'PERSIST %s', 'TYPE %s', 'UNLINK %s',
  'HSET %s f v', 'HMSET %s f v', 'HSETNX %s f v', 'HGET %s f', 'HMGET %s f', 'HGETALL %s', 'HEXISTS %s f', 'HLEN %s', 'HINCRBY %s n 1', 'HDEL %s f', 'DEL %s',
  'ZADD %s 1 m', 'ZSCORE %s m', 'ZMSCORE %s m', 'ZRANGE %s 0 -1', 'ZRANGEBYSCORE %s 0 1', 'ZREVRANGEBYSCORE %s 1 0', 'ZRANGEBYLEX %s - +', 'ZREVRANGE %s 0 -1',
  'ZCARD %s', 'ZCOUNT %s 0 1', 'ZREMRANGEBYSCORE %s 0 0', 'ZREMRANGEBYRANK %s 5 6', 'ZPOPMIN %s', 'ZREM %s m', 'DEL %s',
  'SADD %s m', 'SISMEMBER %s m', 'SMEMBERS %s', 'SCARD %s', 'SREM %s m', 'DEL %s',
  'LPUSH %s m', 'RPUSH %s m', 'LRANGE %s 0 -1', 'LINDEX %s 0', 'LSET %s 0 m', 'LLEN %s', 'LPOS %s m', 'LTRIM %s 0 9', 'LREM %s 1 m', 'RPOPLPUSH %s %s',
  'LPOP %s', 'RPOP %s', 'DEL %s', 'XADD %s * f v', 'XLEN %s', 'XTRIM %s MAXLEN 0', 'DEL %s', 'TIME',
}
for _, text in ipairs(TRIED) do
  local parts = {}
  for part in text:gmatch('%S+') do parts[#parts + 1] = part == '%s' and key or part end
  local answer = redis.pcall(unpack(parts))
  if type(answer) == 'table' and answer.err and (answer.err:find('NOPERM') or answer.err:find('permission') or answer.err:find("can't run")) then
    forbidden[#forbidden + 1] = parts[1]
  end
end
redis.pcall('DEL', key)
return forbidden
