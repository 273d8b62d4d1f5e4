-- leave: removes a consumer that holds nothing.
--
-- Promise: a consumer with pending entries stays, because removing it would take its entries out of reach of
-- every other consumer.
--
-- KEYS  1 inbox
-- ARGV  1 group, 2 consumer
-- Reply 1 removed, 0 kept
if redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1] then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
