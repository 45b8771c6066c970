#!/usr/bin/env python3
"""The program from the first start to the end by keys alone, never the mouse.

    by_keyboard.py PROGRAM FOLDER     (in a display and on a D-Bus of its own)

Romeo signs in, finds Juliet, writes, answers, edits, takes back, changes a preference and quits; Juliet is
a client that is not ours, on a private server. On the way every page, menu and
dialog is walked as an assistive technology sees it, and whatever one can press
or write in has to have a name. Ends with a sentence and 1 where it fails.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "build-aux"))

from accessible import Application, Atspi, GLib, NotSeen, is_showing, pump, says, wait_for, walk
from demo_cast import DOMAIN, PASSWORD
from demo_people import Lines, Server

CONTROLS = {
    "button", "push button", "toggle button", "check box", "radio button", "switch", "entry", "text",
    "password text", "combo box", "menu", "menu item", "check menu item", "radio menu item", "list item",
    "slider", "spin button", "link", "page tab",
}
MESSAGE = "Good night, good night!"
QUESTION = "There is no keyring on this desktop"


def role(node):
    return node.get_role_name()


def name_of(node):
    """Returns a node's name: its own, or that of what it says it is labelled by,
    which is how GTK names the entries of a menu."""
    own = (node.get_name() or "").strip()
    if own:
        return own
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            labels = [says(relation.get_target(number)) for number in range(relation.get_n_targets())]
            return " ".join(labels).strip()
    return ""


def path_to(node):
    """Returns where a node is, for a person who has to give it a name."""
    steps = []
    while node is not None and role(node) not in ("application", "desktop frame"):
        steps.append(f"{role(node)} “{node.get_name()}”" if node.get_name() else role(node))
        node = node.get_parent()
    return " › ".join(reversed(steps))


def key(*keys):
    subprocess.run(["xdotool", "key", "--delay", "40", *keys], check=True)
    pump(0.1)


def write(text):
    subprocess.run(["xdotool", "type", "--delay", "15", text], check=True)
    pump(0.1)


class Evening:
    def __init__(self, program):
        self.running = Application([program], dict(os.environ))
        self.nameless = []
        self.walked = 0

    def see(self, what, **sought):
        return self.running.see(what, **sought)

    def entry(self, words):
        """Returns the entry of an open menu."""
        for node in walk(self.running.window):
            try:
                if role(node) == "menu item" and is_showing(node) and words in name_of(node):
                    return node
            except GLib.Error:
                continue
        return None

    def gone(self, what, **sought):
        wait_for(f"the end of {what}", lambda: self.running.look(**sought) is None)

    def names(self, where):
        """Looks at everything on screen that can be pressed or written in."""
        pump(0.4)
        for node in walk(self.running.window):
            try:
                if role(node) not in CONTROLS or not is_showing(node):
                    continue
                self.walked += 1
                # A text that cannot be written in is read, not named.
                if role(node) == "text" and not node.get_state_set().contains(Atspi.StateType.EDITABLE):
                    continue
                if not name_of(node):
                    self.nameless.append(f"{where}: {path_to(node)}")
            except GLib.Error:
                continue  # it has just gone

    def focused(self):
        for node in walk(self.running.window):
            try:
                if node.get_state_set().contains(Atspi.StateType.FOCUSED) and is_showing(node):
                    found = node
                    # The innermost one: a row and its field both say so.
                    for inner in walk(node):
                        if inner.get_state_set().contains(Atspi.StateType.FOCUSED):
                            found = inner
                    return found
            except GLib.Error:
                continue
        return None

    def focus_says(self, words):
        """Whether the keyboard is at something of this name, or in a row of it."""
        node = self.focused()
        for _ in range(6):
            if node is None or role(node) in ("frame", "window", "dialog"):
                return False
            if words in name_of(node):
                return True
            node = node.get_parent()
        return False

    def go_to(self, words, by="Tab", most=45):
        """Goes on with a key until the keyboard is at something of this name."""
        seen = []
        for _ in range(most):
            if self.focus_says(words):
                return
            node = self.focused()
            seen.append(path_to(node)[-90:] if node else "nothing")
            key(by)
        raise NotSeen(f"the keyboard at “{words}”, after {most} times {by} ({'; '.join(seen[-12:])}),")

    def press_for(self, keys, what, **sought):
        """Presses keys and waits for what they show."""
        key(*keys)
        return self.see(what, **sought)


def play(program, folder):
    server = Server(folder / "server")
    os.environ["STONECHAT_EXTRA_CA"] = server.ca
    people = {"romeo": "Romeo", "juliet": "Juliet Capulet"}
    server.cast(people)
    juliet = Lines(sys.executable, PROJECT / "tests/support/slixmpp_omemo_peer.py", f"juliet@{DOMAIN}", "127.0.0.1",
                   server.port, server.ca, env={**os.environ, "PEER_PASSWORD": PASSWORD, "PEER_RECEIPTS": "1"})
    while (heard := juliet.hear())["event"] != "online":
        print(f"Juliet: {heard}")
    evening = Evening(program)
    try:
        sign_in(evening, server.port)
        find_and_write(evening)
        while True:
            heard = juliet.hear()
            if heard is None:
                raise NotSeen("the message at Juliet’s")
            if heard["event"] == "message" and heard["body"] == MESSAGE:
                break
        evening.see("that it was delivered", role="list item", holding=MESSAGE)
        act_on_messages(evening)
        visit_dialogs(evening)
        change_a_preference(evening)
        quit_by_key(evening)
    except NotSeen:
        if evening.running.process.poll() is None:
            print(evening.running.outline())
            subprocess.run(["import", "-window", "root", str(folder / "screen.png")], check=False)
        raise
    finally:
        if evening.running.process.poll() is None:
            evening.running.process.terminate()
            evening.running.process.wait(10)
        juliet.say(do="leave")
        juliet.end()
        server.stop()
    if evening.nameless:
        raise NotSeen("a name for each of these controls:\n  " + "\n  ".join(sorted(set(evening.nameless))) + "\nwhich")
    print(f"{evening.walked} controls were looked at, and each has a name.")


def sign_in(evening, port):
    evening.see("the first page", name="Sign In")
    evening.names("first page")
    evening.go_to("Sign In")
    key("Return")
    evening.see("the field for the address", name="Address")
    evening.names("sign-in page")
    evening.go_to("Address")
    write(f"romeo@{DOMAIN}")
    evening.go_to("Password")
    write(PASSWORD)
    evening.go_to("Server")
    key("space")
    evening.go_to("Host")
    evening.names("sign-in page with server settings")
    write("127.0.0.1")
    evening.go_to("Port")
    write(str(port))
    key("Return")
    evening.see("the question where the password goes", holding=QUESTION)
    evening.names("question about the password")
    evening.go_to("Ask Each Time")
    key("Return")
    evening.gone("the question", holding=QUESTION)


def find_and_write(evening):
    evening.press_for(["ctrl+n"], "the dialog that finds somebody", holding="New Chat")
    evening.names("new chat")
    write("jul")
    evening.see("Juliet among the matches", role="list item", starting="Write to Juliet")
    evening.names("new chat with matches")
    key("Return")
    evening.see("the field for a message", role="text", name="Message to Juliet Capulet")
    wait_for("the keyboard in the field", lambda: evening.focus_says("Message to Juliet"))
    write(MESSAGE)
    evening.names("chat")
    key("Return")
    evening.see("the message", role="list item", holding=MESSAGE)


def to_messages(evening, words):
    """Gives the keyboard to the newest message, which has these words."""
    key("shift+F6")
    key("End")
    wait_for(f"the keyboard at “{words}”", lambda: evening.focus_says(words))


def choose_in_menu(evening, where, words):
    """Opens the menu of the message that has the keyboard, and takes an entry."""
    key("Menu")
    wait_for(f"“{words}” in the menu", lambda: evening.entry(words))
    evening.names(where)
    evening.go_to(words, by="Down", most=12)
    key("Return")


def act_on_messages(evening):
    """Answers, edits, chooses, takes back; each by keys."""
    to_messages(evening, MESSAGE)
    key("r")
    evening.see("the bar of an answer", role="button", name="Do Not Reply")
    evening.names("answer")
    write("It is the east")
    key("Return")
    evening.see("the answer", role="list item", holding="in reply to you")
    evening.names("chat with an answer")
    key("Up")
    evening.see("the bar of an edit", role="button", name="Do Not Edit")
    evening.names("edit")
    write(", and Juliet is the sun")
    key("Return")
    evening.see("the edited message", role="list item", holding="edited: It is the east, and Juliet is the sun")
    to_messages(evening, "Juliet is the sun")
    choose_in_menu(evening, "menu of a message", "Select")
    evening.see("the bar of what is chosen", holding="1 message selected")
    evening.names("several messages")
    key("Escape")
    evening.gone("the bar of what is chosen", holding="1 message selected")
    key("Delete")
    evening.see("the question about deleting", holding="Delete this message here?")
    evening.names("question about deleting")
    key("Escape")
    evening.gone("the question about deleting", holding="Delete this message here?")
    wait_for("the keyboard at the message", lambda: evening.focus_says("Juliet is the sun"))
    choose_in_menu(evening, "menu of a message", "Forward")
    evening.see("the dialog that forwards", role="dialog", holding="Forward Message")
    evening.names("forward")
    key("Escape")
    evening.gone("the dialog that forwards", role="dialog", holding="Forward Message")
    wait_for("the keyboard at the message", lambda: evening.focus_says("Juliet is the sun"))
    choose_in_menu(evening, "menu of a message", "Take Back")
    evening.see("the question about taking back", holding="Take this message back?")
    evening.names("question about taking back")
    evening.go_to("Take Back")
    key("Return")
    evening.see("that it was taken back", role="list item", holding="You took this message back")
    key("F6")


def visit_dialogs(evening):
    """Opens and leaves everything that can be opened."""
    for keys, where, entry in [("F10", "main menu", "Preferences"), ("ctrl+F10", "chat menu", "Details")]:
        key(keys)
        wait_for(f"the {where}", lambda: evening.entry(entry))
        evening.names(where)
        key("Escape")
        wait_for(f"the end of the {where}", lambda: evening.entry(entry) is None)
    for keys, where, words in [
        ("ctrl+k", "switcher", "Go to a Chat"),
        ("ctrl+question", "shortcuts", "Keyboard Shortcuts"),
        ("alt+Return", "details", "Details"),
    ]:
        evening.press_for([keys], f"the {where}", role="dialog", holding=words)
        evening.names(where)
        key("Escape")
        evening.gone(f"the {where}", role="dialog", holding=words)
    key("F10")
    wait_for("the entry for About", lambda: evening.entry("About"))
    evening.go_to("About", by="Down", most=12)
    key("Return")
    evening.see("the version", holding="The Stonechat maintainers")
    evening.names("about")
    key("Escape")
    evening.gone("the version", holding="The Stonechat maintainers")


def change_a_preference(evening):
    key("ctrl+comma")
    evening.see("the pages of the preferences", role="list item", holding="Privacy")
    evening.names("preferences")
    for page in ["Accounts", "Appearance", "Notifications", "Encryption", "Writing", "Advanced", "Privacy"]:
        if evening.running.look(role="list item", holding=page) is None:
            continue
        evening.go_to(page, by={"Accounts": "Tab", "Privacy": "Up"}.get(page, "Down"))
        key("Return")
        evening.names(f"preferences, {page}")
    evening.go_to("Say That I Am Typing")
    key("space")
    pump(0.5)
    key("Escape")
    pump(0.5)


def quit_by_key(evening):
    key("ctrl+q")
    try:
        code = evening.running.process.wait(15)
    except subprocess.TimeoutExpired:
        raise NotSeen("the end of the program")
    if code != 0:
        raise NotSeen(f"a proper end (it ended with {code})")


try:
    play(sys.argv[1], Path(sys.argv[2]))
except NotSeen as problem:
    sys.exit(f"by_keyboard: {problem}")
