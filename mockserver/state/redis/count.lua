-- Update or read the counter of an API key: `Counter.spend`, `put` and `read` as one atomic step.
-- KEYS: the space's prefix
-- ARGV: idle seconds, the key's id, spend | peek | put, the version of the last change of the clock, window, start and
-- end of the month, month and total used before the first request; then for spend and peek: limit per minute, limit
-- per month (-1: none), counted, enforced, refusals count (each 1 or 0); for put: minute and month used (-1:
-- unchanged)
local counters, id, act = KEYS[1] .. 'counters', ARGV[2], ARGV[3]
local turned, window, from, till = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local kept = redis.call('HGET', counters, id)
local month, total, minute = tonumber(ARGV[8]), tonumber(ARGV[9]), 0
if kept then
  local known = cmsgpack.unpack(kept)
  -- Clocks of machines differ slightly: a window only goes back if the mock's clock was changed.
  local forward = turned > known[1]
  if window > known[2] or (forward and window ~= known[2]) then minute = 0 else minute, window = known[3], known[2] end
  month, total = known[4], known[5]
  if (forward and from ~= known[6]) or from > known[6] then month = 0 else from, till = known[6], known[7] end
  turned = math.max(turned, known[1])
end
local refused = 0
if act == 'put' then
  local used_minute, used_month = tonumber(ARGV[10]), tonumber(ARGV[11])
  if used_minute >= 0 then minute = used_minute end
  if used_month >= 0 then
    total = math.max(used_month, total + used_month - month)
    month = used_month
  end
else
  local per_minute, per_month = tonumber(ARGV[10]), tonumber(ARGV[11])
  local counted, enforced, counts_refused = ARGV[12] == '1', ARGV[13] == '1', ARGV[14] == '1'
  if enforced and per_month >= 0 and month >= per_month then
    refused = 2
  elseif enforced and minute >= per_minute then
    refused = 1
    if counts_refused then month, total = month + 1, total + 1 end
  elseif counted then
    minute, month, total = minute + 1, month + 1, total + 1
  end
end
if act ~= 'peek' then
  redis.call('HSET', counters, id, cmsgpack.pack({turned, window, minute, month, total, from, till}))
  redis.call('EXPIRE', counters, tonumber(ARGV[1]))
end
return {window, minute, month, total, till, refused}
