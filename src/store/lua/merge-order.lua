-- Merges changes of one origin into an order, one after the other. Only this script creates an order.
-- KEYS  1 order  2 notes  3 timeline  4 orders  5 dirty  6 due  7 held  8 rejected  9 forgotten  10 doubtful  11 the order's cases
-- ARGV  1 now in ms ('' = Redis' clock)  2 order id  3 ms a stamp may be ahead  4 ms until the sweep looks  5 origin name
--       6 lookup key prefix  7 names of registers that are never sent, a comma around each  8 bytes a record may grow to (0 = any)
--       then for each change: stamp (15 digits), names of registers that may hold the card's own number (comma between; '' = none), its
--       registers as `registers_of` reads them, names of fields that could not be read (a JSON array; '' = none), registers of money
--       among them (each with a comma), count of notes, then for each note: ms, text
-- Returns for each change {status, rev, wake, aheadMs, cases, held, tied}: status changed|unchanged|stale|held, wake 1 = a job is wanted,
--       cases 1 = alerts of this order wait for what changed, held = names of the holds it set, tied 1 = a value lost to another of the
--       same time; or {'ahead', ms} · {'forgotten'} · {'card', register name} · {'large', bytes} · {'newer'} (a newer version wrote the
--       record): nothing of that change was written.
-- Keeps: a register only moves to a later (stamp, tie, value); rev, the sets, look-up keys and marks move with it or not at all.
local VERSION = 1 -- of the form in which a record is written
local order, notesKey, timeline, orders, dirty, due, held, rejected = unpack(KEYS, 1, 8)
local now, id, origin, lookups, limit = now_ms(ARGV[1]), ARGV[2], ARGV[5], ARGV[6], tonumber(ARGV[8])
local state = redis.call('HMGET', order, 'registers', 'rev', 'sent', 'lookups', 'paid', 'stated', 'holds', 'v')
local registers, names = registers_of(state[1])
local sent, marks, rev, bytes = state[3] == '1', marks_of(state[5], state[6], state[7]), tonumber(state[2] or 0), 0
local isKept, isLookedUp, isNews, isWritten, isNoted = state[1], state[4] == '2', false, false, false
if limit > 0 then bytes = #(state[1] or '') + notes_bytes(notesKey) end

local function merge(stamp, references, text, unread, unreadMoney, notesAt, noteCount)
  if tonumber(state[8] or 1) > VERSION then return { 'newer' } end
  local ahead = tonumber(stamp) - now
  if ahead > tonumber(ARGV[3]) then return { 'ahead', ms_text(ahead) } end
  if redis.call('ZSCORE', KEYS[9], redis.sha1hex(id)) then return { 'forgotten' } end
  local entries, entryNames = registers_of(text)
  local card = references ~= '' and reference_is_card(id, references, registers, entries)
  if card then return { 'card', card } end
  local grown = limit > 0 and grown_bytes(registers, entries, entryNames) + new_notes_bytes(notesKey, ARGV, notesAt, noteCount) or 0
  if grown > 0 and bytes + grown > limit then return { 'large', bytes + grown } end
  bytes = bytes + grown

  local buyerBefore, wasOutdated = buyer_of(registers, table.concat(marks.hold_names)), is_outdated(registers)
  marks.noted, marks.held = false, {}
  note_marks(marks, registers, entries, origin, now, isKept and not isLookedUp)
  note_unread(marks, registers, unreadMoney, stamp, now)
  local won = merge_registers(registers, names, entries, entryNames, function(name, old, value) move_lookup(lookups, id, name, old, value) end)
  local changed, sentChanged, lost = #won.names > 0, false, won.lost
  for _, name in ipairs(won.names) do sentChanged = sentChanged or not ARGV[7]:find(',' .. name .. ',', 1, true) end
  local added, lostNote = add_notes(notesKey, ARGV, notesAt, noteCount)
  -- Nothing but a time may decide which of status and payment state counts.
  local flips = is_outdated(registers) ~= wasOutdated
  if flips and not changed then changed, won.names = true, { entries.payment_state and 'payment_state' or 'order_status' } end
  if added then changed, sentChanged, won.names[#won.names + 1] = true, true, 'notes' end
  lost = lost or lostNote
  local isFound = isLookedUp or not (changed or won.wrote or isKept)
  if changed or not isFound then move_buyer(lookups, id, buyerBefore, buyer_of(registers, table.concat(marks.hold_names)), isFound) end
  isLookedUp, isKept, isWritten, isNoted = isLookedUp or not isFound, isKept or won.wrote, isWritten or won.wrote, isNoted or added

  local status, wake = changed and 'changed' or lost and not won.advanced and 'stale' or 'unchanged', 0
  if changed or marks.noted then
    rev, isNews = rev + 1, true
    local wasHeld = redis.call('ZREM', held, id) == 1
    if not sent and not settled(registers) then
      if changed then status = 'held' end
      redis.call('ZADD', held, ms_text(now), id)
      for _, set in ipairs({ dirty, due, rejected }) do redis.call('ZREM', set, id) end
    else
      local wasRejected = redis.call('ZREM', rejected, id) == 1
      -- What is shown as the status depends on fields that are never sent themselves.
      local isRefunded = registers['refunded_to_date@ledger'] or registers['refunded_to_date@gateway']
      if sentChanged or wasHeld or wasRejected or flips or has(won.names, 'payment_state') or (isRefunded and has(won.names, 'captured_amount')) then
        wake = 1
        redis.call('ZADD', dirty, 'NX', ms_text(now), id)
        redis.call('ZADD', due, 'LT', ms_text(now + tonumber(ARGV[4])), id)
      end
    end
  end
  if changed or status == 'stale' or #marks.held > 0 then
    log_event(timeline, '{"at":' .. ms_text(now) .. ',"what":"' .. status .. '","origin":"' .. origin .. '","rev":' .. rev
      .. ',"occurredAt":' .. ms_text(tonumber(stamp)) .. ',' .. names_text(won.names) .. (unread ~= '' and ',"unread":' .. unread or '') .. '}', not changed)
  end
  log_held(timeline, now, marks.held)
  return { status, rev, wake, ms_text(ahead), (changed or marks.noted) and redis.call('EXISTS', KEYS[11]) or 0, marks.held, won.tied and 1 or 0 }
end

local replies, at = {}, 9
while ARGV[at] do
  local count = tonumber(ARGV[at + 5])
  replies[#replies + 1] = merge(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], at + 5, count)
  at = at + 6 + 2 * count
end
local write = isWritten and { 'registers', registers_text(registers, names) } or {}
if isLookedUp and state[4] ~= '2' then write[#write + 1], write[#write + 2] = 'lookups', '2' end
write_marks(write, marks, state[5], state[6], state[7])
local n = #write
if isNews then write[n + 1], write[n + 2], write[n + 3], write[n + 4], write[n + 5], write[n + 6] = 'rev', rev, 'changed_at', ms_text(now), 'v', VERSION end
if isNoted then write[#write + 1], write[#write + 2] = 'notes', redis.call('ZCARD', notesKey) end
if #write > 0 then redis.call('HSET', order, unpack(write)) end
if #write > 0 then redis.call('ZADD', orders, ms_text(now), id) end
return replies
