#!/usr/bin/env python3
"""As slixmpp_peer.py, with pictures (XEP-0084) and names (XEP-0172) by slixmpp's
own plugins. Takes these orders more:

    {"do": "publish_picture", "bytes"}      base64 of a PNG file; "" for no picture any more
    {"do": "publish_nickname", "name"}

and says these more:

    {"event": "picture", "of", "hash", "bytes"}    somebody's, fetched; base64, "" for none
    {"event": "nickname", "of", "name"}
    {"event": "published", "what"}
"""

import asyncio
import base64
import hashlib

import slixmpp_peer


class ProfilePeer(slixmpp_peer.Peer):
    def __init__(self, *given):
        super().__init__(*given)
        for plugin in ("xep_0030", "xep_0115", "xep_0163", "xep_0084", "xep_0172"):
            self.register_plugin(plugin)
        self.add_event_handler("avatar_metadata_publish", self.picture_told)
        self.add_event_handler("user_nick_publish", self.nickname_told)

    async def picture_told(self, message):
        of = message["from"].bare
        if of == self.boundjid.bare:
            return
        infos = [info.get("id") for info in message.xml.iter("{urn:xmpp:avatar:metadata}info")]
        if not infos:
            slixmpp_peer.say(event="picture", of=of, hash="", bytes="")
        for told in infos:
            answer = await self["xep_0084"].retrieve_avatar(of, told)
            data = answer.xml.find(".//{urn:xmpp:avatar:data}data").text
            slixmpp_peer.say(event="picture", of=of, hash=told, bytes=data)

    def nickname_told(self, message):
        for name in message.xml.iter("{http://jabber.org/protocol/nick}nick"):
            slixmpp_peer.say(event="nickname", of=message["from"].bare, name=name.text or "")

    async def obey(self, order):
        match order["do"]:
            case "publish_picture":
                picture = base64.b64decode(order["bytes"])
                plugin = self["xep_0084"]
                if picture:
                    await plugin.publish_avatar(picture)
                    await plugin.publish_avatar_metadata([{
                        "id": hashlib.sha1(picture).hexdigest(), "type": "image/png",
                        "bytes": str(len(picture)), "width": "300", "height": "200"}])
                else:
                    await plugin.stop()
                slixmpp_peer.say(event="published", what="picture")
            case "publish_nickname":
                await self["xep_0172"].publish_nick(order["name"])
                slixmpp_peer.say(event="published", what="nickname")
            case _:
                return await super().obey(order)
        return True


if __name__ == "__main__":
    asyncio.run(slixmpp_peer.main(ProfilePeer))
