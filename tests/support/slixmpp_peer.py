#!/usr/bin/env python3
"""A chat client that is not ours (python3-slixmpp), driven by JSON lines.

    slixmpp_peer.py ADDRESS HOST PORT CA [RESOURCE]       (password in PEER_PASSWORD)

Says on stdout what happens, one JSON object a line:

    {"event": "online", "address": full}        signed in, presence sent
    {"event": "failed", "why": …}               could not sign in
    {"event": "message", "from", "id", "body", "wants_receipt", "markable", "carbon"}
    {"event": "deed", "kind", "from", "id", "target", "body", "quoted", "emoji"}
                                                something is done with a message: answer,
                                                react, correct, retract
    {"event": "receipt", "from", "id"}          XEP-0184
    {"event": "marker", "from", "id", "name"}   XEP-0333: received, displayed
    {"event": "typing", "from", "state"}        XEP-0085
    {"event": "presence", "from", "type"}       RFC 6121 §4: available, unavailable, …
    {"event": "error", "from", "id", "condition"}
    {"event": "offline"}

and takes on stdin:

    {"do": "send", "to", "body", "id", "markable"}   asks for a receipt
    {"do": "deed", "kind", "to", "id", "target", "body", "quoted", "emoji"}
    {"do": "receipt" | "displayed", "to", "id"}
    {"do": "typing", "to", "state"}
    {"do": "carbons"}                                 switches them on (XEP-0280)
    {"do": "raw", "xml"}
    {"do": "leave"}

It answers nothing by itself but receipts, when PEER_RECEIPTS is 1.
"""

import asyncio
import json
import os
import ssl
import sys
from xml.etree import ElementTree

import slixmpp

RECEIPTS = "urn:xmpp:receipts"
MARKERS = "urn:xmpp:chat-markers:0"
STATES = "http://jabber.org/protocol/chatstates"
CARBONS = "urn:xmpp:carbons:2"
DEEDS = (
    ("answer", "{urn:xmpp:reply:0}reply", "reply"),
    ("react", "{urn:xmpp:reactions:0}reactions", "reactions"),
    ("correct", "{urn:xmpp:message-correct:0}replace", "replace"),
    ("retract", "{urn:xmpp:message-retract:1}retract", "retract"),
)
FORWARD = "{urn:xmpp:forward:0}forwarded/{jabber:client}message"


def say(**what):
    print(json.dumps(what), flush=True)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, address, password, ca):
        super().__init__(address, password)
        self.receipts = os.environ.get("PEER_RECEIPTS") == "1"
        self.ca_certs = ca
        self.enable_direct_tls = False
        self.register_plugin("xep_0199")
        # What is done with messages is written and read by its own means.
        for plugin in ("xep_0308", "xep_0424", "xep_0428", "xep_0444", "xep_0461"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("disconnected", lambda *_: say(event="offline"))
        for name in ("failed_all_auth", "ssl_invalid_chain", "connection_failed"):
            self.add_event_handler(name, lambda why, name=name: say(event="failed", why=f"{name}: {why}"))
        self.add_event_handler("presence", lambda stanza: say(
            event="presence", **{"from": stanza["from"].full}, type=stanza["type"]))
        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "messages", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message"), self.heard))

    async def started(self, _):
        self.send_presence()
        await self.get_roster()
        say(event="online", address=self.boundjid.full)

    def heard(self, stanza):
        message = stanza.xml
        for kind in ("received", "sent"):
            copy = message.find(f"{{{CARBONS}}}{kind}/{FORWARD}")
            if copy is not None:
                return self.tell(copy, kind)
        self.tell(message, "")

    def tell(self, message, carbon, around=None):
        sender, reference = message.get("from", ""), message.get("id", "")
        body = message.find("{jabber:client}body")
        if message.get("type") == "error":
            reason = message.find("{jabber:client}error")
            condition = next((one.tag.split("}")[1] for one in reason), "") if reason is not None else ""
            return say(event="error", **{"from": sender}, id=reference, condition=condition)
        self.tell_deeds(message if around is None else around, "" if body is None else body.text or "")
        wants = message.find(f"{{{RECEIPTS}}}request") is not None
        if body is not None:
            say(event="message", **{"from": sender}, to=message.get("to", ""), id=reference, body=body.text or "",
                wants_receipt=wants, markable=message.find(f"{{{MARKERS}}}markable") is not None, carbon=carbon,
                delayed=message.find("{urn:xmpp:delay}delay") is not None)
            if wants and not carbon and self.receipts:
                self.element(sender, f"{{{RECEIPTS}}}received", id=reference)
        for one in message:
            space, name = one.tag[1:].split("}")
            if space == RECEIPTS and name == "received":
                say(event="receipt", **{"from": sender}, id=one.get("id"), carbon=carbon)
            elif space == MARKERS and name != "markable":
                say(event="marker", **{"from": sender}, id=one.get("id"), name=name, carbon=carbon)
            elif space == STATES:
                say(event="typing", **{"from": sender}, state=name)

    def tell_deeds(self, xml, body):
        stanza = slixmpp.Message(xml=xml)
        for kind, tag, name in DEEDS:
            if xml.find(tag) is None:
                continue
            told = {"kind": kind, "id": xml.get("id", ""), "target": stanza[name]["id"], "body": body}
            if kind == "answer":
                said = body[stanza["fallback"]["body"]["start"]:stanza["fallback"]["body"]["end"]]
                told["quoted"] = said.removeprefix("> ").rstrip()
            elif kind == "react":
                told["emoji"] = sorted(one.text for one in xml.find(tag))
            say(event="deed", **{"from": xml.get("from", "")}, **told)

    def deed(self, order):
        message = self.make_message(mto=order["to"], mbody=order["body"] or None, mtype="chat")
        message["id"] = order["id"]
        match order["kind"]:
            case "answer":
                message["reply"]["to"] = order["to"]
                message["reply"]["id"] = order["target"]
                message["reply"].add_quoted_fallback(order["quoted"])
            case "react":
                message["reactions"]["id"] = order["target"]
                message["reactions"].set_values(order["emoji"], all_chars=True)
            case "correct":
                message["replace"]["id"] = order["target"]
            case "retract":
                message["body"] = "I took something back."
                message["retract"]["id"] = order["target"]
                message["fallback"]["for"] = "urn:xmpp:message-retract:1"
        message.xml.append(ElementTree.Element("{urn:xmpp:hints}store"))
        return message

    def element(self, to, name, store=True, **attributes):
        message = self.make_message(mto=to, mtype="chat")
        message.xml.append(ElementTree.Element(name, attributes))
        if store:
            message.xml.append(ElementTree.Element("{urn:xmpp:hints}store"))
        message.send()

    async def obey(self, order):
        match order["do"]:
            case "send":
                message = self.make_message(mto=order["to"], mbody=order["body"], mtype="chat")
                message["id"] = order["id"]
                message.xml.append(ElementTree.Element("{urn:xmpp:sid:0}origin-id", {"id": order["id"]}))
                message.xml.append(ElementTree.Element(f"{{{RECEIPTS}}}request"))
                if order.get("markable"):
                    message.xml.append(ElementTree.Element(f"{{{MARKERS}}}markable"))
                message.send()
            case "deed":
                self.deed(order).send()
            case "receipt":
                self.element(order["to"], f"{{{RECEIPTS}}}received", id=order["id"])
            case "displayed":
                self.element(order["to"], f"{{{MARKERS}}}displayed", id=order["id"])
            case "typing":
                self.element(order["to"], f"{{{STATES}}}{order['state']}", store=False)
            case "carbons":
                request = self.make_iq_set(ito=self.boundjid.bare)
                request.xml.append(ElementTree.Element(f"{{{CARBONS}}}enable"))
                await request.send()
                say(event="carbons")
            case "raw":
                self.send_raw(order["xml"])
            case "leave":
                await self.disconnect()
                return False
        return True


async def main(kind=Peer):
    address, host, port, ca = sys.argv[1:5]
    if len(sys.argv) > 5:
        address += "/" + sys.argv[5]
    peer = kind(address, os.environ["PEER_PASSWORD"], ca)
    peer.connect(host, int(port))
    lines = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        if not await peer.obey(json.loads(line)):
            break


if __name__ == "__main__":
    asyncio.run(main())
