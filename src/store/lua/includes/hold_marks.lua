-- Sets a hold among an order's marks: its name (reason, space, what it is about), since when, and the rejected change's stamp.
local function hold_marks(marks, name, now, stamp)
  if not marks.holds[name] then marks.hold_names[#marks.hold_names + 1] = name end
  marks.holds[name] = string.format('%015.0f', now) .. stamp
  marks.noted, marks.held[#marks.held + 1] = true, name
end
