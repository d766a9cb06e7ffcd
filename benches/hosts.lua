-- The hosts that a file lists, one a line, in turn. Argument: the file.
function init(args)
    requests = {}
    for host in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", nil, { ["Host"] = host })
    end
    at = 0
end

function request()
    at = at % #requests + 1
    return requests[at]
end
