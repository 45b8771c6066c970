"""The demo's server, and the people in it who answer: clients that are not ours."""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from demo_cast import ANSWERS, DOMAIN, GREETING, PASSWORD, ROMEO

HERE = Path(__file__).resolve().parent


class Lines:
    """A program that is told and tells one JSON object a line.

    In a session of its own, so that Ctrl+C does not reach it: the end of its
    stdin is what ends it.
    """

    def __init__(self, *command, **more):
        self.process = subprocess.Popen([str(one) for one in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, start_new_session=True, **more)

    def say(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def end(self):
        self.process.stdin.close()
        self.process.wait(15)


class Server:
    def __init__(self, folder):
        self.lines = Lines(HERE / "prosody", folder, "--domain", DOMAIN)
        ready = self.lines.hear()
        if not ready:
            sys.exit("The private server could not be started; its messages stand above.")
        self.port, self.ca, self.log = ready["port"], ready["ca"], ready["log"]

    def order(self, **what):
        self.lines.say(**what)
        answer = self.lines.hear()
        if answer != {"ok": True}:
            sys.exit(f"The private server refused: {answer}")

    def cast(self, people):
        """Everybody is in Romeo's contact list, and Romeo in everybody's."""
        for name in people:
            contacts = people if name == "romeo" else {"romeo": people["romeo"]}
            self.order(do="account", name=name, password=PASSWORD,
                       contacts={one: shown for one, shown in contacts.items() if one != name})

    def history(self, messages):
        self.order(do="history", messages=messages)

    def stop(self):
        self.lines.end()


class Person(Lines):
    """Somebody signed in with slixmpp, who answers encrypted when written to."""

    name = ""

    def __init__(self, server):
        super().__init__(sys.executable, HERE.parent / "tests/support/slixmpp_omemo_peer.py", f"{self.name}@{DOMAIN}",
                         "127.0.0.1", server.port, server.ca,
                         env={**os.environ, "PEER_PASSWORD": PASSWORD, "PEER_RECEIPTS": "1"},
                         stderr=subprocess.DEVNULL)
        self.online = threading.Event()
        self.answers = itertools.cycle(ANSWERS[self.name])
        self.listening = threading.Thread(target=self.listen, daemon=True)
        self.listening.start()

    def wait_until_online(self):
        if not self.online.wait(20):
            sys.exit(f"{self.name} could not sign in within 20 s.")

    def listen(self):
        while event := self.hear():
            if event["event"] == "online":
                self.online.set()
            elif event["event"] == "presence" and event["from"].startswith(ROMEO) and event["type"] == "available":
                self.sees_romeo()
            elif event["event"] == "message" and event["from"].startswith(ROMEO):
                self.reads(event)

    def sees_romeo(self):
        """Romeo came online."""

    def reads(self, message):
        """Looks at the message, writes for a while, answers: as people do."""
        time.sleep(0.8)
        self.say(do="displayed", to=ROMEO, id=message["id"])
        time.sleep(0.5)
        self.say(do="typing", to=ROMEO, state="composing")
        answer = next(self.answers)
        time.sleep(2.5 + min(len(answer), 120) / 60)
        self.write(answer)

    def write(self, text):
        self.count = getattr(self, "count", 0) + 1
        self.say(do="send_encrypted", to=ROMEO, body=text, id=f"{self.name}-{os.getpid()}-{self.count}")

    def leave(self):
        try:
            self.say(do="leave")
            self.end()
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Juliet(Person):
    name = "juliet"


class Mercutio(Person):
    name = "mercutio"
    greeted = False

    def sees_romeo(self):
        if not self.greeted:
            self.greeted = True
            time.sleep(1)
            for text in GREETING:
                self.write(text)
