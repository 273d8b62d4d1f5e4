-- commit: the atomic commit of 1..n outcomes of one partition.
--
-- Promise: each outcome is judged on its own, in order, and seen by the next. It is applied as a whole or
-- leaves nothing: all guards are reads and come first, and no write after them can fail. An applied outcome
-- deletes its input, so a second try is fenced.
--   fenced        the input entry is not pending for this consumer with this delivery count
--   stale         the state is not at the expected version (a missing state is version 0)
--   backpressure  a target inbox is over the limit AND longer than the input's own inbox. The second half keeps
--                 a ring of full inboxes from blocking itself: the longest one can always be worked off.
-- Deleting after acknowledging is the whole retention: unacknowledged entries are never trimmed.
--
-- KEYS  1 ledger, 2 index, 3.. whatever the outcomes name by position
-- ARGV  1 group, 2 backpressure limit (0 = none), then per outcome:
--       fields that follow in this outcome
--       input key, entry id, consumer, delivery count
--       state key or 0; if not 0: expected version, new version, value, ttl ms or 0, index score or '', subject
--       how many ledger entries, each entry
--       how many messages, each inbox key and payload
--       how many blobs, each blob key and bytes
-- Reply one array per outcome: {'applied', ledger id...} {'fenced'} {'stale', version} {'backpressure', key position}
local call = redis.call
local group, limit = ARGV[1], tonumber(ARGV[2])

-- Where the messages of an outcome start, given where its state field is.
local function skip_to_messages(at)
  if ARGV[at] ~= '0' then at = at + 6 end
  return at + 2 + tonumber(ARGV[at + 1])
end

local function refusal(at)
  local input = KEYS[tonumber(ARGV[at])]
  local pending = call('XPENDING', input, group, ARGV[at + 1], ARGV[at + 1], 1)[1]
  if not pending or pending[2] ~= ARGV[at + 2] or pending[4] ~= tonumber(ARGV[at + 3]) then
    return { 'fenced' }
  end
  at = at + 4
  if ARGV[at] ~= '0' then
    local version = call('HGET', KEYS[tonumber(ARGV[at])], 'version') or '0'
    if version ~= ARGV[at + 1] then return { 'stale', version } end
  end
  if limit == 0 then return nil end
  local messages = skip_to_messages(at)
  for m = messages + 1, messages + 2 * tonumber(ARGV[messages]), 2 do
    local length = call('XLEN', KEYS[tonumber(ARGV[m])])
    if length > limit and length > call('XLEN', input) then return { 'backpressure', ARGV[m] } end
  end
  return nil
end

local function apply(at)
  local input, id = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
  local reply = { 'applied' }
  at = at + 4
  local state = tonumber(ARGV[at])
  if state ~= 0 then
    call('HSET', KEYS[state], 'version', ARGV[at + 2], 'value', ARGV[at + 3])
    if ARGV[at + 4] ~= '0' then call('PEXPIRE', KEYS[state], ARGV[at + 4]) end
    if ARGV[at + 5] ~= '' then call('ZADD', KEYS[2], ARGV[at + 5], ARGV[at + 6]) end
    at = at + 6
  end
  at = at + 1
  for _ = 1, tonumber(ARGV[at]) do
    at = at + 1
    reply[#reply + 1] = call('XADD', KEYS[1], '*', 'e', ARGV[at])
  end
  at = at + 1
  for _ = 1, tonumber(ARGV[at]) do
    call('XADD', KEYS[tonumber(ARGV[at + 1])], '*', 'm', ARGV[at + 2])
    at = at + 2
  end
  at = at + 1
  for _ = 1, tonumber(ARGV[at]) do
    call('SET', KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], 'NX')
    at = at + 2
  end
  call('XACK', input, group, id)
  call('XDEL', input, id)
  return reply
end

local replies = {}
local at = 3
while ARGV[at] do
  replies[#replies + 1] = refusal(at + 1) or apply(at + 1)
  at = at + 1 + tonumber(ARGV[at])
end
return replies
