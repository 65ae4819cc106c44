-- Read the journal: the last number and how many entries were dropped, then each batch after a number: the number of its
-- last entry, and its text. For 'size' only how many entries there are.
-- KEYS: prefix of the space. ARGV: the number, or 'size'; most entries
local journal = KEYS[1] .. 'journal'
local known = redis.call('HMGET', KEYS[1] .. 'about', 'noted', 'cleared', 'kept')
local noted = tonumber(known[1] or 0)
local size = math.min(tonumber(known[3] or 0), tonumber(ARGV[2]))
if ARGV[1] == 'size' then return {size} end
local read = {noted, noted - tonumber(known[2] or 0) - size}
for _, one in ipairs(redis.call('XRANGE', journal, (tonumber(ARGV[1]) + 1) .. '-0', '+')) do
  read[#read + 1] = tonumber(string.match(one[1], '%d+'))
  read[#read + 1] = one[2][4]
end
return read
