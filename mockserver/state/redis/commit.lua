-- Unlock a space and store its document, if given. Returns the version, or -1 if the lock has another holder.
-- KEYS: the space's prefix. ARGV: idle seconds, the holder of the lock, the document (optional)
local about, lock = KEYS[1] .. 'about', KEYS[1] .. 'lock'
if redis.call('GET', lock) ~= ARGV[2] then return -1 end
redis.call('DEL', lock)
if not ARGV[3] then return tonumber(redis.call('HGET', about, 'version') or 0) end
redis.call('HSET', about, 'document', ARGV[3])
local version = redis.call('HINCRBY', about, 'version', 1)
redis.call('EXPIRE', about, tonumber(ARGV[1]))
return version
