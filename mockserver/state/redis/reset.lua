-- Reset a space, even with data of unknown format; keys of all spaces with such data are removed. Sequence numbers continue.
-- KEYS: the space's prefix, set of tests by last use, number of evicted tests, set of claims. ARGV: idle seconds, epoch
local about, lock = KEYS[1] .. 'about', KEYS[1] .. 'lock'
for _, part in ipairs({'counters', 'events', 'snapshot', 'journal'}) do redis.call('UNLINK', KEYS[1] .. part) end
for _, set in ipairs({KEYS[2], KEYS[4]}) do
  if redis.call('TYPE', set).ok ~= 'zset' then redis.call('UNLINK', set) end
end
local evicted = redis.call('TYPE', KEYS[3]).ok == 'string' and redis.call('GET', KEYS[3])
if not string.match(evicted or '', '^%d+$') then redis.call('UNLINK', KEYS[3]) end
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
