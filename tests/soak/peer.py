#!/usr/bin/env python3
"""A chat client that is not ours (python3-slixmpp), for the soak.

    peer.py ADDRESS PORT CA          (password in PEER_PASSWORD)

Keeps itself online, and writes down each message it is shown. Answers each
JSON line by one:

    {"do": "send", "to", "first", "count"}  texts "first", "first+1", …; not
                                            while offline: {"sent": how many}
    {"do": "heard"}       what was shown live: [[from, id, archive id, text], …]
    {"do": "archive"}     all its archive holds: [[archive id, from, to, id, text], …]
"""

import asyncio
import json
import os
import sys
import uuid
from xml.etree import ElementTree

import slixmpp

SID = "{urn:xmpp:sid:0}"
MAM = "{urn:xmpp:mam:2}"
BODY = "{jabber:client}body"
RSM = "{http://jabber.org/protocol/rsm}"


class Peer(slixmpp.ClientXMPP):
    def __init__(self, address, password, ca):
        super().__init__(address, password)
        self.ca_certs = ca
        self.enable_direct_tls = False
        self.register_plugin("xep_0199")
        self.online = asyncio.Event()
        self.heard = []
        self.page = []
        self.first = asyncio.Event()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("disconnected", self.lost)
        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "messages", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message"), self.hear))

    async def started(self, _):
        self.send_presence()
        self.online.set()
        self.first.set()

    def lost(self, _):
        self.online.clear()
        asyncio.get_running_loop().call_later(0.5, self.again)

    def again(self):
        if not self.online.is_set():
            self.connect(*self.place)

    def hear(self, stanza):
        message = stanza.xml
        result = message.find(f"{MAM}result")
        if result is not None:
            inner = result.find("{urn:xmpp:forward:0}forwarded/{jabber:client}message")
            if inner is not None and inner.find(BODY) is not None:
                self.page.append([result.get("id"), bare(inner.get("from")), bare(inner.get("to")),
                                  inner.get("id"), inner.find(BODY).text])
        elif message.find(BODY) is not None:
            ids = [one.get("id") for one in message.findall(f"{SID}stanza-id") if one.get("by") == self.boundjid.bare]
            self.heard.append([bare(message.get("from")), message.get("id"), next(iter(ids), None),
                               message.find(BODY).text])

    def send_texts(self, to, first, count):
        for number in range(first, first + count):
            reference = str(uuid.uuid4())
            message = self.make_message(mto=to, mbody=str(number), mtype="chat")
            message["id"] = reference
            message.xml.append(ElementTree.Element(f"{SID}origin-id", {"id": reference}))
            message.send()

    async def archive(self):
        """Reads the whole archive, oldest first."""
        found, after = [], None
        while True:
            self.page = []
            request = self.make_iq_set()
            query = ElementTree.SubElement(request.xml, f"{MAM}query", {"queryid": str(uuid.uuid4())})
            page = ElementTree.SubElement(query, f"{RSM}set")
            ElementTree.SubElement(page, f"{RSM}max").text = "1000"
            if after:
                ElementTree.SubElement(page, f"{RSM}after").text = after
            answer = await request.send(timeout=60)
            found += self.page
            end = answer.xml.find(f"{MAM}fin")
            last = end.find(f"{RSM}set/{RSM}last")
            if end.get("complete") == "true" or last is None:
                return found
            after = last.text

    async def obey(self, order):
        match order["do"]:
            case "send":
                if not self.online.is_set():
                    return {"sent": 0}
                self.send_texts(order["to"], order["first"], order["count"])
                return {"sent": order["count"]}
            case "heard":
                return {"heard": self.heard}
            case "archive":
                await self.online.wait()
                return {"archive": await self.archive()}


def bare(address):
    return (address or "").split("/")[0]


def say(what):
    print(json.dumps(what), flush=True)


async def main():
    address, port, ca = sys.argv[1:4]
    peer = Peer(address, os.environ["PEER_PASSWORD"], ca)
    peer.place = ("127.0.0.1", int(port))
    peer.connect(*peer.place)
    lines = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await asyncio.wait_for(peer.first.wait(), 60)
    say({"online": True})
    while line := await lines.readline():
        try:
            say(await peer.obey(json.loads(line)))
        except Exception as problem:  # told to the one who asked, in words
            say({"error": repr(problem)})


asyncio.run(main())
