-- Reset a space, even with data of unknown format. Sequence numbers continue.
-- KEYS: the space's prefix. ARGV: idle seconds, epoch
local about, lock = KEYS[1] .. 'about', KEYS[1] .. 'lock'
for _, part in ipairs({'counters', 'events', 'snapshot', 'journal'}) do redis.call('UNLINK', KEYS[1] .. part) end
if redis.call('PTTL', lock) == -1 then redis.call('UNLINK', lock) end
if redis.call('TYPE', about).ok ~= 'hash' then redis.call('UNLINK', about) end
local known = redis.call('HMGET', about, 'event', 'noted', 'version')
local event, noted = tonumber(known[1]) or 0, tonumber(known[2]) or 0
local version = (tonumber(known[3]) or 0) + 1
redis.call('UNLINK', about)
redis.call('HSET', about, 'epoch', ARGV[2], 'event', event, 'snapshot', event, 'noted', noted, 'cleared', noted,
  'weight', 0, 'version', version)
redis.call('EXPIRE', about, tonumber(ARGV[1]))
return {version, event}
