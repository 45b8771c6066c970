-- Fills the archives (XEP-0313) with conversations that never happened.
--
-- Reads the file named by the option "stonechat_history", a JSON list of
-- { from, to, body, time, id }, and appends each message to the archive of
-- everyone in it who lives here, by the same door that mod_mam uses. Then the
-- file is renamed, which tells whoever wrote it that the archives are filled.
-- Read at the start and whenever the configuration is read again (SIGHUP).

local json = require "prosody.util.json";
local st = require "prosody.util.stanza";
local jid_split = require "prosody.util.jid".split;

local archive = module:open_store(module:get_option_string("archive_store", "archive"), "archive");

local function stanza_of(message)
	return st.message({ from = message.from, to = message.to, type = "chat", id = message.id }, message.body)
		:tag("origin-id", { xmlns = "urn:xmpp:sid:0", id = message.id }):up()
		:tag("markable", { xmlns = "urn:xmpp:chat-markers:0" }):up();
end

local function keep(owner, with, message)
	local user, host = jid_split(owner);
	if host ~= module.host then return; end
	assert(archive:append(user, nil, stanza_of(message), message.time, with));
end

local function read_history()
	local path = module:get_option_string("stonechat_history");
	local file = path and io.open(path);
	if not file then return; end
	local messages = assert(json.decode(file:read("*a")), "the history is not JSON");
	file:close();
	for _, message in ipairs(messages) do
		keep(message.from, message.to, message);
		keep(message.to, message.from, message);
	end
	assert(os.rename(path, path .. ".done"));
	module:log("info", "%d messages put into the archives", #messages);
end

read_history();
module:hook_global("config-reloaded", read_history);
