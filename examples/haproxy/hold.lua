-- Makes a request wait while its key in the map says "hold", up to a limit:  http-request lua.hold <key> if …
-- The path is the one in the configuration; HAProxy then gives both the same map.
local pointer = Map.new("/etc/haproxy/live.map", Map._str)
local limit_seconds = 5

local function seconds()
  local now = core.now()
  return now.sec + now.usec / 1000000
end

core.register_action("hold", { "http-req" }, function(_, key)
  local limit = seconds() + limit_seconds
  while pointer:lookup(key) == "hold" and seconds() < limit do
    core.msleep(5)
  end
end, 1)
