-- dead-letter: takes an entry nobody could process out of its inbox, keeping everything about it.
--
-- Promise: if the entry is held by this consumer with this delivery count it is copied to the dead letters and
-- leaves the inbox in one step; otherwise nothing changes.
--
-- KEYS  1 inbox, 2 dead letters
-- ARGV  1 group, 2 consumer, 3 entry id, 4 delivery count, 5 error, 6 now (ms since the epoch)
-- Reply {'buried', dead letter id} or {'fenced'}
local call = redis.call
local group, consumer, id = ARGV[1], ARGV[2], ARGV[3]
local pending = call('XPENDING', KEYS[1], group, id, id, 1)[1]
if not pending or pending[2] ~= consumer or pending[4] ~= tonumber(ARGV[4]) then
  return { 'fenced' }
end
local payload = ''
local entry = call('XRANGE', KEYS[1], id, id)[1]
if entry then
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'm' then payload = entry[2][i + 1] end
  end
end
local letter = call('XADD', KEYS[2], '*', 'm', payload, 'error', ARGV[5], 'deliveries', ARGV[4],
  'origin', id, 'at', ARGV[6])
call('XACK', KEYS[1], group, id)
call('XDEL', KEYS[1], id)
return { 'buried', letter }
