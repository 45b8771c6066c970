"""Looks at a window from outside: when it is mapped, when something is painted.

ctypes on Xlib: a tool that has to be started would be a part of what is measured.
"""

import ctypes
import select
import time
from ctypes import POINTER, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

SUBSTRUCTURE_NOTIFY = 1 << 19
MAP_NOTIFY = 19
Z_PIXMAP = 2
#: Antialiased text has at least so many shades; an empty list has few.
SHADES_OF_TEXT = 12


class Image(ctypes.Structure):
    _fields_ = [("width", c_int), ("height", c_int), ("xoffset", c_int), ("format", c_int), ("data", c_void_p),
                ("byte_order", c_int), ("bitmap_unit", c_int), ("bitmap_bit_order", c_int), ("bitmap_pad", c_int),
                ("depth", c_int), ("bytes_per_line", c_int)]


class Event(ctypes.Union):
    class Map(ctypes.Structure):
        _fields_ = [("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p),
                    ("event", c_ulong), ("window", c_ulong), ("override_redirect", c_int)]

    _fields_ = [("type", c_int), ("map", Map), ("room", c_long * 24)]


class Display:
    def __init__(self):
        self.x = ctypes.CDLL("libX11.so.6")
        self.test = ctypes.CDLL("libXtst.so.6")
        self.x.XOpenDisplay.restype = c_void_p
        self.x.XOpenDisplay.argtypes = [c_char_p]
        self.x.XDefaultRootWindow.restype = c_ulong
        self.x.XGetImage.restype = POINTER(Image)
        self.x.XGetImage.argtypes = [c_void_p, c_ulong, c_int, c_int, c_uint, c_uint, c_ulong, c_int]
        self.x.XFree.argtypes = [c_void_p]
        for name in ("XPending", "XConnectionNumber", "XFlush", "XDefaultRootWindow"):
            getattr(self.x, name).argtypes = [c_void_p]
        self.x.XSelectInput.argtypes = [c_void_p, c_ulong, c_long]
        self.x.XNextEvent.argtypes = [c_void_p, POINTER(Event)]
        self.x.XSync.argtypes = [c_void_p, c_int]
        self.x.XKeysymToKeycode.argtypes = [c_void_p, c_ulong]
        self.x.XSetInputFocus.argtypes = [c_void_p, c_ulong, c_int, c_ulong]
        self.test.XTestFakeKeyEvent.argtypes = [c_void_p, c_uint, c_int, c_ulong]
        self.handle = self.x.XOpenDisplay(None)
        if not self.handle:
            raise RuntimeError("no display: run this through build-aux/with-display")
        self.root = self.x.XDefaultRootWindow(self.handle)
        self.x.XSelectInput(self.handle, self.root, SUBSTRUCTURE_NOTIFY)
        self.x.XSync(self.handle, 0)

    def next_map(self, patience=20):
        """Waits for a window to be mapped. Returns it and the moment."""
        end = time.monotonic() + patience
        event = Event()
        while True:
            while self.x.XPending(self.handle):
                self.x.XNextEvent(self.handle, ctypes.byref(event))
                if event.type == MAP_NOTIFY and not event.map.override_redirect:
                    return event.map.window, time.monotonic()
            left = end - time.monotonic()
            if left <= 0:
                raise RuntimeError("no window was mapped")
            select.select([self.x.XConnectionNumber(self.handle)], [], [], left)

    def forget_events(self):
        event = Event()
        self.x.XSync(self.handle, 0)
        while self.x.XPending(self.handle):
            self.x.XNextEvent(self.handle, ctypes.byref(event))

    def pixels(self, x, y, width, height):
        image = self.x.XGetImage(self.handle, self.root, x, y, width, height, c_ulong(-1).value, Z_PIXMAP)
        content = image.contents
        pixels = ctypes.string_at(content.data, content.bytes_per_line * content.height)
        self.x.XFree(content.data)
        self.x.XFree(ctypes.cast(image, c_void_p))
        return pixels

    def has_text(self, area):
        return len(set(memoryview(self.pixels(*area)).cast("I"))) >= SHADES_OF_TEXT

    def until_text(self, area, patience=20):
        """Waits until there is something to read in an area. Returns the moment."""
        end = time.monotonic() + patience
        while not self.has_text(area):
            if time.monotonic() > end:
                raise RuntimeError(f"nothing to read at {area}")
            time.sleep(0.003)
        return time.monotonic()

    def focus(self, window):
        self.x.XSetInputFocus(self.handle, window, 2, 0)
        self.x.XSync(self.handle, 0)

    def press(self, *symbols):
        """Presses keys together, lets them go, and returns the moment of the press."""
        codes = [self.x.XKeysymToKeycode(self.handle, symbol) for symbol in symbols]
        for code in codes[:-1]:
            self.test.XTestFakeKeyEvent(self.handle, code, 1, 0)
        self.x.XSync(self.handle, 0)
        pressed = time.monotonic()
        self.test.XTestFakeKeyEvent(self.handle, codes[-1], 1, 0)
        for code in reversed(codes):
            self.test.XTestFakeKeyEvent(self.handle, code, 0, 0)
        self.x.XSync(self.handle, 0)
        return pressed
