-- Claim what the servers of a namespace serve. Returns '' if they agree, else what the others serve.
-- KEYS: the hash of the claim. ARGV: digest, text, seconds until an unrenewed claim expires
local known, time = redis.call('HMGET', KEYS[1], 'digest', 'text', 'at'), redis.call('TIME')
local now = tonumber(time[1])
if known[1] and known[1] ~= ARGV[1] and now - (tonumber(known[3]) or 0) < tonumber(ARGV[3]) then
  return known[2] or 'something else'
end
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'text', ARGV[2], 'at', now)
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[3]))
return ''
