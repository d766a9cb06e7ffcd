-- The same document to each connection: argument 1.
function init(args)
    local document = args[1]:gsub('"', '\\"')
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = '{"query": "' .. document .. '"}'
end
