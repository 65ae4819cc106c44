-- Clear the journal. KEYS: prefix of the space
local about = KEYS[1] .. 'about'
redis.call('UNLINK', KEYS[1] .. 'journal')
redis.call('HSET', about, 'cleared', redis.call('HGET', about, 'noted') or 0, 'kept', 0, 'weight', 0)
