-- Store a snapshot of the events up to a number, and remove these events.
-- KEYS: the space's prefix. ARGV: idle seconds, epoch, the number, the snapshot
local about, number = KEYS[1] .. 'about', tonumber(ARGV[3])
local known = redis.call('HMGET', about, 'epoch', 'snapshot')
if known[1] ~= ARGV[2] or number <= tonumber(known[2] or 0) then return 0 end
redis.call('SET', KEYS[1] .. 'snapshot', ARGV[4], 'EX', tonumber(ARGV[1]))
redis.call('HSET', about, 'snapshot', number)
redis.call('XTRIM', KEYS[1] .. 'events', 'MINID', (number + 1) .. '-0')
return 1
