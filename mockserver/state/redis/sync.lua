-- Return the changes of a space since the caller's last call; create the space if missing.
-- KEYS: the space's prefix, the set of tests by last use, the count of evicted ones, the prefix of tests
-- ARGV: idle seconds, test ('' the server's own), maximum of tests, an epoch for a new space, then the epoch, version
-- and event that the caller knows
local parts = {'about', 'counters', 'events', 'snapshot', 'journal'}
local about, idle, test = KEYS[1] .. 'about', tonumber(ARGV[1]), ARGV[2]
local known = redis.call('HMGET', about, 'epoch', 'version', 'event', 'snapshot', 'document')
if test ~= '' then
  local time = redis.call('TIME')
  local now = time[1] + time[2] / 1000000
  if not known[1] then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - idle)
    redis.call('ZREM', KEYS[2], test)
    while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) do
      local gone = KEYS[4] .. redis.call('ZPOPMIN', KEYS[2])[1] .. ':'
      for _, part in ipairs(parts) do redis.call('UNLINK', gone .. part) end
      redis.call('INCR', KEYS[3])
    end
  end
  redis.call('ZADD', KEYS[2], now, test)
  redis.call('EXPIRE', KEYS[2], idle)
  redis.call('EXPIRE', KEYS[3], idle)
end
if not known[1] then
  known[1] = ARGV[4]
  redis.call('HSET', about, 'epoch', known[1])
end
for _, part in ipairs(parts) do redis.call('EXPIRE', KEYS[1] .. part, idle) end
local version, event, kept = tonumber(known[2] or 0), tonumber(known[3] or 0), tonumber(known[4] or 0)
local same = known[1] == ARGV[5]
local seen = same and tonumber(ARGV[7]) or 0
local document, snapshot, events = false, false, {}
if not same or version ~= tonumber(ARGV[6]) then document = known[5] or '' end
if seen < kept then
  snapshot = redis.call('GET', KEYS[1] .. 'snapshot') or ''
  seen = kept
end
if seen < event then
  for _, one in ipairs(redis.call('XRANGE', KEYS[1] .. 'events', (seen + 1) .. '-0', '+')) do
    events[#events + 1] = one[2][2]
  end
end
return {known[1], version, document, snapshot, seen, events}
