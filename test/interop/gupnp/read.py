"""Reads a device as GUPnP sees it: read.py INTERFACE TARGET UDN.

Searches for TARGET, and prints one JSON line with the description of the device UDN and the actions, arguments and
state variables of its services, each fetched and parsed by GUPnP. Ends with 1 when a service can not be read.
"""
import json
import sys

import gi

gi.require_version("GSSDP", "1.6")
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GSSDP, GUPnP  # noqa: E402

interface, target, udn = sys.argv[1:]
context = GUPnP.Context.new_full(interface, None, 0, GSSDP.UDAVersion.VERSION_1_1)
point = GUPnP.ControlPoint.new(context, target)
loop = GLib.MainLoop()
state = {"code": 1, "seen": False}


def action_facts(action):
    out = {}
    for argument in action.arguments:
        way = "in" if argument.direction == GUPnP.ServiceActionArgDirection.IN else "out"
        out.setdefault(way, []).append([argument.name, argument.related_state_variable])
    return out


def service_facts(service, introspection):
    return {
        "type": service.get_service_type(),
        "id": service.get_id(),
        "control": service.get_control_url(),
        "event": service.get_event_subscription_url(),
        "actions": {action.name: action_facts(action) for action in introspection.list_actions()},
        "evented": sorted(v.name for v in introspection.list_state_variables() if v.send_events),
    }


def found(_point, proxy):
    if proxy.get_udn() != udn or state["seen"]:
        return
    state["seen"] = True
    facts = {
        "udn": proxy.get_udn(),
        "deviceType": proxy.get_device_type(),
        "friendlyName": proxy.get_friendly_name(),
        "modelName": proxy.get_model_name(),
        "serialNumber": proxy.get_serial_number(),
        "location": proxy.get_location(),
        "services": [],
    }
    services = proxy.list_services()

    def introspected(service, result):
        try:
            facts["services"].append(service_facts(service, service.introspect_finish(result)))
        except GLib.Error as error:
            print(f"{service.get_service_type()}: {error.message}", file=sys.stderr)
            loop.quit()
            return
        if len(facts["services"]) == len(services):
            print(json.dumps(facts), flush=True)
            state["code"] = 0
            loop.quit()

    for service in services:
        service.introspect_async(None, introspected)


point.connect("device-proxy-available", found)
point.set_active(True)
loop.run()
sys.exit(state["code"])
