-- One new price a request, each with a name of its own. Arguments: the key, the product.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    local key, product = args[1], args[2]
    made = 0
    head = {
        ["Content-Type"] = "application/json",
        ["Authorization"] = "Api-Key " .. key,
        ["Host"] = wrk.headers["Host"],
    }
    body = '{"product": "' .. product .. '", "name": "Tarif %d-%d", "prix": 12.50, "stock": 300}'
end

function request()
    made = made + 1
    return wrk.format("POST", nil, head, string.format(body, number, made))
end
