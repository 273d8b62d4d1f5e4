-- ingest: takes in a submission exactly once.
--
-- Promise: if any idempotency key is known nothing is appended and the first known id is answered; keys and
-- aliases not yet known then point at that id too. A known key with another digest is a conflict and nothing
-- changes. Otherwise keys, aliases, blobs and messages are all stored before the answer.
--
-- KEYS  idempotency keys, aliases, blobs, one inbox per message (in this order)
-- ARGV  1 id, 2 backpressure limit (0 = none), 3 key ttl ms (0 = never expires),
--       4 how many idempotency keys, 5 aliases, 6 blobs, 7 messages,
--       then: the digest of each idempotency key ('' = none), the bytes of each blob, the payload of each message
-- Reply {'accepted', id} {'duplicate', id} {'conflict', id} {'backpressure', KEYS position of the inbox}
-- Stored under a key: digest|id
local call = redis.call
local id, limit, ttl = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local keys, aliases = tonumber(ARGV[4]), tonumber(ARGV[5])
local blobs, messages = tonumber(ARGV[6]), tonumber(ARGV[7])
local known = nil

for i = 1, keys do
  local stored = call('GET', KEYS[i])
  if stored then
    local bar = string.find(stored, '|', 1, true)
    local digest, owner = string.sub(stored, 1, bar - 1), string.sub(stored, bar + 1)
    local given = ARGV[7 + i]
    if given ~= '' and digest ~= '' and given ~= digest then return { 'conflict', owner } end
    known = known or owner
  end
end

local first_inbox = keys + aliases + blobs
if not known and limit > 0 then
  for i = first_inbox + 1, first_inbox + messages do
    if call('XLEN', KEYS[i]) > limit then return { 'backpressure', i } end
  end
end

for i = 1, keys + aliases do
  local value = (i <= keys and ARGV[7 + i] or '') .. '|' .. (known or id)
  if ttl == '0' then
    call('SET', KEYS[i], value, 'NX')
  else
    call('SET', KEYS[i], value, 'NX', 'PX', ttl)
  end
end
if known then return { 'duplicate', known } end

for i = 1, blobs do
  call('SET', KEYS[keys + aliases + i], ARGV[7 + keys + i], 'NX')
end
for i = 1, messages do
  call('XADD', KEYS[first_inbox + i], '*', 'm', ARGV[7 + keys + blobs + i])
end
return { 'accepted', id }
