-- spend-rebuild: puts balances that were made again from the ledger in the place of the stored ones.
--
-- Promise: nothing is written if the ledger has grown since it was read, so no booking is lost.
--
-- KEYS  1 spend ledger, 2.. accounts
-- ARGV  1 the id of the last entry read ('' = none), 2 account ttl ms, then per account: held, spent
-- Reply {'moved'} {'rebuilt', position from 0 of each account that was wrong}
local call = redis.call
local last = call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if (last and last[1] or '') ~= ARGV[1] then return { 'moved' } end
local wrong = { 'rebuilt' }
for i = 2, #KEYS do
  local held, spent = ARGV[2 * i - 1], ARGV[2 * i]
  local now = call('HMGET', KEYS[i], 'held', 'spent')
  if (now[1] or '0') ~= held or (now[2] or '0') ~= spent then
    wrong[#wrong + 1] = i - 2
    call('HSET', KEYS[i], 'held', held, 'spent', spent)
    call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return wrong
