"""Drives a GTK window the way an assistive technology does: by role and name.

Needs a D-Bus and a display of one's own. What GTK's accessibility does not
offer (focus, rows without actions, typing) is done by pointer and keys with
xdotool; without a window manager the window's corner is the screen's corner.
"""

import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib

PATIENCE = 20


class NotSeen(Exception):
    """Something did not appear in time; says what, for a person."""


def pump(seconds):
    """Lets events in: the accessibility cache is refreshed from the main loop."""
    end = time.monotonic() + seconds
    context = GLib.MainContext.default()
    while time.monotonic() < end:
        while context.iteration(False):
            pass
        time.sleep(0.01)


def wait_for(what, look, patience=PATIENCE):
    """Returns what `look` finds, or raises NotSeen when it finds nothing for too long."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            found = look()
        except GLib.Error:
            found = None  # what it looked at has just gone
        if found:
            return found
        pump(0.05)
    raise NotSeen(f"{what} did not appear within {patience} s")


def walk(node):
    yield node
    try:
        for number in range(node.get_child_count()):
            child = node.get_child_at_index(number)
            if child is not None:
                yield from walk(child)
    except GLib.Error:
        return


def text_of(node):
    try:
        text = node.get_text_iface()
        return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text)) if text else ""
    except GLib.Error:
        return ""


def says(node):
    """Returns everything a node says: name, description and text."""
    return "\n".join(filter(None, [node.get_name(), node.get_description(), text_of(node)]))


def is_showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


class Application:
    """A running program and its window."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen([str(one) for one in command], env=environment, stdout=sys.stderr)
        self.window = wait_for("the window", self.find_window)

    def find_window(self):
        if self.process.poll() is not None:
            raise NotSeen(f"the program ended with {self.process.returncode} before it had a window")
        desktop = Atspi.get_desktop(0)
        for number in range(desktop.get_child_count()):
            one = desktop.get_child_at_index(number)
            if one is not None and one.get_process_id() == self.process.pid:
                return next((node for node in walk(one) if node.get_role_name() in ("frame", "window")), None)

    def end(self):
        """Closes the program as the desktop does at the end of a session."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise NotSeen("the end of the program: it had to be killed")

    def look(self, role=None, name=None, starting=None, holding=None):
        """Returns the first thing on screen with this role, this name (or one
        that starts so), and these words somewhere in what it says."""
        for node in walk(self.window):
            try:
                if role and node.get_role_name() not in (role if isinstance(role, tuple) else (role,)):
                    continue
                if name is not None and node.get_name() != name:
                    continue
                if starting is not None and not (node.get_name() or "").startswith(starting):
                    continue
                if holding is not None and holding not in says(node):
                    continue
                if is_showing(node):
                    return node
            except GLib.Error:
                continue
        return None

    def see(self, what, patience=PATIENCE, **sought):
        return wait_for(what, lambda: self.look(**sought), patience)

    def press(self, what, **sought):
        """Presses a button, switch or row."""
        node = self.see(what, **sought)
        action = node.get_action_iface()
        names = [Atspi.Action.get_action_name(action, n) for n in range(Atspi.Action.get_n_actions(action))] if action else []
        for wanted in ("click", "activate", "press", "toggle"):
            if wanted in names and Atspi.Action.do_action(action, names.index(wanted)):
                return node
        self.click(node)
        return node

    def click(self, node):
        """Clicks in the middle of it with the pointer."""
        place = Atspi.Component.get_extents(node.get_component_iface(), Atspi.CoordType.WINDOW)
        key("mousemove", str(place.x + place.width // 2), str(place.y + place.height // 2), "click", "1")

    def fill(self, what, text, **sought):
        """Puts a text into a field and makes sure that it is there."""
        node = self.see(what, **sought)
        field = next((one for one in walk(node) if one.get_editable_text_iface()), None)
        if field is None:
            raise NotSeen(f"a text field in {what}")
        Atspi.EditableText.set_text_contents(field.get_editable_text_iface(), text)
        wait_for(f"the text in {what}", lambda: len(text_of(field)) >= len(text))
        return field

    def write(self, node, text):
        """Types a text into a field, by keys as a person does."""
        self.click(node)
        wait_for("the cursor in the field", lambda: node.get_state_set().contains(Atspi.StateType.FOCUSED))
        key("type", "--delay", "12", text)
        wait_for(f"“{text}” in the field", lambda: text_of(node) == text)

    def resize(self, width, height):
        window = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
                                capture_output=True, text=True).stdout.split()
        if not window:
            raise NotSeen("the window, to change its size,")
        key("windowsize", window[-1], str(width), str(height))

        def is_so():
            place = Atspi.Component.get_extents(self.window.get_component_iface(), Atspi.CoordType.WINDOW)
            return (place.width, place.height) == (width, height)

        wait_for(f"a window of {width} × {height}", is_so)

    def picture(self, path, width, height):
        """Keeps a picture of the window, once what is drawn has settled."""
        before = None
        for _ in range(40):
            pump(0.25)
            subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+0+0", "+repage", str(path)], check=True)
            now = path.read_bytes()
            if now == before:
                return
            before = now
        raise NotSeen(f"a moment of rest for {path.name}: the window kept changing")

    def outline(self):
        """Returns what is on screen as an indented text, for a person who looks for what went wrong."""
        lines = []

        def add(node, depth):
            try:
                if is_showing(node):
                    lines.append("  " * depth + f"{node.get_role_name()} {says(node)!r}"[:160])
                    for number in range(node.get_child_count()):
                        if (child := node.get_child_at_index(number)) is not None:
                            add(child, depth + 1)
            except GLib.Error as problem:
                lines.append("  " * depth + f"<{problem.message}>")

        add(self.window, 0)
        return "\n".join(lines)


def key(*arguments):
    subprocess.run(["xdotool", *arguments], check=True)
