-- Asks for the path given after "--", with each of the tokens in the file given after it in turn.
local requests = {}
local at = 0

function init(args)
    for token in io.lines(args[2]) do
        requests[#requests + 1] = wrk.format("GET", args[1], { Authorization = "Bearer " .. token })
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
