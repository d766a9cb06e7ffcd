-- wrk: one order of one ticket with each request, each of another person. usage: … -s benches/orders.lua URL -- EVENT PRICE
local event, price, number = nil, nil, 0
local who = tostring(math.random(1, 1e9))

function init(args)
   event, price = args[1], args[2]
   math.randomseed(os.time())
   who = tostring(math.random(1, 1e9))
end

function request()
   number = number + 1
   local body = string.format(
      '{"email":"p%s-%d@example.org","event":"%s","options":[],"prices":[{"uuid":"%s","qty":1,"customers":[{"first_name":"Ana","last_name":"Payet"}]}]}',
      who, number, event, price)
   return wrk.format("POST", nil, { ["Host"] = wrk.headers["Host"], ["Content-Type"] = "application/json" }, body)
end
