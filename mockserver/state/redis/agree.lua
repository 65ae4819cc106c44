-- What the servers of a namespace serve: '' where they agree, else what the others serve.
-- KEYS: the hash that says it. ARGV: digest, text, seconds for which an unused claim holds
local known, time = redis.call('HMGET', KEYS[1], 'digest', 'text', 'at'), redis.call('TIME')
local now = tonumber(time[1])
if known[1] and known[1] ~= ARGV[1] and now - (tonumber(known[3]) or 0) < tonumber(ARGV[3]) then
  return known[2] or 'something else'
end
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'text', ARGV[2], 'at', now)
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[3]))
return ''
