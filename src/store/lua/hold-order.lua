-- Holds the automatic refunds of an order because a change that states money of it was rejected.
-- KEYS  1 order  2 timeline  3 the order's cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 the rejected change's stamp (15 digits; zeros where it cannot be told)
--       3 count of registers the change states, then for each: its name, its value's canonical text ('' = not readable)
-- Returns {names of the holds that were set, cases}: none where the order is not known, or knows all of it already or something
--       later; or 'newer' where a newer version wrote the record; cases 1 = alerts of this order wait for what changed.
-- Keeps: a hold and the rev that makes decisions be made again are written together; only merging creates an order.
local VERSION = 1 -- as in merge-order.lua
local order, now, stamp = KEYS[1], now_ms(ARGV[1]), ARGV[2]
local state = redis.call('HMGET', order, 'rev', 'registers', 'holds', 'v')
if tonumber(state[4] or 1) > VERSION then return 'newer' end
if not state[1] then return { {}, 0 } end
local registers, marks = registers_of(state[2]), marks_of(nil, nil, state[3])
for i = 4, 3 + 2 * tonumber(ARGV[3]), 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  local register = registers[name]
  local known = register and value_of(register) or 'null'
  local isLater = tonumber(stamp) > 0 and known ~= 'null' and register:sub(1, 15) > stamp
  if not isLater and (value == '' or value ~= known) then
    local hold = 'unreadable ' .. name
    local before = marks.holds[hold] and marks.holds[hold]:sub(16)
    -- The same change sent again is no news, also to the person who has looked at the order since.
    if not before or tonumber(stamp) == 0 or stamp > before then
      hold_marks(marks, hold, now, before and before > stamp and before or stamp)
    end
  end
end
if #marks.held == 0 then return { {}, 0 } end
redis.call('HSET', order, 'holds', registers_text(marks.holds, marks.hold_names))
redis.call('HINCRBY', order, 'rev', 1)
log_held(KEYS[2], now, marks.held)
return { marks.held, redis.call('EXISTS', KEYS[3]) }
