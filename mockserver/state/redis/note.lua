-- Append entries to the journal and remove the oldest beyond its limits.
-- KEYS: the space's prefix. ARGV: idle seconds, most entries, most bytes, entries
local about, journal = KEYS[1] .. 'about', KEYS[1] .. 'journal'
local weight = tonumber(redis.call('HGET', about, 'weight') or 0)
for index = 4, #ARGV do
  local number = redis.call('HINCRBY', about, 'noted', 1)
  redis.call('XADD', journal, number .. '-0', 'e', ARGV[index])
  weight = weight + #ARGV[index]
end
local length = redis.call('XLEN', journal)
while length > 0 and (length > tonumber(ARGV[2]) or weight > tonumber(ARGV[3])) do
  local oldest = redis.call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', journal, oldest[1])
  weight, length = weight - #oldest[2][2], length - 1
end
redis.call('HSET', about, 'weight', weight)
redis.call('EXPIRE', about, tonumber(ARGV[1]))
redis.call('EXPIRE', journal, tonumber(ARGV[1]))
