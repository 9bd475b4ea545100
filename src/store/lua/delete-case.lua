-- Deletes a case with everything kept of it.
-- KEYS  1 case  2 log  3 open cases  4 refunds of its order  5 onwards: the sets it is in, plain ones first; the first is its order's cases
-- ARGV  1 case id  2 '1' to keep one that is not finished  3 when one that is kept is looked at again  4 how many of the sets are plain
-- Returns 1 when it is gone, 0 when it was kept or there was none.
-- Keeps: with ARGV[2] an unfinished case stays whole; an order's refunds stay, but for a mere count beside no refund at all.
local case, log, open, refunds, ofOrder = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, keepsOpen, againAt, plain = ARGV[1], ARGV[2] == '1', ARGV[3], tonumber(ARGV[4])
local FIRST, KEPT = 5, 4 + plain + 2
if keepsOpen and redis.call('ZSCORE', open, id) then
  redis.call('ZADD', KEYS[KEPT], 'XX', againAt, id)
  return 0
end
redis.call('ZREM', open, id)
for i = FIRST, #KEYS do redis.call(i < FIRST + plain and 'SREM' or 'ZREM', KEYS[i], id) end
if redis.call('EXISTS', ofOrder) == 0 and redis.call('HEXISTS', refunds, 'ledger') == 0 then redis.call('DEL', refunds) end
return redis.call('DEL', case, log) > 0 and 1 or 0
