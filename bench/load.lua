-- Sends the lines of a file as bodies, one after the other, beginning at a given line. Prints one line of JSON.
-- With the word "check" it also reads the answers; without it, it only counts them, which costs less.
local requests, turn, threads = {}, 0, {}
refused = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  wrk.headers["Content-Type"] = "application/json"
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
  turn = tonumber(arguments[2]) % #requests
  if arguments[3] == "check" then
    response = function(status, _, body)
      if status ~= 200 or body:find('"errors"', 1, true) then refused = refused + 1 end
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("refused") end
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "failed": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, failed, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
