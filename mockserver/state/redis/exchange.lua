-- One round trip of a space: record what is new in this process, return what is new in the others, count requests.
-- KEYS: prefix of the space, set of tests by last use, number of evicted tests, prefix of all tests
-- ARGV: a question (msgpack), then batches of journal entries, then tracked events
-- The question: idle seconds, test ('' for the server's own space), most tests, epoch for a new space; known epoch,
-- version and event; most entries and bytes of the journal, the number of entries in each batch; whether to count only
-- if the version is the known one; the version in which the clock was last changed, begin and end of the month, and
-- what to count: spend | read | set, key, window, month and total used before the first request, then for spend and
-- read the minute's and the month's limit (-1: none), counted, enforced, refusals count (each 1 or 0); for set the
-- requests used in minute and month (-1: unchanged)
-- Returns epoch, version, document, snapshot, number of the last event before these, events, and what was counted
local question = cmsgpack.unpack(ARGV[1])
local idle, test, most_tests, new_epoch = question[1], question[2], question[3], question[4]
local parts = {'about', 'counters', 'events', 'snapshot', 'journal'}
local about, counters, journal = KEYS[1] .. 'about', KEYS[1] .. 'counters', KEYS[1] .. 'journal'
local known = redis.call('HMGET', about, 'epoch', 'version', 'event', 'snapshot', 'document', 'noted', 'kept', 'weight')
local is_new = not known[1]
local epoch = known[1] or new_epoch
-- The first write is one that a full Redis refuses: after any other it would let all of them through.
redis.call('HSET', about, 'epoch', epoch)

if test ~= '' then
  local time = redis.call('TIME')
  local now = time[1] + time[2] / 1000000
  if is_new then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - idle)
    redis.call('ZREM', KEYS[2], test)
    while redis.call('ZCARD', KEYS[2]) >= most_tests do
      local gone = KEYS[4] .. redis.call('ZPOPMIN', KEYS[2])[1] .. ':'
      for _, part in ipairs(parts) do redis.call('UNLINK', gone .. part) end
      redis.call('INCR', KEYS[3])
    end
  end
  redis.call('ZADD', KEYS[2], now, test)
  redis.call('EXPIRE', KEYS[2], idle)
  redis.call('EXPIRE', KEYS[3], idle)
end

local sizes, argument = question[10], 2
if #sizes > 0 then
  local noted, kept, weight = tonumber(known[6] or 0), tonumber(known[7] or 0), tonumber(known[8] or 0)
  for _, size in ipairs(sizes) do
    noted, kept, weight = noted + size, kept + size, weight + #ARGV[argument]
    redis.call('XADD', journal, noted .. '-0', 'n', size, 'e', ARGV[argument])
    argument = argument + 1
  end
  while true do
    local oldest = redis.call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
    if not oldest then break end
    local size = tonumber(oldest[2][2])
    if kept - size < question[8] and weight <= question[9] then break end
    redis.call('XDEL', journal, oldest[1])
    kept, weight = kept - size, weight - #oldest[2][4]
  end
  redis.call('HSET', about, 'noted', noted, 'kept', kept, 'weight', weight)
end
local event = tonumber(known[3] or 0)
if argument <= #ARGV then
  for index = argument, #ARGV do
    event = event + 1
    redis.call('XADD', KEYS[1] .. 'events', event .. '-0', 'e', ARGV[index])
  end
  redis.call('HSET', about, 'event', event)
end

local version, before = tonumber(known[2] or 0), tonumber(known[4] or 0)
local same = epoch == question[5]
local seen = same and question[7] or 0
local document, snapshot, events = false, false, {}
if not same or version ~= question[6] then document = known[5] or '' end
if seen < before then
  snapshot = redis.call('GET', KEYS[1] .. 'snapshot') or ''
  seen = before
end
if seen < event then
  for _, one in ipairs(redis.call('XRANGE', KEYS[1] .. 'events', (seen + 1) .. '-0', '+')) do
    events[#events + 1] = one[2][2]
  end
end

local counted, items = false, question[15]
if #items > 0 and (not question[11] or (same and version == question[6])) then
  local turned, from, till = question[12], question[13], question[14]
  local found, changed, results = {}, {}, {}
  for index, item in ipairs(items) do
    local act, id, window = item[1], item[2], item[3]
    local counter = found[id]
    if not counter then
      local text = redis.call('HGET', counters, id)
      counter = text and cmsgpack.unpack(text) or {turned, window, 0, item[4], item[5], from, till}
      found[id] = counter
    end
    local minute, month, total, first, last = counter[3], counter[4], counter[5], counter[6], counter[7]
    -- Clocks of several machines differ a little: a window goes back only if somebody changed the clock.
    local forward = turned > counter[1]
    if window > counter[2] or (forward and window ~= counter[2]) then minute = 0 else window = counter[2] end
    if from > first or (forward and from ~= first) then month, first, last = 0, from, till end
    local refused = 0
    if act == 'set' then
      if item[6] >= 0 then minute = item[6] end
      if item[7] >= 0 then
        total = math.max(item[7], total + item[7] - month)
        month = item[7]
      end
    elseif item[9] == 1 and item[7] >= 0 and month >= item[7] then
      refused = 2
    elseif item[9] == 1 and minute >= item[6] then
      refused = 1
      if item[10] == 1 then month, total = month + 1, total + 1 end
    elseif item[8] == 1 then
      minute, month, total = minute + 1, month + 1, total + 1
    end
    if act ~= 'read' then
      found[id] = {math.max(turned, counter[1]), window, minute, month, total, first, last}
      changed[id] = true
    end
    results[index] = {window, minute, month, total, last, refused}
  end
  for id in pairs(changed) do redis.call('HSET', counters, id, cmsgpack.pack(found[id])) end
  counted = cmsgpack.pack(results)
end
for _, part in ipairs(parts) do redis.call('EXPIRE', KEYS[1] .. part, idle) end
return {epoch, version, document, snapshot, seen, events, counted}
