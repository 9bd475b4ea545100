-- Keeps what an order is found by beside its references: the set of its card; by when they were sold, the orders of its card, of its
-- last four and of those without a usable card (0 where the time is not known) and of its customer (none without a time); and how
-- many orders each merchant account has. `kept`: the old ones are in every one of these already; version 0.1.0 kept but two of them.
-- `new` nil: the order goes.
local function move_buyer(prefix, id, old, new, kept)
  new = new or { card = 'null', customer_id = 'null', last_4 = 'null', cardless = 'null', merchant = 'null', sold = 'null' }
  if old.card ~= new.card then move_lookup(prefix, id, 'card', old.card, new.card) end
  for _, name in ipairs({ 'card', 'last_4', 'cardless', 'customer_id' }) do
    local from, to = old[name], new[name]
    if name == 'customer_id' then
      if old.sold == 'null' then from = 'null' end
      if new.sold == 'null' then to = 'null' end
    end
    if from ~= 'null' and from ~= to then redis.call('ZREM', prefix .. 'sold-' .. name .. ':' .. from:sub(2, -2), id) end
    if to ~= 'null' and (not kept or from ~= to or old.sold ~= new.sold) then
      redis.call('ZADD', prefix .. 'sold-' .. name .. ':' .. to:sub(2, -2), new.sold ~= 'null' and new.sold or '0', id)
    end
  end
  local accounts, before = prefix .. 'merchant-accounts', kept and old.merchant or 'null'
  if before ~= new.merchant then
    if before ~= 'null' and redis.call('HINCRBY', accounts, before, -1) <= 0 then redis.call('HDEL', accounts, before) end
    if new.merchant ~= 'null' then redis.call('HINCRBY', accounts, new.merchant, 1) end
  end
end
