-- trim-ledger: removes the oldest ledger entries, never beyond what the caller vouches for.
--
-- Promise: only entries older than both ids go.
--
-- KEYS  1 ledger
-- ARGV  1 wanted first id (ms-seq), 2 watermark (ms-seq): everything from here on must stay
-- Reply how many were removed
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)%-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local wanted_ms, wanted_seq = parts(ARGV[1])
local mark_ms, mark_seq = parts(ARGV[2])
local bound = ARGV[1]
if mark_ms < wanted_ms or (mark_ms == wanted_ms and mark_seq < wanted_seq) then bound = ARGV[2] end
return redis.call('XTRIM', KEYS[1], 'MINID', bound)
