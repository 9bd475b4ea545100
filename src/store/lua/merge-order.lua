-- Merges one change into an order. Only this script creates an order.
-- KEYS  1 order  2 notes  3 timeline  4 orders  5 dirty  6 due  7 held  8 rejected  9 forgotten  10 doubtful
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 stamp (15 digits)  4 ms a stamp may be ahead
--       5 ms until the sweep looks  6 origin name  7 lookup key prefix  8 names of registers that may hold the card's own number, comma between ('' = none to check)
--       9 count of registers, then for each: name, tie, value, kind ('s' sent, 'x' extra)
--       then count of notes, then for each: ms, text
-- Returns {status, rev, wake, aheadMs}: status changed|unchanged|stale|held, wake 1 = a job is wanted;
--       or {'ahead', ms} · {'forgotten'} · {'card', register name}: nothing was written.
-- Keeps: a register only ever moves to a later (stamp, tie, value); rev, the sets and the look-up keys move with it or not at all.
local order, notesKey, timeline, orders = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local dirty, due, held, rejected = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local now, id, stamp, origin = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[6]
local ahead = tonumber(stamp) - now
if ahead > tonumber(ARGV[4]) then return { 'ahead', ms_text(ahead) } end
if redis.call('ZSCORE', KEYS[9], redis.sha1hex(id)) then return { 'forgotten' } end

local entries, names, at = {}, {}, 10
for i = 1, tonumber(ARGV[9]) do
  entries[i] = { name = ARGV[at], register = stamp .. ARGV[at + 1] .. '|' .. ARGV[at + 2], value = ARGV[at + 2], kind = ARGV[at + 3] }
  names[i], at = 'v:' .. ARGV[at], at + 4
end
local card = ARGV[8] ~= '' and reference_is_card(order, id, ARGV[8], entries)
if card then return { 'card', card } end

local before = #names > 0 and redis.call('HMGET', order, unpack(names)) or {}
local write, won, changed, sentChanged, lost, advanced = {}, {}, false, false, false, false
for i, entry in ipairs(entries) do
  local old = before[i]
  if not old or beats(entry.register, old) then
    write[#write + 1], write[#write + 2] = names[i], entry.register
    local oldValue = old and value_of(old) or 'null'
    if entry.value == oldValue then
      advanced = true
    else
      changed, won[#won + 1] = true, entry.name
      if entry.kind == 's' then sentChanged = true end
      move_lookup(ARGV[7], id, entry.name, oldValue, entry.value)
    end
  elseif entry.register ~= old then
    lost = true
  end
end

local added = false
for i = 1, tonumber(ARGV[at]) do
  local text = ARGV[at + 2 * i]
  if redis.call('ZADD', notesKey, 'NX', ARGV[at + 2 * i - 1], text) == 1 then
    redis.call('ZREMRANGEBYRANK', notesKey, 0, -201)
    if redis.call('ZSCORE', notesKey, text) then added = true else lost = true end
  end
end
if added then changed, sentChanged, won[#won + 1] = true, true, 'notes' end

local cardBefore = card_of(order)
if #write > 0 then redis.call('HSET', order, unpack(write)) end
local cardNow = card_of(order)
if cardNow ~= cardBefore then move_lookup(ARGV[7], id, 'card', cardBefore, cardNow) end

local state = redis.call('HMGET', order, 'rev', 'sent', 'v:order_status', 'v:payment_state', 'notes')
local rev, sent = tonumber(state[1] or 0), state[2] == '1'
local status, wake = 'unchanged', 0
if changed then
  rev = redis.call('HINCRBY', order, 'rev', 1)
  redis.call('HSET', order, 'changed_at', ms_text(now), 'notes', redis.call('ZCARD', notesKey))
  local wasHeld = redis.call('ZREM', held, id) == 1
  if not sent and not settled(state[3], state[4]) then
    status = 'held'
    redis.call('ZADD', held, ms_text(now), id)
    redis.call('ZREM', dirty, id)
    redis.call('ZREM', due, id)
  else
    status = 'changed'
    local wasRejected = redis.call('ZREM', rejected, id) == 1
    if sentChanged or wasHeld or wasRejected or has(won, 'payment_state') then
      wake = 1
      redis.call('ZADD', dirty, 'NX', ms_text(now), id)
      redis.call('ZADD', due, 'LT', ms_text(now + tonumber(ARGV[5])), id)
    end
  end
elseif lost and not advanced then
  status = 'stale'
end
if changed or #write > 0 then redis.call('ZADD', orders, ms_text(now), id) end
if changed or status == 'stale' then
  log_event(timeline, '{"at":' .. ms_text(now) .. ',"what":"' .. status .. '","origin":"' .. origin .. '","rev":' .. rev
    .. ',"occurredAt":' .. ms_text(tonumber(stamp)) .. ',' .. names_text(won) .. '}')
end
return { status, rev, wake, ms_text(ahead) }
