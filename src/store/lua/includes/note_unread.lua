-- Holds refunds for registers (names with a comma after each) that a change states and that cannot be read, unless a later value of
-- them is known.
local function note_unread(marks, registers, names, stamp, now)
  for name in names:gmatch('[^,]+') do
    local hold, register = 'unreadable ' .. name, registers[name]
    local isLater = register and value_of(register) ~= 'null' and register:sub(1, 15) > stamp
    local before = marks.holds[hold] and marks.holds[hold]:sub(16)
    -- The same change sent again is no news, also to the person who has looked at the order since.
    if not isLater and (not before or stamp > before) then hold_marks(marks, hold, now, stamp) end
  end
end
