"""Hosts a device with GUPnP: host.py INTERFACE FOLDER [HEADER VALUE]...

FOLDER holds description.xml and what it names. Each HEADER goes into every SSDP message. Prints a JSON line when the
device is on the air, and one for each document that was fetched; says byebye and ends on SIGTERM.
"""
import json
import os
import signal
import sys

import gi

gi.require_version("GSSDP", "1.6")
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GSSDP, GUPnP  # noqa: E402

interface, folder, *pairs = sys.argv[1:]
context = GUPnP.Context.new_full(interface, None, 0, GSSDP.UDAVersion.VERSION_1_1)
for name, value in zip(pairs[::2], pairs[1::2]):
    context.append_header(name, value)


def fetched(_server, message):
    print(json.dumps({"event": "fetched", "path": message.get_uri().get_path()}), flush=True)


context.get_server().connect("request-finished", fetched)
device = GUPnP.RootDevice.new(context, "description.xml", folder)
device.set_available(True)

loop = GLib.MainLoop()


def end():
    # Sends the byebyes at once and drops the answers that still wait for their time.
    device.run_dispose()
    loop.quit()
    return GLib.SOURCE_REMOVE


GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, end)
ready = {"event": "ready", "udn": device.get_udn(), "port": context.get_port(), "pid": os.getpid()}
print(json.dumps(ready), flush=True)
loop.run()
