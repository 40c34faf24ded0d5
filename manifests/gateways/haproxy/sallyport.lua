-- Asks Sallyport about a request (HAProxy 2.6 or later):
--   http-request lua.sallyport http://sallyport:4180/oauth2/check/haproxy
-- 200 lets it through with the identity headers of the answer; every other answer goes to the client
-- as it is. Whatever goes wrong is a 503.

-- What Sallyport reads of the client's request.
local asked = {
  'cookie', 'authorization', 'accept', 'origin', 'referer', 'user-agent', 'upgrade', 'x-request-id',
  'x-requested-with', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-purpose', 'sec-websocket-key',
}

-- What the app reads: Sallyport's word or absent, whatever the client sent and however it is spelt.
local identity = '^x%-auth%-request%-'

-- HAProxy's own to set.
local framing = { connection = true, ['content-length'] = true, ['transfer-encoding'] = true }

local function question(txn)
  local scheme = txn.f:ssl_fc() == 1 and 'https' or 'http'
  local headers = {
    ['x-original-url'] = { scheme .. '://' .. txn.sf:req_fhdr('host') .. txn.sf:pathq() },
    ['x-original-method'] = { txn.sf:method() },
    ['x-forwarded-for'] = { txn.sf:src() },
  }
  for _, name in ipairs(asked) do
    local value = txn.sf:req_fhdr(name)
    if value ~= '' then headers[name] = { value } end
  end
  return headers
end

local function allow(txn, answer)
  for name in pairs(txn.http:req_get_headers()) do
    if name:lower():gsub('[^%w]', '-'):find(identity) then txn.http:req_del_header(name) end
  end
  for name, values in pairs(answer.headers) do
    if name:find(identity) then
      for _, value in pairs(values) do txn.http:req_set_header(name, value) end
    elseif name == 'set-cookie' then
      -- The cookie store renews its cookie when it refreshes.
      for _, value in pairs(values) do txn:set_var('txn.sallyport_cookie', value) end
    end
  end
end

local function refuse(txn, answer)
  local reply = txn:reply({ status = answer.status })
  for name, values in pairs(answer.headers or {}) do
    if not framing[name] then
      for _, value in pairs(values) do reply:add_header(name, value) end
    end
  end
  reply:set_body(answer.body or '')
  txn:done(reply)
end

local function sallyport(txn, url)
  local client = core.httpclient()
  local request = { url = url, headers = question(txn), timeout = 10000 }
  local ok, answer = pcall(function() return client:get(request) end)
  if not ok or not answer or not answer.status or answer.status < 200 then
    answer = { status = 503 }
  end
  if answer.status == 200 then allow(txn, answer) else refuse(txn, answer) end
end

core.register_action('sallyport', { 'http-req' }, sallyport, 1)
