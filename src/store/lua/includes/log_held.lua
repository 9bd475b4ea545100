-- Puts on an order's timeline that its automatic refunds are held, by the names of the holds; nothing where there is none.
local function log_held(timeline, now, names)
  if #names == 0 then return end
  log_event(timeline, '{"at":' .. ms_text(now) .. ',"what":"refunds-held","holds":["' .. table.concat(names, '","') .. '"]}')
end
