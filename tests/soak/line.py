"""A line between a client and the server that does what lines do: it is cut
(also inside a stanza), gets slow, swallows one direction while it looks
alive, or refuses for a while.

Bytes only; it knows nothing of TLS.
"""

import asyncio
import random


class Line:
    def __init__(self, server_port):
        self.server_port = server_port
        self.port = None
        self.cuts = 0
        self.faults = {}
        self.connections = set()
        self.delay = 0.0
        self.refuses = False
        # Directions that look alive and let nothing through: "up", "down".
        self.swallows = set()
        self.cut_after = None
        # Clear: what the client sends waits here.
        self.may_pass = asyncio.Event()
        self.may_pass.set()

    async def start(self):
        server = await asyncio.start_server(self.relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def relay(self, reader, writer):
        if self.refuses:
            writer.transport.abort()
            return
        try:
            to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        one = Connection(self, (reader, writer), to_server)
        self.connections.add(one)
        try:
            await one.run()
        finally:
            self.connections.discard(one)

    def cut(self):
        """Cuts every connection there is; counts only where there was one."""
        self.cut_after = None
        if self.connections:
            self.cuts += 1
        for one in list(self.connections):
            one.abort()

    def is_busy(self):
        return bool(self.connections)

    async def misbehave(self):
        """One trouble, from beginning to end."""
        kind = random.choices(["cut", "cut inside", "delay", "half-open", "refuse"], [40, 25, 15, 12, 8])[0]
        self.faults[kind] = self.faults.get(kind, 0) + 1
        match kind:
            case "cut":
                self.cut()
            case "cut inside":
                self.cut_after = random.randrange(1, 2500)
                await asyncio.sleep(4)
                if self.cut_after is not None:
                    self.cut()
            case "delay":
                self.delay = random.choice([0.05, 0.3, 1.0])
                await asyncio.sleep(random.uniform(1, 4))
                self.delay = 0.0
            case "half-open":
                self.swallows = random.choice([{"up"}, {"down"}, {"up", "down"}])
                await asyncio.sleep(random.uniform(1, 6))
                # What was swallowed is gone, so such a line never lives again.
                self.cut()
                self.swallows = set()
            case "refuse":
                self.refuses = True
                self.cut()
                await asyncio.sleep(random.uniform(0.5, 3))
                self.refuses = False
        return kind

    def behave(self):
        self.delay, self.refuses, self.swallows, self.cut_after = 0.0, False, set(), None


class Connection:
    def __init__(self, line, client, server):
        self.line, self.client, self.server = line, client, server

    async def run(self):
        pumps = [asyncio.ensure_future(self.pump(self.client[0], self.server[1], "up")),
                 asyncio.ensure_future(self.pump(self.server[0], self.client[1], "down"))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for _, writer in (self.client, self.server):
            writer.close()

    async def pump(self, reader, writer, way):
        try:
            while read := await reader.read(4096):
                if self.line.delay:
                    await asyncio.sleep(self.line.delay)
                if way == "up":
                    await self.line.may_pass.wait()
                if way in self.line.swallows:
                    continue
                left = self.line.cut_after
                if left is not None:
                    writer.write(read[:left])
                    self.line.cut_after = left - len(read)
                    if self.line.cut_after <= 0:
                        # Out with what still may pass; the rest dies with the connection.
                        await writer.drain()
                        self.line.cut()
                        return
                else:
                    writer.write(read)
                await writer.drain()
        except OSError:
            pass

    def abort(self):
        for _, writer in (self.client, self.server):
            writer.transport.abort()
