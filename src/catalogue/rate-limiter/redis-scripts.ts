/**
 * For each algorithm a script that Redis runs as a whole. KEYS are the counters; ARGV has for each of them how many calls
 * may pass, seconds of the window, and a name that no other call has. Each counter gives whether the call may pass, how
 * many may follow, and milliseconds until more may. The data are those of ContextForge's limiter, so that both can count
 * together: a number that expires, a sorted set of seconds, a hash of `tokens` and `last_refill`.
 */
export const redisScripts = {
  fixed_window: `
    local verdicts = {}
    for index, key in ipairs(KEYS) do
      local most, window = tonumber(ARGV[index * 3 - 2]), ARGV[index * 3 - 1]
      local count = redis.call('INCR', key)
      if count == 1 or redis.call('PTTL', key) < 0 then redis.call('EXPIRE', key, window) end
      verdicts[index] = { count <= most and 1 or 0, math.max(most - count, 0), redis.call('PTTL', key) }
    end
    return verdicts`,
  sliding_window: `
    local time = redis.call('TIME')
    local now = time[1] + time[2] / 1000000
    local verdicts = {}
    for index, key in ipairs(KEYS) do
      local most, window = tonumber(ARGV[index * 3 - 2]), tonumber(ARGV[index * 3 - 1])
      redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.6f', now - window))
      local count = redis.call('ZCARD', key)
      local passes = count < most
      if passes then
        redis.call('ZADD', key, string.format('%.6f', now), ARGV[index * 3])
        count = count + 1
      end
      redis.call('EXPIRE', key, window + 1)
      local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
      verdicts[index] = { passes and 1 or 0, math.max(most - count, 0), math.ceil((first + window - now) * 1000) }
    end
    return verdicts`,
  token_bucket: `
    local time = redis.call('TIME')
    local now = time[1] + time[2] / 1000000
    local verdicts = {}
    for index, key in ipairs(KEYS) do
      local most, window = tonumber(ARGV[index * 3 - 2]), tonumber(ARGV[index * 3 - 1])
      local kept = redis.call('HMGET', key, 'tokens', 'last_refill')
      local tokens = tonumber(kept[1] or most)
      local since = math.max(now - tonumber(kept[2] or now), 0)
      tokens = math.min(most, tokens + since * most / window)
      local passes = tokens >= 1
      if passes then tokens = tokens - 1 end
      local full = (most - tokens) * window / most
      redis.call('HSET', key, 'tokens', string.format('%.9f', tokens), 'last_refill', string.format('%.6f', now))
      redis.call('EXPIRE', key, math.ceil(full) + 1)
      local wait = passes and full or (1 - tokens) * window / most
      verdicts[index] = { passes and 1 or 0, math.floor(tokens), math.ceil(wait * 1000) }
    end
    return verdicts`,
} as const;
