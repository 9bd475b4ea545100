-- Deletes a case with everything kept of it.
-- KEYS  1 case  2 log  3 cases of its order  4 open cases  5 refunds of its order  6 cases  7 cases kept
--       8 onwards: the other sorted sets a case may stand in
-- ARGV  1 case id  2 '1' to keep one that is not finished  3 when one that is kept is looked at again
-- Returns 1 when it is gone, 0 when it was kept or there was none.
-- Keeps: with ARGV[2] an unfinished case stays whole; an order's refunds stay, but for a mere count beside no refund at all.
if ARGV[2] == '1' and redis.call('ZSCORE', KEYS[4], ARGV[1]) then
  redis.call('ZADD', KEYS[7], 'XX', ARGV[3], ARGV[1])
  return 0
end
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
for i = 6, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
if redis.call('EXISTS', KEYS[3]) == 0 and redis.call('HEXISTS', KEYS[5], 'ledger') == 0 then redis.call('DEL', KEYS[5]) end
return redis.call('DEL', KEYS[1], KEYS[2]) > 0 and 1 or 0
