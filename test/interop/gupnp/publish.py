"""Publishes events with GUPnP: publish.py INTERFACE FOLDER SERVICE_TYPE VARIABLE.

FOLDER holds description.xml and what it names. Prints a JSON line with its port when it is up. Each line of stdin
becomes the value of VARIABLE and goes to every subscriber. Ends on end of file.
"""
import json
import sys

import gi

gi.require_version("GSSDP", "1.6")
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GObject, GSSDP, GUPnP  # noqa: E402

interface, folder, service_type, variable = sys.argv[1:]
context = GUPnP.Context.new_full(interface, None, 0, GSSDP.UDAVersion.VERSION_1_1)
device = GUPnP.RootDevice.new(context, "description.xml", folder)
device.set_available(True)
service = device.get_service(service_type)
loop = GLib.MainLoop()


def told(channel, _condition):
    _status, line, _length, _end = channel.read_line()
    if not line:
        device.run_dispose()
        loop.quit()
        return GLib.SOURCE_REMOVE
    value = GObject.Value(GObject.TYPE_STRING, line.rstrip("\n"))
    service.notify_value(variable, value)
    return GLib.SOURCE_CONTINUE


stdin = GLib.IOChannel.unix_new(0)
GLib.io_add_watch(stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, told)
print(json.dumps({"event": "ready", "port": context.get_port()}), flush=True)
loop.run()
