#!/usr/bin/env python3
"""The soak: three people write to each other while everything goes wrong.

    build-aux/soak [--server prosody|ejabberd] [--sasl2 on|off] [--sm on|off] [--omemo on|off] [--minutes N]

Romeo and Juliet use our engine, each through a line of their own that is cut
(between and inside stanzas), slow, half open or refusing. Mercutio uses
slixmpp. Both engines are killed with SIGKILL and started again on their data;
the server is stopped, killed and started again. At the end everything is let
through, and what each side has is compared with what the others sent, id by
id (`counting.py`). Fails on any loss, duplicate or disorder, and on fewer
messages or troubles than the minutes call for.

The same --seed draws the same troubles; when they fall is up to the machine.
What ended badly keeps its folder, with all databases and logs.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from counting import Count, compare, received_rows, sent_rows
from line import Line
from programs import Ended, Ours, Peer, Server

# What a soak must have seen, for each minute it ran.
WANTED = {"messages": 1000, "cuts": 10, "kills": 2, "restarts": 0.3}
# Seconds between troubles, on average.
LINE_TROUBLE, KILL, RESTART = 2.5, 12, 50
# Seconds that all may take to settle once nothing goes wrong any more.
SETTLING = 120
PENDING, SENDING, SENT, FAILED = 0, 1, 2, 5


def options():
    parser = argparse.ArgumentParser(description="Three people write to each other while everything goes wrong.")
    parser.add_argument("--server", default="prosody", choices=["prosody", "ejabberd"])
    parser.add_argument("--sasl2", default="on", choices=["on", "off"])
    parser.add_argument("--sm", default="on", choices=["on", "off"])
    parser.add_argument("--omemo", default="off", choices=["on", "off"],
                        help="Romeo and Juliet encrypt what they write to each other")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--program", type=Path, required=True, help="stonechat-headless")
    return parser.parse_args()


class Soak:
    def __init__(self, wanted, folder):
        self.wanted, self.folder = wanted, folder
        self.until = None
        self.restarts = {"stopped": 0, "killed": 0}
        self.troubles = open(folder / "troubles.log", "w", buffering=1)
        self.peer_said = {}
        self.may_write = asyncio.Event()
        self.may_write.set()

    def note(self, what):
        self.troubles.write(f"{time.strftime('%H:%M:%S')} {time.monotonic() - self.began:7.2f} {what}\n")

    def is_on(self):
        return time.monotonic() < self.until

    async def set_up(self):
        self.began = time.monotonic()
        wanted = self.wanted
        options = ["--quiet"]
        if wanted.sm == "off":
            options += ["--without", "smacks"]
        if wanted.server == "prosody" and wanted.sasl2 == "on":
            options += ["--sasl2"]
        self.server = Server(wanted.server, self.folder / "server", options)
        await self.server.launch()
        facts = self.server.facts
        people = ["romeo", "juliet", "mercutio"]
        for name in people:
            await self.server.order(do="account", name=name, password=f"{name} secret",
                                    contacts={other: other.title() for other in people if other != name})
        self.ours, self.lines = [], {}
        for name in people[:2]:
            one = Ours(name, wanted.program, self.folder, facts["ca"], facts["domain"])
            self.lines[name] = Line(facts["port"])
            await self.lines[name].start()
            await one.sign_in(self.lines[name].port)
            self.ours.append(one)
        if wanted.omemo == "on":
            await asyncio.gather(*(one.encrypt(other.address) for one in self.ours for other in self.ours
                                   if one is not other))
        self.peer = Peer("mercutio", self.folder, facts)
        await self.peer.launch()

    async def run(self):
        self.until = time.monotonic() + self.wanted.minutes * 60
        tasks = [self.writes(one) for one in self.ours] + [self.peer_writes()]
        tasks += [self.troubles_of(name, line) for name, line in self.lines.items()]
        tasks += [self.kills(), self.restarts_of_the_server()]
        tasks += [self.is_told_of_the_network(one) for one in self.ours]
        await asyncio.gather(*tasks)

    def partners(self, one):
        return [other.address for other in (*self.ours, self.peer) if other is not one]

    async def writes(self, one):
        while self.is_on():
            await one.is_up.wait()
            await self.may_write.wait()
            try:
                await one.write(random.choice(self.partners(one)), random.randint(1, 12))
            except Ended:
                await asyncio.sleep(0.05)
            await asyncio.sleep(random.expovariate(1 / 0.6))

    async def peer_writes(self):
        while self.is_on():
            await self.may_write.wait()
            to, count = random.choice(self.ours).address, random.randint(1, 8)
            first = self.peer_said.get(to, 0) + 1
            answer = await self.peer.order(do="send", to=to, first=first, count=count)
            if answer.get("sent"):
                self.peer_said[to] = first + count - 1
            await asyncio.sleep(random.expovariate(1 / 0.6))

    async def troubles_of(self, name, line):
        while self.is_on():
            await asyncio.sleep(random.expovariate(1 / LINE_TROUBLE))
            if line.is_busy() or random.random() < 0.2:
                self.note(f"{name}: {await line.misbehave()}")
        line.behave()

    async def kills(self):
        while self.is_on():
            await asyncio.sleep(random.uniform(0.6, 1.4) * KILL)
            one = random.choice(self.ours)
            self.note(f"{one.name}: SIGKILL")
            await one.kill_and_return(random.choice([0, 0.2, 2, 5]), self.remember)
            self.note(f"{one.name}: runs again")

    def remember(self, one):
        """After a kill: a text without its `ok` may be on disk or not."""
        for to in self.partners(one):
            on_disk = max((int(text) for _, text, _ in sent_rows(one.history, to)), default=0)
            one.written[to] = max(on_disk, one.written.get(to, 0))

    async def restarts_of_the_server(self):
        ways = ["kill", "stop"]
        while self.is_on():
            await asyncio.sleep(min(RESTART * random.uniform(0.7, 1.3), self.wanted.minutes * 60 / 3))
            way = ways.pop()
            ways = ways or random.sample(["kill", "stop"], 2)
            self.note(f"server: {way}")
            if self.wanted.server == "ejabberd" or way == "kill":
                # What it has confirmed may not be everywhere yet; see build-aux/ejabberd and build-aux/prosody.
                self.hold()
            await self.server.order(do=way)
            self.may_write.set()
            for line in self.lines.values():
                line.may_pass.set()
            await asyncio.sleep(random.uniform(0, 2))
            await self.server.order(do="start")
            self.note("server: runs again")
            self.restarts["killed" if way == "kill" else "stopped"] += 1

    def hold(self):
        """Lets nothing more come to the server until it has ended."""
        self.may_write.clear()
        for line in self.lines.values():
            line.may_pass.clear()

    async def is_told_of_the_network(self, one):
        """What the desktop does: now and then it says that the network is back."""
        while self.is_on():
            await asyncio.sleep(random.expovariate(1 / 3))
            await self.hint(one)

    async def hint(self, one):
        try:
            if one.is_up.is_set() and await one.ask("state") != "ok":
                await one.ask("online")
        except Ended:
            pass  # killed in this moment

    async def settle(self):
        """Waits until nothing is owed any more, or the patience is over."""
        until = time.monotonic() + SETTLING
        while time.monotonic() < until:
            await asyncio.sleep(1)
            for one in self.ours:
                await self.hint(one)
            # An archive of tens of thousands takes its time; the rest must be settled before.
            if self.undelivered():
                continue
            archive = await self.read_peer()
            if archive is not None and all(count.is_clean() for _, count in self.counts()) and not self.undelivered():
                return
        self.note("did not settle")
        if not hasattr(self, "archive"):
            await self.read_peer()

    async def read_peer(self):
        answer = await self.peer.order(do="archive")
        if "archive" not in answer:
            self.note(f"mercutio: {answer}")
            return None
        self.archive = answer["archive"]
        self.heard = (await self.peer.order(do="heard"))["heard"]
        return self.archive

    def undelivered(self):
        """Messages that are still on their way, or failed, by their sender's word."""
        return [f"{one.name} to {to}: {text} is {delivery}" for one in self.ours for to in self.partners(one)
                for _, text, delivery in sent_rows(one.history, to) if delivery in (PENDING, SENDING, FAILED)]

    def counts(self):
        """Yields (who to whom, Count)."""
        for one in self.ours:
            for other in self.ours:
                if other is not one:
                    received = received_rows(other.history, one.address)
                    yield f"{one.name} to {other.name}", self.count(one, other.address, [row[:2] for row in received])
            yield f"{one.name} to mercutio", self.count(one, self.peer.address, self.what_mercutio_has(one.address))
            # Mercutio's client sends once and forgets: what his server took over is what must arrive.
            taken = [(id, text) for _, by, to, id, text in self.archive if by == self.peer.address and to == one.address]
            received = [row[:2] for row in received_rows(one.history, self.peer.address)]
            yield f"mercutio to {one.name}", compare(taken, received, known=[id for id, _ in received
                                                                            if self.wanted.server == "ejabberd"])

    def count(self, one, to, received):
        """Compares with the sender's database, and that with what was written."""
        sent = [row[:2] for row in sent_rows(one.history, to)]
        count = compare(sent, received)
        written = {str(number) for number in range(1, one.written.get(to, 0) + 1)}
        count.lost += [f"{text}: not even in {one.name}'s database" for text in written - {text for _, text in sent}]
        numbers = [int(text) for _, text in sent]
        count.out_of_order += [f"{a} before {b} in {one.name}'s own database"
                               for a, b in zip(numbers, numbers[1:]) if a >= b]
        return count

    def what_mercutio_has(self, sender):
        """What any client of his would have: shown live, else in the archive."""
        archived = [(by_archive, id, text) for by_archive, by, _, id, text in self.archive if by == sender]
        known = {by_archive for by_archive, _, _ in archived}
        live = [(by_archive, id, text) for by, id, by_archive, text in self.heard if by == sender]
        # A server that died may have shown what it never archived.
        only_live = [one for one in dict.fromkeys(live) if one[0] not in known and one[1] not in {a[1] for a in archived}]
        return [(id, text) for _, id, text in archived + only_live]

    async def end(self):
        for one in getattr(self, "ours", []):
            await one.end()
        if hasattr(self, "peer"):
            await self.peer.end()
        await self.server.end()

    def report(self):
        total = Count()
        for who, count in self.counts():
            print(f"  {who:20} {count.sent:6} sent {count.received:6} received {len(count.lost):4} lost "
                  f"{len(count.duplicated):4} duplicated {len(count.out_of_order):4} out of order "
                  f"{len(count.unreadable):4} unreadable")
            for kind in ("lost", "duplicated", "out_of_order", "unreadable"):
                listed = getattr(count, kind)
                getattr(total, kind).extend(listed)
                for one in listed[:8]:
                    print(f"      {kind.replace('_', ' ')}: {one}")
            total.sent += count.sent
            total.received += count.received
        cuts = sum(line.cuts for line in self.lines.values())
        kills = sum(one.kills for one in self.ours)
        restarts = sum(self.restarts.values())
        faults = {}
        for line in self.lines.values():
            for kind, times in line.faults.items():
                faults[kind] = faults.get(kind, 0) + times
        print(f"  troubles: {cuts} cuts ({', '.join(f'{kind} {times}' for kind, times in sorted(faults.items()))}), "
              f"{kills} kills of a client, server {', '.join(f'{way} {times}' for way, times in self.restarts.items())}")
        undelivered = self.undelivered()
        for one in undelivered[:8]:
            print(f"      never told as sent: {one}")
        print(f"sent {total.sent}, received {total.received}, lost {len(total.lost)}, "
              f"duplicated {len(total.duplicated)}, out of order {len(total.out_of_order)}, unreadable {len(total.unreadable)}")
        minutes = self.wanted.minutes
        return {
            "nothing is lost": not total.lost,
            "nothing is duplicated": not total.duplicated,
            "nothing is out of order": not total.out_of_order,
            "everything is readable": not total.unreadable,
            "each sender was told of each": not undelivered,
            "there were enough messages": total.sent >= WANTED["messages"] * minutes,
            "there were enough troubles": cuts >= WANTED["cuts"] * minutes and kills >= int(WANTED["kills"] * minutes)
            and restarts >= int(WANTED["restarts"] * minutes),
        }


async def main():
    wanted = options()
    seed = wanted.seed if wanted.seed is not None else random.randrange(1 << 30)
    random.seed(seed)
    folder = Path(tempfile.mkdtemp(prefix="stonechat-soak-"))
    print(f"soak: {wanted.server}, SASL2 {wanted.sasl2}, stream management {wanted.sm}, "
          f"{wanted.minutes:g} minutes, seed {seed}", flush=True)
    soak = Soak(wanted, folder)
    try:
        await soak.set_up()
        await soak.run()
        await soak.settle()
        results = soak.report()
    finally:
        await soak.end()
    for what, is_so in results.items():
        if not is_so:
            print(f"FAILED: {what}")
    passed = sum(results.values())
    if passed == len(results):
        shutil.rmtree(folder)
    else:
        print(f"kept: {folder}")
    print(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


sys.exit(asyncio.run(main()))
