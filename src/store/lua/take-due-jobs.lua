-- Takes the jobs of several queues whose time has come.
-- KEYS  three a queue: due, taken, notes
-- ARGV  1 now in ms ('' = Redis' clock)  2 ms until a job that was taken and is not in its queue is due again  3 how many a queue at most
-- Returns {ms until the next is due ('' = none), then for each queue {job, note, job, note …}}
-- Keeps: two takers never get one job at once; what a taker that died had taken comes back. What grows is written first, so that a
--        Redis whose memory is full refuses the whole script: what is taken could not be queued.
local now, leaseMs, atMost = now_ms(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local answer, nextAt = { '' }, nil
for k = 1, #KEYS, 3 do
  local due, taken, notes = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  for _, job in ipairs(redis.call('ZRANGE', taken, '-inf', ms_text(now), 'BYSCORE', 'LIMIT', 0, atMost)) do
    redis.call('ZADD', due, 'LT', ms_text(now), job)
    redis.call('ZREM', taken, job)
  end
  local jobs = {}
  for _, job in ipairs(redis.call('ZRANGE', due, '-inf', ms_text(now), 'BYSCORE', 'LIMIT', 0, atMost)) do
    redis.call('ZADD', taken, ms_text(now + leaseMs), job)
    redis.call('ZREM', due, job)
    jobs[#jobs + 1] = job
    jobs[#jobs + 1] = redis.call('HGET', notes, job) or ''
  end
  answer[#answer + 1] = jobs
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2]
  if first and (not nextAt or tonumber(first) < nextAt) then nextAt = tonumber(first) end
end
if nextAt then answer[1] = ms_text(math.max(0, nextAt - now)) end
return answer
