-- retry: begins the next delivery of an entry to the consumer that holds it.
--
-- Promise: if the entry is held by this consumer with this delivery count the count goes up by one, the idle
-- clock restarts, and claims with the old count are void. Otherwise nothing changes. The caller has already
-- waited out its backoff, holding the entry; if it died meanwhile the entry was taken over instead.
--
-- KEYS  1 inbox
-- ARGV  1 group, 2 consumer, 3 entry id, 4 delivery count
-- Reply {'retried', new delivery count} or {'fenced'}
local call = redis.call
local group, consumer, id = ARGV[1], ARGV[2], ARGV[3]
local pending = call('XPENDING', KEYS[1], group, id, id, 1)[1]
if not pending or pending[2] ~= consumer or pending[4] ~= tonumber(ARGV[4]) then
  return { 'fenced' }
end
call('XCLAIM', KEYS[1], group, consumer, 0, id, 'RETRYCOUNT', pending[4] + 1, 'JUSTID')
return { 'retried', pending[4] + 1 }
