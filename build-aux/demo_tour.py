#!/usr/bin/env python3
"""A short tour through the real window in a virtual display, with pictures.

    demo_tour.py PROGRAM SIGN_IN_FILE PICTURES

Every step looks for what a person would see and fails with a sentence when it
is not there. What the program says goes to stderr. Runs on a D-Bus and with a keyring of its own (`demo-session`).
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

WIDE = (1100, 720)
NARROW = (360, 720)


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

    # The steps, in order.

    def window(self):
        """The window opens."""
        self.start()
        self.running.see("the window's title", name="Stonechat")
        self.picture("1-window.png")
        self.end()

    STEPS = [window]

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
    """Starts a display nobody sees and returns its process."""
    reading, writing = os.pipe()
    display = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                               pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    number = os.read(reading, 16).decode().strip()
    os.close(reading)
    if not number:
        sys.exit("The virtual display could not be started.")
    os.environ.pop("WAYLAND_DISPLAY", None)
    os.environ.update(DISPLAY=f":{number}", GDK_BACKEND="x11", GSK_RENDERER="cairo", GTK_A11Y="atspi", LC_ALL="C.UTF-8")
    return display


def settings():
    """A font that is there, and nothing that moves while a picture is taken."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "gtk-4.0"
    folder.mkdir(parents=True)
    (folder / "settings.ini").write_text("[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=false\n"
                                         "gtk-cursor-blink=false\n")


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
