/**
 * What Redis does with the limits, each script in one step. The keys: `limits:since`, when they were last lost
 * and by which server; for each destination `limits:running:…`, permits by the time at which they expire, and
 * `limits:log:…`, permits by the time at which their request is taken to have arrived. Times are milliseconds
 * by the clock of Redis. `decideAdmission` says why it is right; ADMIT is the same in Lua.
 */
const PREAMBLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A server that restarted may have read an old copy of its data, so the limits also count as lost when it is another one.
local function lostAt(key, server)
  local text = redis.call('GET', key)
  if text then
    local who, at = string.match(text, '^(%S*) (%d+)$')
    if who == server and tonumber(at) <= now then return tonumber(at) end
  end
  redis.call('SET', key, server .. ' ' .. string.format('%d', now))
  return now
end
`;

/**
 * Keys: since, then running and log of each request. Arguments: server, holder, lease, arrival, quiet, longest
 * quiet, then for each request count, concurrency, rate's count (0: no rate), its span, number of the first permit.
 * Answers for each request how many it grants, and in how many milliseconds to ask again (-1: nothing was
 * refused, 0: nobody knows).
 */
export const ADMIT = `${PREAMBLE}
local lost = lostAt(KEYS[1], ARGV[1])
local holder, lease, arrival = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local quiet, longest = tonumber(ARGV[5]), tonumber(ARGV[6])

local function admit(running, log, wanted, concurrency, count, span, first)
  local opens = lost + quiet
  if count > 0 then opens = opens + math.min(span, longest) end
  if now < opens then return 0, opens - now end

  redis.call('ZREMRANGEBYSCORE', running, '-inf', now)
  local slots = math.max(0, concurrency - redis.call('ZCARD', running))
  local starts = math.huge
  if count > 0 then
    redis.call('ZREMRANGEBYSCORE', log, '-inf', now - span)
    starts = math.max(0, count - redis.call('ZCARD', log))
  end

  local granted = math.min(wanted, slots, starts)
  for number = first, first + granted - 1 do
    local permit = holder .. '-' .. string.format('%d', number)
    redis.call('ZADD', running, now + lease, permit)
    if count > 0 then redis.call('ZADD', log, now + arrival, permit) end
  end
  if granted > 0 then
    redis.call('PEXPIRE', running, lease)
    if count > 0 then redis.call('PEXPIRE', log, span + arrival) end
  end

  if granted == wanted then return granted, -1 end
  if slots < starts then return granted, 0 end
  local index = redis.call('ZCARD', log) - count
  local leaving = tonumber(redis.call('ZRANGE', log, index, index, 'WITHSCORES')[2])
  return granted, math.min(leaving, now) + span - now
end

local answer = {}
for i = 0, (#KEYS - 1) / 2 - 1 do
  local a = 6 + i * 5
  local granted, waits = admit(KEYS[2 + i * 2], KEYS[3 + i * 2], tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]),
    tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]))
  answer[#answer + 1] = granted
  answer[#answer + 1] = waits
end
return answer
`;

/**
 * Keeps permits for another lease, or registers them anew. Keys: since, running of each permit, log of each
 * arrival. Arguments: server, lease, number of permits, their ids, then for each arrival its permit, how many
 * milliseconds ago it was (negative: will be), and the rate's span.
 */
export const RENEW = `${PREAMBLE}
lostAt(KEYS[1], ARGV[1])
local lease, permits = tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, permits do
  redis.call('ZADD', KEYS[1 + i], now + lease, ARGV[3 + i])
  redis.call('PEXPIRE', KEYS[1 + i], lease)
end
for i = 1, #KEYS - 1 - permits do
  local log, a = KEYS[1 + permits + i], 3 + permits + (i - 1) * 3
  local arrived, span = now - tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  redis.call('ZADD', log, arrived, ARGV[a + 1])
  redis.call('PEXPIRE', log, span + math.max(0, arrived - now))
end
`;

/**
 * Keys: running and log of each permit. Arguments: for each its id, and 1 when its attempt was made. Such a one has
 * arrived by now; \`now\` has lost its fraction, so the next millisecond is meant.
 */
export const RELEASE = `${PREAMBLE}
for i = 0, #KEYS / 2 - 1 do
  local running, log, permit = KEYS[1 + i * 2], KEYS[2 + i * 2], ARGV[1 + i * 2]
  redis.call('ZREM', running, permit)
  if ARGV[2 + i * 2] ~= '1' then
    redis.call('ZREM', log, permit)
  else
    local arrives = tonumber(redis.call('ZSCORE', log, permit) or 0)
    if arrives > now + 1 then redis.call('ZADD', log, now + 1, permit) end
  end
end
`;
