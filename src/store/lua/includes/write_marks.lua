-- Appends to the fields and values of an HSET what of an order's marks differs from what is kept (`paid`, `stated`, `holds` as read).
local function write_marks(write, marks, paid, stated, holds)
  local n = #write
  if marks.paid and paid ~= '1' then write[n + 1], write[n + 2], n = 'paid', '1', n + 2 end
  local statedText = registers_text(marks.stated, marks.stated_names)
  if statedText ~= (stated or '') then write[n + 1], write[n + 2], n = 'stated', statedText, n + 2 end
  local holdsText = registers_text(marks.holds, marks.hold_names)
  if holdsText ~= (holds or '') then write[n + 1], write[n + 2] = 'holds', holdsText end
end
