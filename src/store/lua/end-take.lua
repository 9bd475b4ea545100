-- Forgets jobs that were taken and are in their queue now.
-- KEYS  1 due  2 taken  3 notes
-- ARGV  jobs
-- Returns nothing.
-- Keeps: the note of a job that has another time already.
local due, taken, notes = KEYS[1], KEYS[2], KEYS[3]
for _, job in ipairs(ARGV) do
  redis.call('ZREM', taken, job)
  if not redis.call('ZSCORE', due, job) then redis.call('HDEL', notes, job) end
end
