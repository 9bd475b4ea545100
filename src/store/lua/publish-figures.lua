-- Publishes what one process counts of itself, under the lowest number that no other process of its daemon has.
-- KEYS  1 the labels in use
-- ARGV  1 key prefix of figures  2 daemon  3 process  4 its figures  5 ms they are kept
-- Returns the label, such as ingress-1.
-- Keeps: a process has one label while it publishes, and a label one process; a label whose figures are gone is given out again.
local labels, prefix, daemon, head, keptMs = KEYS[1], ARGV[1], ARGV[2], '# process ' .. ARGV[3] .. '\n', ARGV[5]
local isTaken, own = {}, nil
for _, label in ipairs(redis.call('SMEMBERS', labels)) do
  local start = redis.call('GETRANGE', prefix .. label, 0, #head - 1)
  if start == '' then redis.call('SREM', labels, label) else isTaken[label] = true end
  if start == head then own = label end
end
local number = 1
while isTaken[daemon .. '-' .. number] do number = number + 1 end
own = own or daemon .. '-' .. number
redis.call('SET', prefix .. own, head .. ARGV[4], 'PX', keptMs)
redis.call('SADD', labels, own)
return own
