-- Merges one change into an order. Only this script creates an order.
-- KEYS  1 order  2 notes  3 timeline  4 orders  5 dirty  6 due  7 held  8 rejected  9 forgotten  10 doubtful  11 the order's cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 stamp (15 digits)  4 ms a stamp may be ahead
--       5 ms until the sweep looks  6 origin name  7 lookup key prefix  8 names of registers that may hold the card's own number, comma between ('' = none to check)
--       9 the change's registers as `registers_of` reads them  10 names of registers that are never sent, a comma around each
--       11 names of fields that could not be read, as a JSON array ('' = none)  12 registers of money among them, each with a comma  13 count of notes, then for each: ms, text
-- Returns {status, rev, wake, aheadMs, cases, held, tied}: status changed|unchanged|stale|held, wake 1 = a job is wanted, cases 1 =
--       alerts of this order wait for what changed, held = names of the holds it set, tied 1 = a value lost to another of the same time;
--       or {'ahead', ms} · {'forgotten'} · {'card', register name}: nothing was written.
-- Keeps: a register only moves to a later (stamp, tie, value); rev, the sets, look-up keys and marks move with it or not at all.
local order, notesKey, timeline, orders, dirty, due, held, rejected = unpack(KEYS, 1, 8)
local now, id, stamp, origin = now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[6]
local ahead = tonumber(stamp) - now
if ahead > tonumber(ARGV[4]) then return { 'ahead', ms_text(ahead) } end
if redis.call('ZSCORE', KEYS[9], redis.sha1hex(id)) then return { 'forgotten' } end

local state = redis.call('HMGET', order, 'registers', 'rev', 'sent', 'lookups', 'paid', 'stated', 'holds')
local registers, names = registers_of(state[1])
local entries, entryNames = registers_of(ARGV[9])
local card = ARGV[8] ~= '' and reference_is_card(id, ARGV[8], registers, entries)
if card then return { 'card', card } end

local sent, marks = state[3] == '1', marks_of(state[5], state[6], state[7])
note_marks(marks, registers, entries, origin, now, state[1] and state[4] ~= '2')
note_unread(marks, registers, ARGV[12], stamp, now)
local buyerBefore, wasOutdated = buyer_of(registers, state[7]), is_outdated(registers)
local won, wrote, changed, sentChanged, lost, advanced, tied = {}, false, false, false, false, false, false
for _, name in ipairs(entryNames) do
  local old, new = registers[name], entries[name]
  if not old or beats(new, old) then
    wrote, registers[name], tied = true, new, tied or is_tied(old, new, true)
    if not old then names[#names + 1] = name end
    if same_value(old, new) then
      advanced = true
    else
      changed, won[#won + 1] = true, name
      sentChanged = sentChanged or not ARGV[10]:find(',' .. name .. ',', 1, true)
      if name == 'transaction_id' or name == 'arn' or name == 'auth_id' then
        move_lookup(ARGV[7], id, name, old and value_of(old) or 'null', value_of(new))
      end
    end
  elseif new ~= old then
    lost, tied = true, tied or is_tied(old, new, false)
  end
end

local added, lostNote = add_notes(notesKey, ARGV, 13, tonumber(ARGV[13]))
-- Nothing but a time may decide which of status and payment state counts.
local flips = is_outdated(registers) ~= wasOutdated
if flips and not changed then changed, won = true, { entries.payment_state and 'payment_state' or 'order_status' } end
if added then changed, sentChanged, won[#won + 1] = true, true, 'notes' end
lost = lost or lostNote
local isLookedUp = state[4] == '2' or not (changed or wrote or state[1])
if changed or not isLookedUp then move_buyer(ARGV[7], id, buyerBefore, buyer_of(registers, table.concat(marks.hold_names)), isLookedUp) end

local status = changed and 'changed' or lost and not advanced and 'stale' or 'unchanged'
local rev, write = tonumber(state[2] or 0), wrote and { 'registers', state[1] and registers_text(registers, names) or ARGV[9] } or {}
if not isLookedUp then write[#write + 1], write[#write + 2] = 'lookups', '2' end
write_marks(write, marks, state[5], state[6], state[7])
if changed or marks.noted then
  rev = rev + 1
  local n = #write
  write[n + 1], write[n + 2], write[n + 3], write[n + 4] = 'rev', rev, 'changed_at', ms_text(now)
  if added then write[n + 5], write[n + 6] = 'notes', redis.call('ZCARD', notesKey) end
end
if #write > 0 then
  redis.call('HSET', order, unpack(write))
  redis.call('ZADD', orders, ms_text(now), id)
end

local wake = 0
if changed or marks.noted then
  local wasHeld = redis.call('ZREM', held, id) == 1
  if not sent and not settled(registers) then
    if changed then status = 'held' end
    redis.call('ZADD', held, ms_text(now), id)
    for _, set in ipairs({ dirty, due, rejected }) do redis.call('ZREM', set, id) end
  else
    local wasRejected = redis.call('ZREM', rejected, id) == 1
    -- What is shown as the status depends on fields that are never sent themselves.
    local isRefunded = registers['refunded_to_date@ledger'] or registers['refunded_to_date@gateway']
    if sentChanged or wasHeld or wasRejected or flips or has(won, 'payment_state') or (isRefunded and has(won, 'captured_amount')) then
      wake = 1
      redis.call('ZADD', dirty, 'NX', ms_text(now), id)
      redis.call('ZADD', due, 'LT', ms_text(now + tonumber(ARGV[5])), id)
    end
  end
end
if changed or status == 'stale' or #marks.held > 0 then
  log_event(timeline, '{"at":' .. ms_text(now) .. ',"what":"' .. status .. '","origin":"' .. origin .. '","rev":' .. rev
    .. ',"occurredAt":' .. ms_text(tonumber(stamp)) .. ',' .. names_text(won) .. (ARGV[11] ~= '' and ',"unread":' .. ARGV[11] or '') .. '}')
end
log_held(timeline, now, marks.held)
return { status, rev, wake, ms_text(ahead), (changed or marks.noted) and redis.call('EXISTS', KEYS[11]) or 0, marks.held, tied and 1 or 0 }
