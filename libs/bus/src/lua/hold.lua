-- hold: a holder's sign of life for its entries, or their return.
--
-- Promise: entries still held by this consumer with this delivery count get the idle time given and the
-- delivery count plus the change given; all others are left alone. A plain XCLAIM would steal them back.
--
-- KEYS  1 inbox
-- ARGV  1 group, 2 consumer, 3 idle ms to set (0 = sign of life, large = due at once), 4 change of the delivery
--       count (0, or -1 for an entry handed back unrun), then pairs: entry id, delivery count
-- Reply one 1 (held) or 0 (not the caller's any more) per pair
local call = redis.call
local group, consumer, idle, change = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local replies = {}
for i = 5, #ARGV, 2 do
  local pending = call('XPENDING', KEYS[1], group, ARGV[i], ARGV[i], 1)[1]
  if pending and pending[2] == consumer and pending[4] == tonumber(ARGV[i + 1]) then
    call('XCLAIM', KEYS[1], group, consumer, 0, ARGV[i], 'IDLE', idle,
      'RETRYCOUNT', pending[4] + change, 'JUSTID')
    replies[#replies + 1] = 1
  else
    replies[#replies + 1] = 0
  end
end
return replies
