-- Keeps the sets by which an order is found by its buyer: of a card, and of the orders sold to a card and to a customer, by when
-- they were sold (without that they are in neither). `new` nil: the order goes.
local function move_buyer(prefix, id, old, new)
  new = new or { card = 'null', customer_id = 'null', sold = 'null' }
  if old.card ~= new.card then move_lookup(prefix, id, 'card', old.card, new.card) end
  for _, name in ipairs({ 'card', 'customer_id' }) do
    local from, to = old.sold ~= 'null' and old[name] or 'null', new.sold ~= 'null' and new[name] or 'null'
    if from ~= 'null' and from ~= to then redis.call('ZREM', prefix .. 'sold-' .. name .. ':' .. from:sub(2, -2), id) end
    if to ~= 'null' then redis.call('ZADD', prefix .. 'sold-' .. name .. ':' .. to:sub(2, -2), new.sold, id) end
  end
end
