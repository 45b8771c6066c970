#!/usr/bin/env python3
"""The program itself, measured from outside: starting, memory, Enter to wire.

    bench_program.py PROGRAM MEASURE FOLDER

Prints one JSON object for each figure. Wants a display, and a D-Bus with an
open keyring; the server is a private Prosody, reached through a line that
notes when bytes pass. MEASURE is benches/main.rs, which makes the history.
"""

import json
import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from bench_display import Display
from demo_people import Lines

HERE = Path(__file__).resolve().parent
DOMAIN = "verona.example"
PASSWORD = "wherefore art thou"
CONTACTS = 200
STARTS = 7
ENTERS = 15
#: GTK lets a text cursor fade in and out for so many seconds, then it stands.
CURSOR_BLINKS = 11
TICK = 1 / os.sysconf("SC_CLK_TCK")
WELCOME = (200, 100, 700, 500)
LIST = (70, 110, 60, 300)
#: Where messages stand, beside the words of the page without a chat.
CHAT = (330, 440, 200, 200)
ALT, DOWN, RETURN = 0xFFE9, 0xFF54, 0xFF0D


def tell(name, value):
    print(json.dumps({"name": name, "value": round(value, 3)}), flush=True)


class Line:
    """Carries bytes between the program and the server, and notes when."""

    def __init__(self, port):
        self.to = port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.sent = []  # (moment, bytes) from the program
        self.last = time.monotonic()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            ours, _ = self.server.accept()
            theirs = socket.create_connection(("127.0.0.1", self.to))
            for one in (ours, theirs):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.carry, args=(ours, theirs), daemon=True).start()

    def carry(self, ours, theirs):
        both = selectors.DefaultSelector()
        both.register(ours, selectors.EVENT_READ, theirs)
        both.register(theirs, selectors.EVENT_READ, ours)
        try:
            while True:
                for key, _ in both.select():
                    data = key.fileobj.recv(65536)
                    now = time.monotonic()
                    if not data:
                        return
                    self.last = now
                    if key.fileobj is ours:
                        self.sent.append((now, len(data)))
                    key.data.sendall(data)
        except OSError:
            pass  # one of the two was killed
        finally:
            ours.close()
            theirs.close()

    def until_quiet(self, seconds, patience=30):
        end = time.monotonic() + patience
        while time.monotonic() < max(self.last + seconds, 0):
            if time.monotonic() > end:
                raise RuntimeError("the line never became quiet")
            time.sleep(0.05)

    def sent_after(self, moment, least, patience=5):
        """Returns when the program first sent so many bytes at once after a moment."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for when, count in list(self.sent):
                if when > moment and count >= least:
                    return when
            time.sleep(0.001)
        raise RuntimeError("nothing was sent")


class Program:
    def __init__(self, display, program, home, *arguments, ca=None):
        environment = dict(os.environ)
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            environment[f"XDG_{name}_HOME"] = str(home / name.lower())
        if ca:
            environment["STONECHAT_EXTRA_CA"] = ca
        display.forget_events()
        self.started = time.monotonic()
        self.process = subprocess.Popen([program, *arguments], env=environment)
        self.window, self.mapped = display.next_map()

    def pss(self):
        for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no memory figure")

    def cpu(self):
        """Returns the processor time used so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


def welcome(display, program, folder):
    """First start: nothing is there."""
    mapped, painted = [], []
    for number in range(STARTS):
        running = Program(display, program, folder / f"first-start-{number}")
        mapped.append((running.mapped - running.started) * 1e3)
        painted.append((display.until_text(WELCOME) - running.started) * 1e3)
        if number == STARTS - 1:
            time.sleep(max(0, running.started + 3 - time.monotonic()))
            tell("welcome, PSS", running.pss())
            tell("welcome, CPU in 3 s", running.cpu())
        running.end()
    tell("welcome, window managed", statistics.median(mapped))
    tell("welcome, painted", statistics.median(painted))


def sign_in(display, program, home, folder, line, ca):
    file = folder / "sign-in"
    file.touch(mode=0o600)
    file.write_text(f"romeo@{DOMAIN}\n{PASSWORD}\n127.0.0.1\n{line.port}\n")
    running = Program(display, program, home, "--sign-in-from", file, ca=ca)
    end = time.monotonic() + 30
    while sum(count for _, count in line.sent) < 2000:
        if time.monotonic() > end:
            raise RuntimeError("the program did not sign in")
        time.sleep(0.1)
    line.until_quiet(1)
    running.end()


def starts(display, program, home, ca):
    mapped, painted = [], []
    for _ in range(STARTS):
        running = Program(display, program, home, ca=ca)
        mapped.append((running.mapped - running.started) * 1e3)
        painted.append((display.until_text(LIST) - running.started) * 1e3)
        running.end()
    tell("window managed", statistics.median(mapped))
    tell("chat list painted", statistics.median(painted))


def at_rest(display, program, home, line, ca):
    running = Program(display, program, home, ca=ca)
    display.until_text(LIST)
    time.sleep(max(0, running.started + 2 - time.monotonic()))
    line.until_quiet(1.5)
    tell("signed in, PSS", running.pss())
    tell("signed in, CPU", running.cpu())
    before = running.cpu()
    time.sleep(10)
    tell("idle for 10 s, CPU", (running.cpu() - before) * 1e3)

    display.focus(running.window)
    before = running.cpu()
    pressed = display.press(ALT, DOWN)
    tell("first chat opened, from the key", (display.until_text(CHAT) - pressed) * 1e3)
    time.sleep(2)
    line.until_quiet(1.5)
    tell("10,000 messages open, PSS", running.pss())
    tell("10,000 messages open, CPU for it", running.cpu() - before)
    tell("10,000 messages open, CPU since the start", running.cpu())
    time.sleep(CURSOR_BLINKS)
    before = running.cpu()
    time.sleep(10)
    tell("idle in a chat for 10 s, CPU", (running.cpu() - before) * 1e3)

    times = []
    for number in range(ENTERS):
        subprocess.run(["xdotool", "type", "--delay", "15", f"{number} good night"], check=True)
        line.until_quiet(0.3)
        pressed = display.press(RETURN)
        times.append((line.sent_after(pressed, 200) - pressed) * 1e3)
    tell("Enter to wire", statistics.median(times))
    if picture := os.environ.get("STONECHAT_BENCH_PICTURE"):
        subprocess.run(["import", "-window", "root", picture], check=True)
    running.end()


def main():
    program, measure, folder = map(Path, sys.argv[1:4])
    display = Display()
    server = Lines(HERE / "prosody", folder / "server", "--domain", DOMAIN)
    ready = server.hear()
    try:
        guests = {f"guest{number}": f"Guest {number}" for number in range(1, CONTACTS)}
        for name, contacts in (("romeo", {"juliet": "Juliet Capulet", **guests}), ("juliet", {"romeo": "Romeo"})):
            server.say(do="account", name=name, password=PASSWORD, contacts=contacts)
            server.hear()
        line = Line(ready["port"])
        home = folder / "home"
        welcome(display, program, folder)
        sign_in(display, program, home, folder, line, ready["ca"])
        subprocess.run([measure, "fill", home / "data/stonechat", f"juliet@{DOMAIN}"], check=True)
        starts(display, program, home, ready["ca"])
        at_rest(display, program, home, line, ready["ca"])
    finally:
        server.end()


main()
