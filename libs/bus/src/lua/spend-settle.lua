-- spend-settle: turns a hold into what the call really cost.
--
-- Promise: the first settlement of a call counts, every other changes nothing. A hold becomes the actual amount,
-- or all of it when none is reported; what expired is not given back, but a call that cost more than was held is
-- booked in full, so that the books never show less than may be billed.
--
-- KEYS  1 call, 2 holds, 3 spend ledger, 4.. the accounts of the call
-- ARGV  1 call id, 2 actual micro-dollars ('' = not reported), 3 now ms
-- Reply {'settled', held, charged} {'again'} {'unknown'}
local call = redis.call
local known = call('HMGET', KEYS[1], 'state', 'amount')
local state = known[1]
if not state then return { 'unknown' } end
if state == 'settled' then return { 'again' } end
local held = tonumber(known[2])
local charged = ARGV[2] == '' and held or tonumber(ARGV[2])
if state == 'expired' then charged = math.max(charged, held) end

local release = state == 'held' and -held or 0
local spend = state == 'held' and charged or charged - held
for i = 4, #KEYS do
  call('HINCRBY', KEYS[i], 'held', string.format('%.0f', release))
  call('HINCRBY', KEYS[i], 'spent', string.format('%.0f', spend))
end
call('HSET', KEYS[1], 'state', 'settled')
call('ZREM', KEYS[2], ARGV[1])
local text = string.format('%.0f', charged)
call('XADD', KEYS[3], '*', 'type', 'settled', 'at', ARGV[3], 'call', ARGV[1], 'charged', text)
return { 'settled', string.format('%.0f', held), text }
