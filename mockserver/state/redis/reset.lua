-- Let a space begin anew. Numbers go on.
-- KEYS: the space's prefix. ARGV: idle seconds, epoch
local about = KEYS[1] .. 'about'
local known = redis.call('HMGET', about, 'event', 'noted')
for _, part in ipairs({'counters', 'events', 'snapshot', 'journal'}) do redis.call('UNLINK', KEYS[1] .. part) end
redis.call('HDEL', about, 'document')
redis.call('HSET', about, 'epoch', ARGV[2], 'snapshot', known[1] or 0, 'cleared', known[2] or 0, 'weight', 0)
local version = redis.call('HINCRBY', about, 'version', 1)
redis.call('EXPIRE', about, tonumber(ARGV[1]))
return {version, tonumber(known[1] or 0)}
