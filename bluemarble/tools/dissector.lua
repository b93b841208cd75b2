-- What every dissector of ours needs: numbers, a reader, the header ciphers, and Wireshark's side of it.
-- bluemarble/tools/lua.py puts the packets between the two halves of this file.

local bits = rawget(_G, "bit32") or rawget(_G, "bit") or load([[return {
    band = function(a, b) return a & b end, bor = function(a, b) return a | b end,
    bxor = function(a, b) return a ~ b end}]])()
local function band(a, b) return bits.band(a or 0, b or 0) end
local function bor(a, b) return bits.bor(a or 0, b or 0) end
local function bxor(a, b) return bits.bxor(a, b) % 4294967296 end
local function shift(value, count) return math.floor((value or 0) % 2 ^ 64 / 2 ^ count) end
local function truth(value) return value ~= nil and value ~= 0 and value ~= false end
local function one_of(values, value) return values[value] or 0 end

-- Reads a string of bytes, and tells `put(depth, name, value, offset, size)` what it finds.
local Reader = {}
Reader.__index = Reader

function Reader.new(bytes, put) return setmetatable({bytes = bytes, at = 1, depth = 0, put = put}, Reader) end

function Reader:take(size)
    if size > #self.bytes - self.at + 1 then error("too short", 0) end
    local from = self.at
    self.at = from + size
    return from
end

function Reader:tell(name, value, from)
    self.put(self.depth, name, value, from - 1, self.at - from)
    return value
end

local function little(bytes, from, size)
    local value = 0
    for i = from + size - 1, from, -1 do value = value * 256 + bytes:byte(i) end
    return value
end

function Reader:number(name, size, signed, big)
    local from = self:take(size)
    local part = self.bytes:sub(from, from + size - 1)
    local value = little(big and part:reverse() or part, 1, size)
    if signed and value >= 2 ^ (8 * size - 1) then value = value - 2 ^ (8 * size) end
    self:tell(name, size < 8 and string.format("%d (0x%X)", value, value % 2 ^ (8 * size))
        or "0x" .. part:reverse():gsub(".", function(c) return string.format("%02X", c:byte()) end), from)
    return value
end

function Reader:f32(name)
    local from = self:take(4)
    local raw = little(self.bytes, from, 4)
    local sign, exponent, mantissa = raw >= 2 ^ 31 and -1 or 1, math.floor(raw / 2 ^ 23) % 256, raw % 2 ^ 23
    local value = exponent == 0 and sign * mantissa * 2 ^ -149 or sign * (1 + mantissa / 2 ^ 23) * 2 ^ (exponent - 127)
    if exponent == 255 then value = mantissa == 0 and sign * math.huge or 0 / 0 end
    return self:tell(name, value, from)
end

function Reader:packed(name)
    local from = self:take(1)
    local mask, value, text = self.bytes:byte(from), 0, ""
    for i = 0, 7 do
        local byte = 0
        if math.floor(mask / 2 ^ i) % 2 == 1 then byte = self.bytes:byte(self:take(1)) end
        value, text = value + byte * 256 ^ i, string.format("%02X", byte) .. text
    end
    self:tell(name, "0x" .. text, from)
    return value
end

function Reader:text(name, limit)
    local from, stop = self.at, self.bytes:find("\0", self.at, true)
    if not stop or stop - from > limit then error("text without end", 0) end
    self.at = stop + 1
    return self:tell(name, self.bytes:sub(from, stop - 1), from)
end

function Reader:sized_text(name, limit)
    local from = self:take(4)
    local size = little(self.bytes, from, 4)
    if size < 1 or size > limit + 1 then error("text too long", 0) end
    local start = self:take(size)
    return self:tell(name, self.bytes:sub(start, start + size - 2), from)
end

function Reader:blob(name, size)
    local from = self:take(size or #self.bytes - self.at + 1)
    return self:tell(name, (self.at - from) .. " bytes", from)
end

function Reader:values(name, words)
    local count = self:number(name .. ": words", 1)
    if count > words then error("too many mask words", 0) end
    local from = self:take(4 * count)
    self:tell(name .. ": mask", (4 * count) .. " bytes", from)
    for index = 0, 32 * count - 1 do
        local byte = self.bytes:byte(from + math.floor(index / 8))
        if math.floor(byte / 2 ^ (index % 8)) % 2 == 1 then self:number(string.format("%s[0x%X]", name, index), 4) end
    end
end

function Reader:record(name, read)
    local from = self.at
    self:tell(name, "", from)
    self.depth = self.depth + 1
    local value = read(self)
    self.depth = self.depth - 1
    return value
end

function Reader:each(name, count, limit, read)
    if count < 0 or count > limit then error("too many " .. name, 0) end
    for i = 1, count do read(self, name .. "[" .. (i - 1) .. "]") end
end

function Reader:to_end(name, limit, leaving, read)
    local i = 0
    while self.at <= #self.bytes - leaving do
        if i == limit then error("too many " .. name, 0) end
        read(self, name .. "[" .. i .. "]")
        i = i + 1
    end
end

local builds = {}

-- PACKETS --

-- Reads a body.  Returns nothing, or what is wrong with it.
local function dissect(build, from_client, opcode, body, put)
    local packets = builds[build][from_client and "client" or "server"]
    local read = packets[opcode]
    local reader = Reader.new(body, put)
    if not read then
        if #body > 0 then reader:blob("undefined") end
        return nil
    end
    local fine, why = pcall(read, reader)
    if not fine then return why end
    if reader.at <= #body then return (#body - reader.at + 1) .. " bytes left over" end
end

local function rotate(value, count)
    value = value % 4294967296
    return (value * 2 ^ count) % 4294967296 + math.floor(value / 2 ^ (32 - count))
end

local function sha1(message)
    local h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}
    local size = #message
    message = message .. "\128" .. ("\0"):rep((55 - size) % 64)
    for i = 7, 0, -1 do message = message .. string.char(math.floor(size * 8 / 256 ^ i) % 256) end
    for block = 1, #message, 64 do
        local w = {}
        for i = 0, 15 do
            local a, b, c, d = message:byte(block + 4 * i, block + 4 * i + 3)
            w[i] = ((a * 256 + b) * 256 + c) * 256 + d
        end
        for i = 16, 79 do w[i] = rotate(bxor(bxor(w[i - 3], w[i - 8]), bxor(w[i - 14], w[i - 16])), 1) end
        local a, b, c, d, e = h[1], h[2], h[3], h[4], h[5]
        for i = 0, 79 do
            local f, k
            if i < 20 then f, k = bxor(d, band(b, bxor(c, d))), 0x5A827999
            elseif i < 40 then f, k = bxor(b, bxor(c, d)), 0x6ED9EBA1
            elseif i < 60 then f, k = bor(band(b, c), band(d, bor(b, c))), 0x8F1BBCDC
            else f, k = bxor(b, bxor(c, d)), 0xCA62C1D6 end
            a, b, c, d, e = (rotate(a, 5) + f % 4294967296 + e + k + w[i]) % 4294967296, a, rotate(b, 30), c, d
        end
        for i, value in ipairs({a, b, c, d, e}) do h[i] = (h[i] + value) % 4294967296 end
    end
    local out = ""
    for _, word in ipairs(h) do
        for i = 3, 0, -1 do out = out .. string.char(math.floor(word / 256 ^ i) % 256) end
    end
    return out
end

local function hmac(key, message)
    key = key .. ("\0"):rep(64 - #key)
    local function padded(with) return (key:gsub(".", function(c) return string.char(bxor(c:byte(), with)) end)) end
    return sha1(padded(0x5C) .. sha1(padded(0x36) .. message))
end

local function unhex(text)
    return (text:gsub("%X", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- A function that deciphers the next bytes.
local function arc4(key)
    local s, i, j = {}, 0, 0
    for n = 0, 255 do s[n] = n end
    for n = 0, 255 do
        j = (j + s[n] + key:byte(n % #key + 1)) % 256
        s[n], s[j] = s[j], s[n]
    end
    j = 0
    local function next_byte()
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        return s[(s[i] + s[j]) % 256]
    end
    for _ = 1, 1024 do next_byte() end
    return function(bytes) return (bytes:gsub(".", function(c) return string.char(bxor(c:byte(), next_byte())) end)) end
end

-- The header cipher of 1.12.1: each byte depends on the last one before it was deciphered.
local function vanilla(key)
    local at, last = 0, 0
    return function(bytes)
        return (bytes:gsub(".", function(c)
            local byte = c:byte()
            local plain = bxor((byte - last) % 256, key:byte(at % #key + 1))
            at, last = at + 1, byte
            return string.char(plain)
        end))
    end
end

local function deciphers(build, key)
    if build == 5875 then return {client = vanilla(key), server = vanilla(key)} end
    return {client = arc4(hmac(unhex("C2B3723CC6AED9B5343C53EE2F4367CE"), key)),
            server = arc4(hmac(unhex("CC98AE04E897EACA12DDC09342915357"), key))}
end

local exported = {builds = builds, dissect = dissect, sha1 = sha1, hmac = hmac, unhex = unhex, deciphers = deciphers}
if not rawget(_G, "Proto") then return exported end

-- From here on, Wireshark.
local world = Proto("bluemarble", "BlueMarble world protocol")
local opcode_field = ProtoField.uint32("bluemarble.opcode", "Opcode", base.HEX)
local name_field = ProtoField.string("bluemarble.name", "Name")
local size_field = ProtoField.uint16("bluemarble.size", "Size")
local wrong_field = ProtoExpert.new("bluemarble.wrong", "Not as its class says", expert.group.MALFORMED,
    expert.severity.ERROR)
world.fields = {opcode_field, name_field, size_field}
world.experts = {wrong_field}
world.prefs.port = Pref.uint("TCP port", 8085, "The world server's port")
world.prefs.build = Pref.uint("Client build", 12340, "12340 or 5875")
world.prefs.key = Pref.string("Session key", "", "40 bytes in hexadecimal, as account.session_key has them")
world.prefs.plain = Pref.bool("Headers in clear", false, "All of them: of a conversation that was deciphered")

local HEAD = {client = 6, server = 4}
local GREETINGS = {["\0\6\236\1"] = true, ["\0\42\236\1"] = true}    -- SMSG_AUTH_CHALLENGE's, of 1.12.1 and 3.3.5a
local tcp_ports = DissectorTable.get("tcp.port")
local port = world.prefs.port
local streams, headers, latest = {}, {}, nil

function world.init() streams, headers, latest = {}, {}, nil end

function world.prefs_changed()
    tcp_ports:remove(port, world)
    port = world.prefs.port
    tcp_ports:add(port, world)
end

local function side_of(pinfo) return pinfo.dst_port == port and "client" or "server" end

-- How far a connection's headers have been deciphered.  Told by its ends, for fields such as tcp.stream are not
-- to be had when Wireshark first reads a capture; the server's greeting begins another one between the same ends.
local function state_of(pinfo, greeted)
    local from_client = side_of(pinfo) == "client"
    local ends = from_client and {pinfo.src, pinfo.src_port, pinfo.dst} or {pinfo.dst, pinfo.dst_port, pinfo.src}
    local name = tostring(ends[1]) .. " " .. ends[2] .. " " .. tostring(ends[3])
    local state = streams[name]
    if not state or greeted and state.waits.server ~= greeted then
        state = {sent = {client = 0, server = 0}, waits = {}}
        streams[name] = state
    end
    return state
end

-- A packet's header in clear, or nil: deciphered once, in order, and then remembered.  Wireshark asks for one
-- again when a packet comes in pieces, and for all of them when it shows a frame a second time, with pieces put
-- together otherwise than at first: only the frame and the bytes themselves say which one is meant.
local function header(buffer, pinfo, offset)
    local side = side_of(pinfo)
    local raw = buffer(offset, HEAD[side]):bytes():raw()
    if world.prefs.plain then return raw end
    local where = pinfo.number .. "/" .. raw
    if pinfo.visited then return headers[where] end
    local state = state_of(pinfo, side == "server" and GREETINGS[raw] and raw)
    if not state.waits[side] then
        local plain = raw
        if state.sent[side] > 0 then
            local key = unhex(world.prefs.key)
            if #key ~= 40 then return nil end
            state.ciphers = state.ciphers or deciphers(world.prefs.build, key)
            plain = state.ciphers[side](raw)
        end
        state.sent[side] = state.sent[side] + 1
        state.waits[side] = plain
    end
    headers[where] = state.waits[side]
    return headers[where]
end

local function size_of(plain) return plain:byte(1) * 256 + plain:byte(2) + 2 end

local function name_of(build, opcode) return builds[build] and builds[build].names[opcode] or "unknown" end

-- A packet's fields below its branch of the tree, and what is wrong with them; the body begins at `head`.
local function show_body(tvb, pinfo, branch, build, from_client, opcode, head)
    local name = name_of(build, opcode)
    local branches = {[0] = branch}
    local body = tvb:len() > head and tvb(head):bytes():raw() or ""
    local wrong = builds[build] and dissect(build, from_client, opcode, body, function(depth, what, value, at, size)
        local range = size > 0 and tvb(head + at, size) or tvb(0, 0)
        branches[depth + 1] = branches[depth]:add(range, what .. ": " .. tostring(value))
    end)
    if wrong then branch:add_proto_expert_info(wrong_field, wrong) end
    pinfo.cols.info:append(" " .. name .. (wrong and " (" .. wrong .. ")" or ""))
end

local function show(tvb, pinfo, tree, plain)
    local side = side_of(pinfo)
    local build = builds[world.prefs.build] and world.prefs.build or 12340
    local opcode = plain:byte(3) + plain:byte(4) * 256
    local branch = tree:add(world, tvb(), name_of(build, opcode))
    branch:add(size_field, tvb(0, 2), size_of(plain) - 2)
    branch:add(opcode_field, tvb(2, 2), opcode)
    branch:add(name_field, tvb(2, 2), name_of(build, opcode))
    show_body(tvb, pinfo, branch, build, side == "client", opcode, HEAD[side])
end

local function size(buffer, pinfo, offset)
    latest = header(buffer, pinfo, offset)
    return latest and math.max(size_of(latest), HEAD[side_of(pinfo)]) or buffer:len() - offset
end

local function one(buffer, pinfo, tree)
    if latest then
        if not world.prefs.plain and not pinfo.visited then state_of(pinfo).waits[side_of(pinfo)] = nil end
        show(buffer, pinfo, tree, latest)
    else
        tree:add(world, buffer(), "enciphered: set the session key")
        pinfo.cols.info:append(" enciphered")
    end
    return buffer:len()
end

function world.dissector(tvb, pinfo, tree)
    pinfo.cols.protocol = "BlueMarble"
    pinfo.cols.info:clear()
    dissect_tcp_pdus(tvb, tree, HEAD[side_of(pinfo)], size, one)
    pinfo.cols.info:fence()
    return tvb:len()
end

tcp_ports:add(port, world)

-- Captures in clear: each frame is one packet behind a head of our own, bluemarble/wire/captures/pcapng.py.
local captured = Proto("bluemarble_captured", "BlueMarble packet")
local build_field = ProtoField.uint32("bluemarble.build", "Build")
local connection_field = ProtoField.uint32("bluemarble.connection", "Connection")
local from_client_field = ProtoField.bool("bluemarble.from_client", "From the client")
local address_field = ProtoField.string("bluemarble.address", "Client's address")
local port_field = ProtoField.uint16("bluemarble.port", "Client's port")
captured.fields = {build_field, connection_field, from_client_field, address_field, port_field}
local FRAME_HEAD = 36
local ADDRESSES = {
    [4] = function(tvb) return tostring(tvb(20, 4):ipv4()) end,
    [6] = function(tvb) return tostring(tvb(20, 16):ipv6()) end,
}

function captured.dissector(tvb, pinfo, tree)
    if tvb:len() < FRAME_HEAD or tvb(0, 4):string() ~= "BMC1" then return 0 end
    local build, connection, opcode = tvb(4, 4):le_uint(), tvb(8, 4):le_uint(), tvb(12, 4):le_uint()
    local from_client, name = tvb(16, 1):uint() == 1, name_of(build, opcode)
    local client, server = "client " .. connection, "server"
    pinfo.cols.protocol = "BlueMarble"
    pinfo.cols.src = from_client and client or server
    pinfo.cols.dst = from_client and server or client
    pinfo.cols.info:clear()
    local branch = tree:add(captured, tvb(), name)
    branch:add_le(build_field, tvb(4, 4))
    branch:add_le(connection_field, tvb(8, 4))
    branch:add_le(opcode_field, tvb(12, 4))
    branch:add(name_field, tvb(12, 4), name)
    branch:add(from_client_field, tvb(16, 1))
    local address = ADDRESSES[tvb(17, 1):uint()]
    if address then
        branch:add(address_field, tvb(20, 16), address(tvb))
        branch:add_le(port_field, tvb(18, 2))
    end
    show_body(tvb, pinfo, branch, build, from_client, opcode, FRAME_HEAD)
    return tvb:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, captured)
return exported
