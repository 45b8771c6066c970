#!/usr/bin/env python3
"""As slixmpp_peer.py, with OMEMO by python3-slixmpp-omemo, in the form that
everybody speaks (eu.siacs.conversations.axolotl). Takes these orders more:

    {"do": "send_encrypted", "to", "body", "id", "hold"}   hold: keep it until released;
                                               with "kind" and the rest also as a deed
    {"do": "release", "ids"}                   sends what was kept, in this order
    {"do": "damage", "id"}                     changes a byte of what was kept
    {"do": "forget_sessions"}                  loses all sessions, keeps the identity
    {"do": "forget_identity"}                  at the next start: the same device, with other keys
    {"do": "devices", "to"}                    asks for a list of devices
    {"do": "bundle", "to", "device"}           asks for the keys of a device

and says these more:

    {"event": "unreadable", "from", "id", "why"}
    {"event": "keys", "from"}                  keys came, and nothing to be read
    {"event": "counter", "from", "id", "number", "exchange"}   of the ratchet, before it is read
    {"event": "devices", "of", "devices"}
    {"event": "bundle", "of", "device", "pre_keys", "signed", "identity"}
    {"event": "no_bundle", "of", "device"}

Its keys live in the file PEER_KEYS, or in memory without one, so it may be
killed at any moment. Its device is published before it says "online".
"""

import asyncio
import base64
import json
import os
import sys

import oldmemo.oldmemo
from oldmemo import oldmemo_pb2
from omemo.session_manager import BundleNotFound, NoEligibleDevices
from omemo.storage import Just, Nothing, Storage
from slixmpp.plugins import register_plugin
from slixmpp_omemo import XEP_0384, xep_0384

import slixmpp_peer

OMEMO = oldmemo.oldmemo.NAMESPACE
AXOLOTL = f"{{{OMEMO}}}"
MESSAGE = "{jabber:client}message"

make_session_manager = xep_0384._make_session_manager


def only_omemo(*given):
    class Manager(make_session_manager(*given)):
        @classmethod
        async def create(cls, backends, *rest, **named):
            return await super().create([one for one in backends if one.namespace == OMEMO], *rest, **named)
    return Manager


xep_0384._make_session_manager = only_omemo


class Keys(Storage):
    def __init__(self, path):
        super().__init__(disable_cache=True)
        self.path = path
        self.kept = {}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.kept = json.load(file)

    def write(self):
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump(self.kept, file)
            os.rename(self.path + ".new", self.path)

    async def _load(self, key):
        return Just(self.kept[key]) if key in self.kept else Nothing()

    async def _store(self, key, value):
        self.kept[key] = value
        self.write()

    async def _delete(self, key):
        self.kept.pop(key, None)
        self.write()

    def forget_sessions(self):
        gone = ("initiation", "key_exchange", "associated_data", "double_ratchet", "confirmed")
        self.kept = {key: value for key, value in self.kept.items() if not set(key.split("/")) & set(gone)}
        self.write()

    def forget_identity(self, own):
        self.kept = {key: value for key, value in self.kept.items()
                     if key == "/own_device_id" or key.startswith(f"/devices/{own}/")}
        # What it does not know to be published is published anew.
        for key in self.kept:
            if key.endswith("/namespaces"):
                self.kept[key] = []
        self.write()


class Omemo(XEP_0384):
    name = "xep_0384"

    def plugin_init(self):
        self.keys = Keys(os.environ.get("PEER_KEYS"))
        super().plugin_init()

    @property
    def storage(self):
        return self.keys

    async def refresh_device_lists(self, jids, force_download=False):
        # Each time: whether changes are announced in time is not what is tested.
        manager = await self.get_session_manager()
        for jid in jids:
            await manager.refresh_device_list(OMEMO, jid.bare)

    @property
    def _btbv_enabled(self):
        return True

    async def _devices_blindly_trusted(self, blindly_trusted, identifier):
        pass

    async def _prompt_manual_trust(self, manually_trusted, identifier):
        raise RuntimeError("nobody is here to be asked")


register_plugin(Omemo)


def counter(key):
    """Returns the number of a message in its chain."""
    raw = base64.b64decode(key.text)
    if key.get("prekey") in ("true", "1"):
        raw = oldmemo_pb2.OMEMOKeyExchange.FromString(raw[1:]).message
    return oldmemo_pb2.OMEMOMessage.FromString(raw[1:-8]).n


class OmemoPeer(slixmpp_peer.Peer):
    def __init__(self, *given):
        super().__init__(*given)
        self.register_plugin("xep_0380")
        self.register_plugin("xep_0384", module=sys.modules[__name__])
        self.held = {}
        self.in_order = asyncio.Lock()

    async def started(self, event):
        self.manager = await self["xep_0384"].get_session_manager()
        await super().started(event)

    def heard(self, stanza):
        for kind in ("received", "sent"):
            copy = stanza.xml.find(f"{{{slixmpp_peer.CARBONS}}}{kind}/{slixmpp_peer.FORWARD}")
            if copy is not None and copy.find(f"{AXOLOTL}encrypted") is not None:
                asyncio.ensure_future(self.decrypt(slixmpp_peer.slixmpp.Message(xml=copy), kind))
                return
        if stanza.xml.find(f"{AXOLOTL}encrypted") is not None:
            asyncio.ensure_future(self.decrypt(stanza, ""))
        else:
            super().heard(stanza)

    async def decrypt(self, stanza, carbon):
        async with self.in_order:
            sender, reference = stanza.xml.get("from", ""), stanza.xml.get("id", "")
            header = stanza.xml.find(f"{AXOLOTL}encrypted/{AXOLOTL}header")
            own = (await self.manager.get_own_device_information())[0].device_id
            for key in header.findall(f"{AXOLOTL}key"):
                if key.get("rid") == str(own):
                    slixmpp_peer.say(event="counter", **{"from": sender}, id=reference, number=counter(key),
                                     exchange=key.get("prekey") in ("true", "1"))
            try:
                message, _ = await self["xep_0384"].decrypt_message(stanza)
            except Exception as why:
                return slixmpp_peer.say(event="unreadable", **{"from": sender}, id=reference,
                                        why=f"{type(why).__name__}: {why}")
            if stanza.xml.find(f"{AXOLOTL}encrypted/{AXOLOTL}payload") is None:
                return slixmpp_peer.say(event="keys", **{"from": sender})
            self.tell(message.xml, carbon, stanza.xml)

    async def obey(self, order):
        match order["do"]:
            case "send_encrypted":
                async with self.in_order:
                    await self.encrypt(order)
            case "release":
                for reference in order["ids"]:
                    self.held.pop(reference).send()
            case "damage":
                payload = self.held[order["id"]].xml.find(f"{AXOLOTL}encrypted/{AXOLOTL}payload")
                text = bytearray(base64.b64decode(payload.text))
                text[0] ^= 1
                payload.text = base64.b64encode(text).decode()
            case "forget_sessions":
                self["xep_0384"].keys.forget_sessions()
            case "forget_identity":
                self["xep_0384"].keys.forget_identity(self.boundjid.bare)
            case "devices":
                devices = await self.manager._download_device_list(OMEMO, order["to"])
                slixmpp_peer.say(event="devices", of=order["to"], devices=sorted(devices))
            case "bundle":
                of = {"of": order["to"], "device": order["device"]}
                try:
                    bundle = await self.manager._download_bundle(OMEMO, order["to"], order["device"])
                except BundleNotFound:
                    slixmpp_peer.say(event="no_bundle", **of)
                    return True
                slixmpp_peer.say(event="bundle", **of,
                                 pre_keys=len(bundle.bundle.pre_keys), signed=bundle.signed_pre_key_id,
                                 identity=bundle.identity_key.hex())
            case _:
                return await super().obey(order)
        return True

    async def encrypt(self, order):
        # With a kind it does something with a message, by what stands beside it.
        beside = self.deed(order) if "kind" in order else None
        body = order["body"] if beside is None else beside["body"]
        message = self.make_message(mto=order["to"], mbody=body, mtype="chat")
        message.set_from(self.boundjid)
        to = slixmpp_peer.slixmpp.JID(order["to"])
        await self["xep_0384"].refresh_device_lists({self.boundjid})
        for patience in range(20, -1, -1):
            try:
                encrypted, _ = await self["xep_0384"].encrypt_message(message, to)
                break
            except NoEligibleDevices:
                # They may have come online just now.
                if not patience:
                    raise
                await asyncio.sleep(0.5)
        for namespace, one in encrypted.items():
            one["id"] = order["id"]
            if beside is not None:
                one.xml.extend(child for child in beside.xml if child.tag != "{jabber:client}body")
            one["eme"]["namespace"] = namespace
            one["eme"]["name"] = self["xep_0380"].mechanisms[namespace]
            if order.get("hold"):
                self.held[order["id"]] = one
            else:
                one.send()


if __name__ == "__main__":
    asyncio.run(slixmpp_peer.main(OmemoPeer))
