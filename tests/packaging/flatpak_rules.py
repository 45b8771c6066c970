#!/usr/bin/env python3
"""Shows that each rule of build-aux/flatpak-check bites.

Breaks one thing in a copy of the project and expects the sentence that says
so; the untouched project has to pass.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
ID = "im.stonechat.Stonechat"
MANIFEST, METAINFO = f"flatpak/{ID}.yml", f"data/{ID}.metainfo.xml.in"
DESKTOP, SERVICE = f"data/{ID}.desktop.in", f"data/{ID}.service.in"
ICONS = "data/icons/hicolor"
SCALABLE, SYMBOLIC = f"{ICONS}/scalable/apps/{ID}.svg", f"{ICONS}/symbolic/apps/{ID}-symbolic.svg"

# What is broken: file, from, to (a pattern); and what is said of it.
BREAKS = [
    (MANIFEST, r"^id: .*", "id: im.other.App", "the manifest's id is not"),
    (MANIFEST, r"^command: .*", "command: sh", "does not start stonechat"),
    (MANIFEST, r"^sdk: .*", "sdk: org.kde.Sdk", "not those of GNOME"),
    (MANIFEST, r"runtime-version: '50'", "runtime-version: '47'", "the runtime 47 has ended"),
    (MANIFEST, r"--device=dri", "--device=all", "the permission --device=all is not on the list"),
    (MANIFEST, r"--share=ipc", "--filesystem=home", "the permission --filesystem=home is not on the list"),
    (MANIFEST, r"  - --share=ipc\n", "", "an X11 window needs --share=ipc"),
    (MANIFEST, r"    CARGO_NET_OFFLINE: 'true'\n", "", "cargo may reach for the network"),
    (MANIFEST, r"^build-options:\n", "build-options:\n  build-args:\n    - --share=network\n", "the build asks for the network"),
    (MANIFEST, r"        tag: .*\n", "", "a git source needs a tag"),
    (MANIFEST, r"(commit: [0-9a-f]{8}).*", r"\1", "a git source needs a tag and its whole commit"),
    (MANIFEST, r"https://gitlab", "http://gitlab", "not fetched by https"),
    (MANIFEST, r"      - cargo-sources.json\n", "      - type: archive\n        url: https://stonechat.im/a.tar.gz\n", "an archive needs its sha256"),
    (MANIFEST, r"^modules:", "modules", "does not understand the manifest"),
    (MANIFEST, r"^command:", "comand: x\ncommand:", "does not understand the manifest"),
    ("Cargo.lock", r'source = "registry\+[^"]*"', 'source = "git+https://example.org/a"', "is from git"),
    ("Cargo.lock", r'source = "registry\+[^"]*"', 'source = "registry+https://example.org/"', "unknown source of a crate"),
    (METAINFO, r"<id>.*</id>", "<id>im.other.App</id>", "the metainfo's id is not"),
    (METAINFO, r"Stonechat\.desktop</launchable>", "desktop</launchable>", "does not launch the desktop entry"),
    (METAINFO, r"AGPL-3.0-or-later", "MIT", "names other licences"),
    (METAINFO, r'<developer id="[^"]*">', "<developer>", "no developer with an id"),
    (METAINFO, r"<name>Stonechat</name>", "<name>Stonechat, the messenger for you</name>", "the name is longer"),
    (METAINFO, r"<summary>.*<", "<summary>Chat on the open network that is called XMPP<", "the summary is longer"),
    (METAINFO, r"<summary>.*<", "<summary>A chat.<", "the summary begins with"),
    (METAINFO, r"<p>\s+Stonechat is a calm[^<]*", "<p>Chat.", "the first paragraph is shorter"),
    (METAINFO, r'<url type="bugtracker">.*</url>', "", "no address of kind bugtracker"),
    (METAINFO, r'<color [^>]*"dark">.*</color>', "", "a brand colour for light and for dark"),
    (METAINFO, r'<content_attribute id="social-chat">intense', '<content_attribute id="social-chat">none', "does not say that one chats"),
    (METAINFO, r"<display_length.*</display_length>", "", "360 pixels are enough"),
    (METAINFO, r"<control>touch</control>", "", "keyboard, pointing and touch"),
    (METAINFO, r"<mediatype>.*</mediatype>", "", "does not provide xmpp: links"),
    (METAINFO, r"<translation .*</translation>", "", "does not name the translations"),
    (METAINFO, r' type="default"', "", "is not the default one"),
    (METAINFO, r"<caption>.*?</caption>", "", "has no caption"),
    (METAINFO, r"https://(stonechat.im/screenshots)", r"http://\1", "is no PNG behind https"),
    (METAINFO, r"screenshots/[a-z-]*.png", "screenshots/nothing.png", "is not in screenshots/"),
    (METAINFO, r'<release version="[^"]*"', '<release version="99.0"', "the newest release is not"),
    (METAINFO, r' date="[^"]*"', "", "has no date"),
    (METAINFO, r"(<release .*>\s*<description>\s*<p>)[^<]*", r"\1", "is not described"),
    (METAINFO, r"</component>", "", "metainfo_faults:"),
    (DESKTOP, r"^Icon=.*", "Icon=chat", "does not say Icon="),
    (DESKTOP, r"^Exec=stonechat %u", "Exec=stonechat", "does not say Exec="),
    (DESKTOP, r"^DBusActivatable=.*\n", "", "does not say DBusActivatable="),
    (DESKTOP, r"^MimeType=.*\n", "", "does not say MimeType="),
    (DESKTOP, r"^Keywords=.*\n", "", "no keywords"),
    (DESKTOP, r"InstantMessaging;", "", "no specific category"),
    (DESKTOP, r"^Exec=.*--new-chat\n", "", "the desktop entry's action new-chat starts nothing"),
    (DESKTOP, r"^Terminal=.*", "Terminal=perhaps", "desktop-file-validate:"),
    (SERVICE, r"^Name=.*", "Name=im.other.App", "the bus service is not called"),
    (SERVICE, r" --gapplication-service", "", "does not start the program as one"),
    (SCALABLE, r'viewBox="[^"]*"', 'viewBox="0 0 64 64"', "is not drawn on 128 pixels"),
    (SCALABLE, r"</svg>", '<image href="a.png"/></svg>', "holds a picture instead of shapes"),
    (SYMBOLIC, r'#222222', "#ff0000", "more than one colour"),
]


def said_of(project):
    done = subprocess.run([project / "build-aux/flatpak-check"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main():
    passed = failed = 0

    def expect(what, is_so, said):
        nonlocal passed, failed
        if is_so:
            passed += 1
        else:
            failed += 1
            print(f"FAILED {what}\n{said}")

    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        for name in ("data", "flatpak", "po", "build-aux", "screenshots"):
            shutil.copytree(PROJECT / name, project / name)
        for name in ("Cargo.lock", "Cargo.toml", "LICENSE"):
            shutil.copy(PROJECT / name, project / name)
        status, said = said_of(project)
        expect("the project as it is", status == 0, said)
        for path, pattern, replacement, sentence in BREAKS:
            file = project / path
            whole = file.read_text()
            broken = re.sub(pattern, replacement, whole, count=1, flags=re.MULTILINE)
            expect(f"{path}: {pattern} changes nothing", broken != whole, "")
            file.write_text(broken)
            status, said = said_of(project)
            expect(f"{path}: {pattern} → {sentence}", status != 0 and sentence in said, said)
            file.write_text(whole)
        for path in (SYMBOLIC, METAINFO):
            file = project / path
            whole = file.read_text()
            file.unlink()
            status, said = said_of(project)
            expect(f"{path} is gone", status != 0 and pathlib.Path(path).name in said, said)
            file.write_text(whole)
    print(f"{passed} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
