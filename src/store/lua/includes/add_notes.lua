-- Adds a change's notes (`count` of them, each its ms and its text, in `args` after `from`) and keeps the newest 200. Returns whether
-- any is new and kept, and whether any is older than 200 others.
local function add_notes(key, args, from, count)
  local added, lost = false, false
  for i = from + 1, from + 2 * count, 2 do
    local text = args[i + 1]
    if redis.call('ZADD', key, 'NX', args[i], text) == 1 then
      redis.call('ZREMRANGEBYRANK', key, 0, -201)
      if redis.call('ZSCORE', key, text) then added = true else lost = true end
    end
  end
  return added, lost
end
