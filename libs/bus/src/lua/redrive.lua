-- redrive: moves one dead letter back to the end of its inbox.
--
-- Promise: the letter is in exactly one of the two places; a second call finds nothing to move. It arrives as a
-- new entry, so its delivery count starts again.
--
-- KEYS  1 dead letters, 2 inbox
-- ARGV  1 dead letter id
-- Reply {'redriven', entry id} or {'absent'}
local call = redis.call
local letter = call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return { 'absent' } end
local payload = ''
for i = 1, #letter[2], 2 do
  if letter[2][i] == 'm' then payload = letter[2][i + 1] end
end
local id = call('XADD', KEYS[2], '*', 'm', payload)
call('XDEL', KEYS[1], ARGV[1])
return { 'redriven', id }
