-- Asks a platform's gate for leave to make a call that is no push.
-- KEYS  1 gate
-- ARGV  1 now in ms ('' = Redis' clock)  2 failures that open the breaker  3 ms between probes
-- Returns {} when the call may go out, else {cause, ms}.
-- Keeps: what `begin-push` keeps: behind an open breaker or a denial one caller at a time gets through.
local cause, ms = enter_gate(KEYS[1], now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
if cause then return { cause, ms_text(ms) } end
return {}
