-- spend-reserve: books the worst case of a paid call, or refuses it (P7).
--
-- Promise: unless spending is stopped or an account would exceed its limit, the amount is held on every account
-- and the call noted, all or nothing. The same call with the same request again is answered as before and booked
-- once; with another request, or after it was settled or expired, it is refused and nothing changes. No number of
-- parallel callers can get more than a limit holds, because reading and booking are one step.
--
-- KEYS  1 stop switch, 2 call, 3 holds, 4 spend ledger, 5.. accounts
-- ARGV  1 call id, 2 amount micro-dollars, 3 now ms, 4 when the hold expires ms, 5 request (JSON),
--       6 account names (JSON), 7 call ttl ms, 8 account ttl ms, then the limit of each account (-1 = none)
-- Reply {'reserved', used on each account after} {'again'} {'closed'} {'conflict'} {'stopped', why}
--       {'over', account position from 0, used, ...}
local call = redis.call
local amount = tonumber(ARGV[2])
local first, given = 4, 8

local known = call('HMGET', KEYS[2], 'state', 'request')
if known[1] then
  if known[2] ~= ARGV[5] then return { 'conflict' } end
  return { known[1] == 'held' and 'again' or 'closed' }
end
local stop = call('GET', KEYS[1])
if stop then return { 'stopped', stop } end

local over, reserved, fresh = { 'over' }, { 'reserved' }, {}
for i = 1, #KEYS - first do
  local balance = call('HMGET', KEYS[first + i], 'held', 'spent')
  local used = tonumber(balance[1] or '0') + tonumber(balance[2] or '0')
  local limit = tonumber(ARGV[given + i])
  if limit >= 0 and used + amount > limit then
    over[#over + 1] = i - 1
    over[#over + 1] = used
  end
  reserved[#reserved + 1] = used + amount
  fresh[i] = not balance[1]
end
if #over > 1 then return over end

for i = 1, #KEYS - first do
  call('HINCRBY', KEYS[first + i], 'held', ARGV[2])
  if fresh[i] then call('PEXPIRE', KEYS[first + i], ARGV[8]) end
end
call('HSET', KEYS[2], 'state', 'held', 'amount', ARGV[2], 'request', ARGV[5], 'accounts', ARGV[6])
call('PEXPIRE', KEYS[2], ARGV[7])
call('ZADD', KEYS[3], ARGV[4], ARGV[1])
call('XADD', KEYS[4], '*', 'type', 'reserved', 'at', ARGV[3], 'request', ARGV[5], 'accounts', ARGV[6])
return reserved
