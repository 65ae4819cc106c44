-- Claim what a server serves. Returns '' if the other servers of the namespace serve the same, else what they serve.
-- KEYS: the set of claims by time. ARGV: claim (digest, server and text, separated by line feeds), seconds it holds
local time = redis.call('TIME')
local now, digest = tonumber(time[1]), string.match(ARGV[1], '^%S+')
for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - tonumber(ARGV[2]), '+inf')) do
  if string.match(other, '^%S+') ~= digest then return string.match(other, '^%S+\n%S+\n(.*)$') or 'something else' end
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[2]))
return ''
