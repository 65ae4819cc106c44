-- Append tracked events in the global order. Returns the number of the last event.
-- KEYS: the space's prefix. ARGV: idle seconds, events
local about, events, number = KEYS[1] .. 'about', KEYS[1] .. 'events', 0
for index = 2, #ARGV do
  number = redis.call('HINCRBY', about, 'event', 1)
  redis.call('XADD', events, number .. '-0', 'e', ARGV[index])
end
redis.call('EXPIRE', about, tonumber(ARGV[1]))
redis.call('EXPIRE', events, tonumber(ARGV[1]))
return number
