-- Holds refunds when a refund that was stated, and no amount of it, is later stated no more, whichever of the two statements arrives
-- first; what is delivered again renews nothing.
local function note_withdrawal(marks, registers, entries, now, name, refunded)
  local old, new = registers[name], entries[name]
  if not old or not new then return end
  local hold = 'lowered ' .. name
  local isLater = beats(new, old)
  local earlier, later = isLater and old or new, isLater and new or old
  if value_of(earlier) ~= refunded or value_of(later) == refunded or (marks.holds[hold] and not isLater) then return end
  hold_marks(marks, hold, now, '000000000000000')
end

-- Notes in an order's marks what a change adds to them, before its registers move. The twin of noteMarks in domain/order-marks.ts.
-- `isOld`: the order was last changed by version 0.1.0, which kept no marks.
local function note_marks(marks, registers, entries, origin, now, isOld)
  local wasPaid = marks.paid or (isOld and states_paid(registers))
  if not wasPaid and states_paid(entries) then wasPaid, marks.noted = true, true end
  marks.paid = wasPaid

  local name = 'refunded_to_date@' .. origin
  local new, old = entries[name], registers[name]
  if new and origin ~= 'ledger' and origin ~= 'gateway' then
    local greatest = first_greatest(marks.stated[name], old)
    local lowered
    if not old or beats(new, old) then lowered = amount_digits(new) < amount_digits(old)
    else lowered = amount_digits(new) > amount_digits(greatest) end
    local first = first_greatest(greatest, new)
    if first ~= greatest then marks.noted = true end
    if first and (first ~= greatest or lowered) then
      if not marks.stated[name] then marks.stated_names[#marks.stated_names + 1] = name end
      marks.stated[name] = first
    end
    if lowered then hold_marks(marks, 'lowered ' .. name, now, '000000000000000') end
  end
  -- An amount that was stated is kept in `stated`.
  if origin ~= 'ledger' and origin ~= 'gateway' and #marks.stated_names == 0 then
    note_withdrawal(marks, registers, entries, now, 'order_status', '"Refunded"')
    note_withdrawal(marks, registers, entries, now, 'is_refund@' .. origin, 'true')
  end

  local kept = {}
  for _, hold in ipairs(marks.hold_names) do
    local entry = hold:sub(1, 11) == 'unreadable ' and entries[hold:sub(12)]
    local stamp, stored = entry and entry:sub(1, 15), entry and registers[hold:sub(12)]
    local since = marks.holds[hold]:sub(16)
    -- Of the same time, what is older by its sequence or its value ends nothing.
    local isNews = entry and (stamp > since or (stamp == since and (not stored or beats(entry, stored))))
    if isNews and value_of(entry) ~= 'null' then
      marks.holds[hold], marks.noted = nil, true
    else
      kept[#kept + 1] = hold
    end
  end
  marks.hold_names = kept
  if is_swap(registers, entries) then
    hold_marks(marks, 'swapped card,transaction_merchant_id,transaction_id', now, '000000000000000')
  end
end
