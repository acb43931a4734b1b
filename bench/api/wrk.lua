-- Requests of wrk: the paths of a file, each line one, in their order and then from the beginning again.
-- Started as: wrk … --script wrk.lua URL -- FILE

local requests, at = {}, 0

function init(args)
  for path in assert(io.lines(args[1])) do requests[#requests + 1] = wrk.format('GET', path) end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"answers":%d,"seconds":%f,"refused":%d,"failed":%d}\n',
    summary.requests,
    summary.duration / 1e6,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
  io.stdout:flush()
  -- What it has used can be read until its input ends.
  io.read('*a')
end
