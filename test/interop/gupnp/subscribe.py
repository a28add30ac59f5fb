"""Subscribes with GUPnP: subscribe.py INTERFACE TARGET UDN SERVICE_TYPE VARIABLE...

Searches for TARGET, subscribes to the service of the device UDN and prints one JSON line for each value that comes.
Ends on SIGTERM, after unsubscribing.
"""
import json
import signal
import sys

import gi

gi.require_version("GSSDP", "1.6")
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GObject, GSSDP, GUPnP  # noqa: E402

interface, target, udn, service_type, *variables = sys.argv[1:]
context = GUPnP.Context.new_full(interface, None, 0, GSSDP.UDAVersion.VERSION_1_1)
point = GUPnP.ControlPoint.new(context, target)
loop = GLib.MainLoop()
kept = []


def changed(_proxy, variable, value, _data=None):
    print(json.dumps({"variable": variable, "value": value}), flush=True)


def lost(_proxy, reason):
    print(json.dumps({"lost": reason.message}), flush=True)


def found(_point, proxy):
    if proxy.get_udn() != udn or kept:
        return
    service = proxy.get_service(service_type)
    kept.append(service)
    for name in variables:
        service.add_notify(name, GObject.TYPE_STRING, changed, None)
    service.connect("subscription-lost", lost)
    service.set_subscribed(True)
    print(json.dumps({"event": "subscribed"}), flush=True)


def end():
    for service in kept:
        service.set_subscribed(False)
    GLib.timeout_add(300, loop.quit)
    return GLib.SOURCE_REMOVE


GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, end)
point.connect("device-proxy-available", found)
point.set_active(True)
loop.run()
