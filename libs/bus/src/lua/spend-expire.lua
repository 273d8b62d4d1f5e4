-- spend-expire: a hold nobody settled in time is spent, all of it: the provider may have billed the call.
--
-- Promise: only a hold that is due and still held changes, once. What is used of a cap stays the same.
--
-- KEYS  1 call, 2 holds, 3 spend ledger, 4.. the accounts of the call
-- ARGV  1 call id, 2 now ms
-- Reply {'expired'} {'not-due'}
local call = redis.call
local due = call('ZSCORE', KEYS[2], ARGV[1])
local known = call('HMGET', KEYS[1], 'state', 'amount')
if not due or tonumber(due) > tonumber(ARGV[2]) then return { 'not-due' } end
call('ZREM', KEYS[2], ARGV[1])
if known[1] ~= 'held' then return { 'not-due' } end
for i = 4, #KEYS do
  call('HINCRBY', KEYS[i], 'held', '-' .. known[2])
  call('HINCRBY', KEYS[i], 'spent', known[2])
end
call('HSET', KEYS[1], 'state', 'expired')
call('XADD', KEYS[3], '*', 'type', 'expired', 'at', ARGV[2], 'call', ARGV[1], 'charged', known[2])
return { 'expired' }
