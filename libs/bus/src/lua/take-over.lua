-- take-over: claims the oldest entry of an inbox whose holder has been silent for too long.
--
-- Promise: at most one entry changes hands, its delivery count goes up by one and is answered, so that a
-- process killed by an entry raises the count of that entry alone. Pending entries whose content is gone are
-- dropped from the group and reported: they are lost.
--
-- KEYS  1 inbox
-- ARGV  1 group, 2 the claiming consumer, 3 least idle ms
-- Reply {lost ids} or {lost ids, entry id, payload, delivery count}
local call = redis.call
local group, consumer, idle = ARGV[1], ARGV[2], ARGV[3]

local silent = call('XPENDING', KEYS[1], group, 'IDLE', idle, '-', '+', 1)[1]
if not silent then return { {} } end
local claimed = call('XAUTOCLAIM', KEYS[1], group, consumer, idle, silent[1], 'COUNT', 1)
local lost, entry = claimed[3], claimed[2][1]
if not entry then return { lost } end
local pending = call('XPENDING', KEYS[1], group, entry[1], entry[1], 1)[1]
local payload = ''
for i = 1, #entry[2], 2 do
  if entry[2][i] == 'm' then payload = entry[2][i + 1] end
end
return { lost, entry[1], payload, pending[4] }
