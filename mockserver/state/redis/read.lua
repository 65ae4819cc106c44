-- Read the journal: the number of dropped entries, then number and text of each entry after a given one.
-- KEYS: the space's prefix. ARGV: the number after which to read
local journal, read = KEYS[1] .. 'journal', {}
local known = redis.call('HMGET', KEYS[1] .. 'about', 'noted', 'cleared')
read[1] = tonumber(known[1] or 0) - tonumber(known[2] or 0) - redis.call('XLEN', journal)
for _, one in ipairs(redis.call('XRANGE', journal, (tonumber(ARGV[1]) + 1) .. '-0', '+')) do
  read[#read + 1] = tonumber(string.match(one[1], '%d+'))
  read[#read + 1] = one[2][2]
end
return read
