"""The programs of a soak: a private server, our engine without a window, and
slixmpp. Each is driven by lines and answers by lines.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PATIENCE = 240


class Ended(Exception):
    """The program is not there any more."""


class Program:
    """A child that answers each line by one line."""

    def __init__(self, name, command, environment=None, errors=None):
        self.name, self.command, self.environment, self.errors = name, command, environment, errors
        self.process = None
        self.turn = asyncio.Lock()

    async def launch(self):
        errors = open(self.errors, "ab") if self.errors else None
        self.process = await asyncio.create_subprocess_exec(
            *map(str, self.command), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=errors, env={**os.environ, **(self.environment or {})}, limit=1 << 26)
        if errors:
            errors.close()
        return await self.answer()

    async def answer(self):
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        if not line:
            raise Ended(self.name)
        return line.decode().rstrip("\n")

    async def ask(self, line):
        async with self.turn:
            try:
                self.process.stdin.write(line.encode() + b"\n")
                await self.process.stdin.drain()
            except OSError as problem:
                raise Ended(self.name) from problem
            return await self.answer()

    async def end(self, with_signal=None):
        if not self.process or self.process.returncode is not None:
            return
        if with_signal:
            self.process.send_signal(with_signal)
        else:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 30)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()


class Server(Program):
    def __init__(self, kind, folder, options):
        super().__init__(kind, [PROJECT / "build-aux" / kind, folder, *options])

    async def launch(self):
        self.facts = json.loads(await super().launch())

    async def order(self, **order):
        answer = json.loads(await self.ask(json.dumps(order)))
        if answer != {"ok": True}:
            raise RuntimeError(f"{self.name}: {order['do']}: {answer}")


class Ours(Program):
    """Our engine as one person, on a data folder that outlives the program."""

    def __init__(self, name, program, folder, ca, domain):
        super().__init__(name, [program, folder / name, ca], errors=folder / f"{name}.log")
        self.address = f"{name}@{domain}"
        self.password = f"{name} secret"
        self.history = folder / name / "history.db"
        self.kills = 0
        # How far each chat was written, and is known to be on disk.
        self.written = {}
        self.is_up = asyncio.Event()

    async def sign_in(self, port):
        await self.launch()
        await self.must(f"sign-in {self.address} {port} {self.password}")
        self.is_up.set()

    async def must(self, order):
        answer = await self.ask(order)
        if answer != "ok":
            raise RuntimeError(f"{self.name}: {order.split()[0]}: {answer}")

    async def encrypt(self, to):
        await self.must(f"open {to}")
        await self.must("encrypt")

    async def write(self, to, count):
        """Writes the next texts of a chat. What was killed before its `ok` may
        be on disk or not; the database says, see `Soak.after_a_kill`."""
        first = self.written.get(to, 0) + 1
        await self.must(f"open {to}")
        await self.must(f"write {first} {first + count - 1}")
        self.written[to] = first + count - 1

    async def kill_and_return(self, pause, remember):
        self.is_up.clear()
        self.kills += 1
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        remember(self)
        await asyncio.sleep(pause)
        await self.launch()
        await self.must(f"password {self.password}")
        self.is_up.set()


class Peer(Program):
    """slixmpp as one person."""

    def __init__(self, name, folder, server):
        self.address = f"{name}@{server['domain']}"
        self.password = f"{name} secret"
        super().__init__(name, [sys.executable, HERE / "peer.py", self.address, server["port"], server["ca"]],
                         {"PEER_PASSWORD": self.password}, folder / f"{name}.log")

    async def order(self, **order):
        return json.loads(await self.ask(json.dumps(order)))
