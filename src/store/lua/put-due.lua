-- Keeps when jobs of one queue run next.
-- KEYS  1 due  2 notes
-- ARGV  1 now in ms ('' = Redis' clock)  2 'want': then or sooner, but a job that failed waits its time · 'later': then or sooner
--       · 'again': then, it failed · 'now': those that are due some time run now  3 in how many ms
--       4 note: `failures|priority|code of the failure` ('' = none)  5 onwards: jobs
-- Returns how many of the jobs have a time.
-- Keeps: a job has one time; the note of a job goes with it.
local due, notes, now = KEYS[1], KEYS[2], now_ms(ARGV[1])
local how, at, note = ARGV[2], ms_text(now + tonumber(ARGV[3])), ARGV[4]
local timed = 0
for i = 5, #ARGV do
  local job = ARGV[i]
  local isTimed = redis.call('ZSCORE', due, job)
  local failures = isTimed and (redis.call('HGET', notes, job) or ''):match('^(%d+)|')
  local waits = failures and failures ~= '0'
  if how == 'again' then
    redis.call('ZADD', due, at, job)
  elseif how == 'now' then
    if isTimed then redis.call('ZADD', due, at, job) end
  elseif how == 'later' or not waits then
    redis.call('ZADD', due, 'LT', at, job)
  end
  if note ~= '' and (how == 'again' or how == 'later' or (how == 'want' and not waits)) then
    redis.call('HSET', notes, job, note)
  end
  if isTimed or how ~= 'now' then timed = timed + 1 end
end
return timed
