#!/usr/bin/env python3
"""A short tour through the real window in a virtual display, with pictures.

    demo_tour.py PROGRAM SIGN_IN_FILE PICTURES

Every step looks for what a person would see and fails with a sentence when it
is not there. What the program says goes to stderr. Runs on a D-Bus and with a keyring of its own (`demo-session`).
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
from demo_cast import ANSWERS

WIDE = (1100, 720)
NARROW = (360, 720)
OURS = "The bell is rung. Shall I tell the third step that you said so?"


def key(*arguments):
    subprocess.run(["xdotool", *arguments], check=True)


class Tour:
    def __init__(self, program, sign_in, pictures):
        from accessible import Application  # needs the display

        self.Application = Application
        self.program, self.pictures = program, pictures
        self.address, self.password, self.host, self.port = sign_in.read_text().split("\n")[:4]
        self.running = None
        self.size = WIDE

    def start(self, *arguments, **environment):
        self.running = self.Application([self.program, *arguments], {**os.environ, **environment})
        self.running.resize(*WIDE)
        self.size = WIDE

    def end(self):
        if self.running:
            self.running.end()
            self.running = None

    def picture(self, name):
        self.running.picture(self.pictures / name, *self.size)
        print(f"  demo-tour/{name}", flush=True)

    def chat(self, name):
        """Returns the line of a chat in the list."""
        return self.running.see(f"the chat with {name}", role="list item", starting=f"{name}, ")

    def open_chat(self, name):
        self.running.click(self.chat(name))
        return self.running.see(f"the field for a message to {name}", role="text", name=f"Message to {name}")

    def message(self, what, patience=30, **sought):
        """Waits for a row of the history."""
        return self.running.see(what, patience, role="list item", **sought)

    def make_narrow(self):
        self.size = NARROW
        self.running.resize(*NARROW)

    # The steps, in order.

    def sign_in(self):
        """Signing in."""
        self.start()
        self.running.press("the button to sign in", role="button", name="Sign In")
        self.running.fill("the address", self.address, role="text", name="Address")
        self.running.fill("the password", self.password, role="text", name="Password")
        self.running.press("the server settings", role="list item", name="Server Settings")
        self.running.fill("the host", self.host, role="text", name="Host")
        self.running.fill("the port", self.port, role="text", name="Port")
        self.picture("1-sign-in.png")
        self.running.press("the button that signs in", role="button", name="Sign In")

    def chats(self):
        """The chats that were there, from the archive, and one that is new."""
        for name in ("Juliet Capulet", "Mercutio", "Nurse Angelica", "Benvolio", "Friar Laurence", "Rosaline", "ليلى"):
            self.chat(name)
        self.running.see("Mercutio's two new messages", role="list item", starting="Mercutio, 2 unread")
        self.picture("2-chats.png")

    def juliet(self):
        """A chat with Juliet, who answers."""
        field = self.open_chat("Juliet Capulet")
        self.message("what Juliet wrote last", holding="mind the third step")
        self.running.write(field, OURS)
        key("key", "Return")
        self.message("our message", starting="You, ", holding=OURS)
        self.running.see("that Juliet is typing", holding="typing…")
        self.message("Juliet's answer", starting="Juliet Capulet, ", holding=ANSWERS["juliet"][0])
        self.message("that Juliet has read our message", starting="You, ", holding=f"{OURS}. Read")
        self.picture("3-chat.png")

    def dark(self):
        """Started again, in dark style: the password comes from the keyring."""
        self.end()
        self.start(ADW_DEBUG_COLOR_SCHEME="prefer-dark")
        self.running.see("that Juliet is here", role="list item", starting="Juliet Capulet, here now")
        self.open_chat("Juliet Capulet")
        self.message("our message, still read", starting="You, ", holding=f"{OURS}. Read")
        self.message("Juliet's answer", holding=ANSWERS["juliet"][0])
        self.picture("4-dark.png")
        self.end()

    def narrow(self):
        """As narrow as a telephone."""
        self.start()
        self.open_chat("Juliet Capulet")
        self.make_narrow()
        self.message("Juliet's answer", holding=ANSWERS["juliet"][0])
        self.picture("5-narrow-chat.png")
        self.running.press("the way back to the list", role="button", name="Back")
        self.chat("Mercutio")
        self.picture("5-narrow-list.png")

    STEPS = [sign_in, chats, juliet, dark, narrow]

    def run(self):
        from accessible import NotSeen

        for step in self.STEPS:
            print(step.__doc__, flush=True)
            try:
                step(self)
            except NotSeen as problem:
                print(f"The tour stopped at “{step.__doc__}”: {problem}.", flush=True)
                if self.running:
                    print(f"This was on screen:\n{self.running.outline()}", flush=True)
                    subprocess.run(["import", "-window", "root", str(self.pictures / "stopped-here.png")], check=False)
                return 1
        return 0


def virtual_display():
    """Starts a display nobody sees and returns its process.

    Its number is drawn: X servers find free ones by process ids, which say
    nothing about a server that runs in another root and shares /tmp.
    """
    name = f":{random.randint(1000, 60000)}"
    display = subprocess.Popen(["Xvfb", name, "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ.pop("WAYLAND_DISPLAY", None)
    os.environ.update(DISPLAY=name, GDK_BACKEND="x11", GSK_RENDERER="cairo", GTK_A11Y="atspi", LC_ALL="C.UTF-8")
    until = time.monotonic() + 20
    while subprocess.run(["xdotool", "getmouselocation"], capture_output=True).returncode != 0:
        if display.poll() is not None or time.monotonic() > until:
            sys.exit("The virtual display could not be started.")
        time.sleep(0.02)
    return display


def settings():
    """A font that is there, and nothing that moves while a picture is taken."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "gtk-4.0"
    folder.mkdir(parents=True)
    (folder / "settings.ini").write_text("[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=false\n"
                                         "gtk-cursor-blink=false\ngtk-decoration-layout=:close\n")


def main():
    program, sign_in, pictures = map(Path, sys.argv[1:4])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob("*"):
        old.unlink()
    settings()
    display = virtual_display()
    tour = None
    try:
        tour = Tour(program, sign_in, pictures)
        status = tour.run()
        tour.end()
        return status
    finally:
        if tour and tour.running:
            tour.running.process.kill()
        display.terminate()
        display.wait()


sys.exit(main())
