-- spend-switch: stops all spending, or allows it again.
--
-- Promise: once this has answered, no reservation is granted while stopped. The word is kept in the ledger.
--
-- KEYS  1 stop switch, 2 spend ledger
-- ARGV  1 'stopped' or 'resumed', 2 now ms, 3 actor, 4 reason, 5 what the switch holds while stopped (JSON)
-- Reply {'switched'}
if ARGV[1] == 'stopped' then
  redis.call('SET', KEYS[1], ARGV[5])
else
  redis.call('DEL', KEYS[1])
end
redis.call('XADD', KEYS[2], '*', 'type', ARGV[1], 'at', ARGV[2], 'actor', ARGV[3], 'reason', ARGV[4])
return { 'switched' }
