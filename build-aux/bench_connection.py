#!/usr/bin/env python3
"""What being connected costs: round trips of signing in, idle wake-ups, many
accounts. Prints one figure a line, as JSON; build-aux/bench makes the table.

    build-aux/bench_connection.py HEADLESS FOLDER

Round trips are counted on a line with 50 ms each way: an answer that comes
after something was asked is one, and the opening of the connection is one
more. So what is pipelined counts once, and a busy machine changes nothing.
They end when nothing is known to be missing.
"""

import asyncio
import json
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "soak"))
from programs import Ours, Server  # noqa: E402

DELAY = 0.05
IDLE = 60
MANY = 50


def tell(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


class SlowLine:
    """A line of 50 ms each way, which counts the answers that were waited for."""

    def __init__(self, server_port):
        self.server_port, self.port = server_port, None
        self.open = set()
        self.reset()

    def reset(self):
        self.round_trips, self.asked, self.began = 0, False, None

    async def start(self):
        server = await asyncio.start_server(self.relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def relay(self, reader, writer):
        if self.began is None:
            self.began = time.monotonic()
        self.round_trips += 1
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        self.open |= {writer, up_writer}
        await asyncio.gather(self.pump(reader, up_writer, True), self.pump(up_reader, writer, False))
        self.open -= {writer, up_writer}

    async def pump(self, reader, writer, is_up):
        """Hands everything on after the delay, without making the next wait longer."""
        arrived = asyncio.Queue()

        async def deliver():
            while (one := await arrived.get()) is not None:
                due, read = one
                await asyncio.sleep(max(0, due - time.monotonic()))
                if not is_up and self.asked:
                    self.asked = False
                    self.round_trips += 1
                writer.write(read)
        delivering = asyncio.ensure_future(deliver())
        try:
            while read := await reader.read(1 << 16):
                if is_up:
                    self.asked = True
                arrived.put_nowait((time.monotonic() + DELAY, read))
        except OSError:
            pass
        arrived.put_nowait(None)
        await delivering
        writer.close()

    def cut(self):
        for writer in list(self.open):
            writer.transport.abort()


async def server(kind, folder, *options):
    one = Server(kind, folder, ["--fast", *options])
    await one.launch()
    return one


async def signed_in(program, folder, name, server, line):
    await server.order(do="account", name=name, password=f"{name} secret", contacts={})
    one = Ours(name, program, folder, server.facts["ca"], server.facts["domain"])
    await one.launch()
    await one.must(f"sign-in {one.address} {line.port} {one.password}")
    await one.must("until-online")
    return one


async def again(one, line):
    """Loses the line and comes back; returns the round trips and milliseconds."""
    await asyncio.sleep(1)  # what followed the last sign-in is over
    line.cut()
    while await one.ask("state") == "ok":
        await asyncio.sleep(0.005)
    line.reset()
    await one.must("online")
    await one.must("until-online")
    return line.round_trips, (time.monotonic() - line.began) * 1000


async def round_trips(program, folder, kind):
    """First sign-in, and coming back, in each way that this server knows."""
    ways = {"FAST + resume": ["--sasl2"], "FAST": ["--sasl2", "--without", "smacks"],
            "slow path + resume": [], "slow path": ["--without", "smacks"]}
    if kind == "ejabberd":  # it offers the quick path always
        ways = {"FAST + resume": [], "FAST": ["--without", "smacks"]}
    for way, options in ways.items():
        place = folder / f"{kind} {way}".replace(" ", "-")
        place.mkdir()
        one_server = await server(kind, place / "server", *options)
        line = SlowLine(one_server.facts["tls_port"])
        await line.start()
        one = await signed_in(program, place, "romeo", one_server, line)
        if way in ("FAST + resume", "slow path"):
            sort = "first sign-in" if way == "FAST + resume" else "first sign-in without SASL2"
            tell(f"{kind}, {sort}", line.round_trips)
        await again(one, line)  # the first time teaches: features, tokens
        counted, milliseconds = await again(one, line)
        tell(f"{kind}, {way}", counted)
        tell(f"{kind}, {way}, on the clock", milliseconds)
        await one.end()
        await one_server.end()


def switches(pid):
    """Voluntary context switches of each thread: each is one time it woke up."""
    return {status.parent.name: int(line.split()[1])
            for status in Path(f"/proc/{pid}/task").glob("*/status")
            for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt_switches")}


async def idle(program, folder):
    place = folder / "idle"
    place.mkdir()
    one_server = await server("prosody", place / "server")
    one = await signed_in(program, place, "romeo", one_server, Direct(one_server))
    await asyncio.sleep(5)
    before = switches(one.process.pid)
    await asyncio.sleep(IDLE)
    after = switches(one.process.pid)
    tell(f"idle for {IDLE} s, wake-ups", sum(count - before.get(thread, 0) for thread, count in after.items()))
    await one.end()
    await one_server.end()


class Direct:
    def __init__(self, server):
        self.port = server.facts["port"]


async def many(program, folder):
    place = folder / "many"
    place.mkdir()
    one_server = await server("prosody", place / "server")
    one = await signed_in(program, place, "person0", one_server, Direct(one_server))
    before = memory(one.process.pid)
    for number in range(1, MANY):
        name = f"person{number}"
        await one_server.order(do="account", name=name, password=f"{name} secret", contacts={})
        await one.must(f"sign-in {name}@{one_server.facts['domain']} {one_server.facts['port']} {name} secret")
    await one.must("until-online")
    await asyncio.sleep(2)
    tell(f"{MANY} accounts, memory", memory(one.process.pid))
    tell("one account, memory", before)
    await one_server.order(do="stop")
    await one_server.order(do="start")
    began = time.monotonic()
    await one.must("online")
    await one.must("until-online")
    tell(f"{MANY} accounts online after the network came", time.monotonic() - began)
    await one.end()
    await one_server.end()


def memory(pid):
    """Returns the proportional set size in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return None


async def main():
    program, folder = Path(sys.argv[1]), Path(sys.argv[2]) / "connection"
    folder.mkdir()
    try:
        for kind in ("prosody", "ejabberd"):
            await round_trips(program, folder, kind)
        await many(program, folder)
        await idle(program, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


asyncio.run(main())
