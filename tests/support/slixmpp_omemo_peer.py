#!/usr/bin/env python3
"""As slixmpp_peer.py, with OMEMO by python3-slixmpp-omemo. Takes one order more:

    {"do": "send_encrypted", "to", "body", "id"}

Its keys live in memory. Its device is published before it says "online"; what
it hears encrypted it tells like any other message, once it could read it.
"""

import asyncio
import sys

from omemo.storage import Just, Nothing, Storage
from slixmpp.plugins import register_plugin
from slixmpp_omemo import XEP_0384

import slixmpp_peer


class Memory(Storage):
    def __init__(self):
        super().__init__()
        self.kept = {}

    async def _load(self, key):
        return Just(self.kept[key]) if key in self.kept else Nothing()

    async def _store(self, key, value):
        self.kept[key] = value

    async def _delete(self, key):
        self.kept.pop(key, None)


class Omemo(XEP_0384):
    name = "xep_0384"

    def plugin_init(self):
        self.memory = Memory()
        super().plugin_init()

    @property
    def storage(self):
        return self.memory

    @property
    def _btbv_enabled(self):
        return True

    async def _devices_blindly_trusted(self, blindly_trusted, identifier):
        pass

    async def _prompt_manual_trust(self, manually_trusted, identifier):
        raise RuntimeError("nobody is here to be asked")


register_plugin(Omemo)


class OmemoPeer(slixmpp_peer.Peer):
    def __init__(self, *given):
        super().__init__(*given)
        self.register_plugin("xep_0380")
        self.register_plugin("xep_0384", module=sys.modules[__name__])

    async def started(self, event):
        await self["xep_0384"].get_session_manager()
        await super().started(event)

    def heard(self, stanza):
        if self["xep_0384"].is_encrypted(stanza):
            asyncio.ensure_future(self.decrypt(stanza))
        else:
            super().heard(stanza)

    async def decrypt(self, stanza):
        message, _ = await self["xep_0384"].decrypt_message(stanza)
        self.tell(message.xml, "")

    async def obey(self, order):
        if order["do"] != "send_encrypted":
            return await super().obey(order)
        message = self.make_message(mto=order["to"], mbody=order["body"], mtype="chat")
        message.set_from(self.boundjid)
        to = slixmpp_peer.slixmpp.JID(order["to"])
        # Whether the lists are announced in time is not what is tested.
        await self["xep_0384"].refresh_device_lists({to, self.boundjid}, force_download=True)
        encrypted, _ = await self["xep_0384"].encrypt_message(message, to)
        for namespace, one in encrypted.items():
            one["id"] = order["id"]
            one["eme"]["namespace"] = namespace
            one["eme"]["name"] = self["xep_0380"].mechanisms[namespace]
            one.send()
        return True


if __name__ == "__main__":
    asyncio.run(slixmpp_peer.main(OmemoPeer))
