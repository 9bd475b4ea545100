-- An order's marks as they are kept: `paid` '1' or false, `stated` and `holds` by name with their names in order.
local function marks_of(paid, stated, holds)
  local marks = { paid = paid == '1', noted = false, held = {} }
  marks.stated, marks.stated_names = registers_of(stated)
  marks.holds, marks.hold_names = registers_of(holds)
  return marks
end
