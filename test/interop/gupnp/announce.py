"""Announces a device with GSSDP: announce.py INTERFACE TARGET UDN LOCATION. Prints a JSON line when it does; ends on SIGTERM."""
import json
import signal
import sys

import gi

gi.require_version("GSSDP", "1.6")
from gi.repository import GLib, GSSDP  # noqa: E402

interface, target, udn, location = sys.argv[1:]
client = GSSDP.Client.new_full(interface, None, 0, GSSDP.UDAVersion.VERSION_1_1)
group = GSSDP.ResourceGroup.new(client)
group.add_resource_simple(target, f"{udn}::{target}", location)
group.set_available(True)
loop = GLib.MainLoop()
GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
print(json.dumps({"event": "ready"}), flush=True)
loop.run()
