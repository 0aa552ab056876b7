#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A program that uses Vck and other libraries for libvirt at the same time.

Usage: beside.py WHO URI

WHO brings the event loop: python-first, python-last, glib-first, glib-last or none. "first" and
"last" are before and after Vck. Prints what events arrived, as JSON.

With "idle" as WHO there is no loop, and Vck alone: the program only waits for a line of input,
and then for the end of the connection. With "errors" it prints which errors its own handler of
libvirt's errors were reported, by number.
"""

import contextlib
import json
import pathlib
import sys
import threading

import libvirt

import gi

gi.require_version('LibvirtGLib', '1.0')
gi.require_version('Vck', '1')
from gi.repository import GLib, LibvirtGLib, Vck  # noqa: E402

NAME = 'beside'
DOMAIN = (
    f"<domain type='test'><name>{NAME}</name><memory unit='MiB'>16</memory>"
    '<os><type>hvm</type></os></domain>'
)


def has_own_loop():
    """Whether Vck runs a loop of its own."""
    tasks = pathlib.Path('/proc/self/task').glob('*/comm')
    return any(task.read_text().strip() == 'vck-libvirt' for task in tasks)


class Events:
    """What each library reports, in its order."""

    def __init__(self):
        self.context = GLib.MainContext.ref_thread_default()
        self.vck = []
        self.python = []
        self.changed = threading.Event()

    def note(self, where, what):
        where.append(what)
        self.changed.set()
        self.context.wakeup()

    def note_state(self, domain, _property):
        self.note(self.vck, domain.get_state().value_nick)

    def note_life_cycle(self, _connection, domain, event, _detail, _data):
        if domain.name() == NAME:
            self.note(self.python, event)


class PythonLoop:
    """libvirt's own loop, in a thread, as programs in Python use it."""

    def __init__(self, events):
        self.events = events
        self.stopped = False
        libvirt.virEventRegisterDefaultImpl()

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def __exit__(self, *_problem):
        self.stopped = True
        GLib.MainContext.default().wakeup()
        self.thread.join()

    def run(self):
        while not self.stopped:
            libvirt.virEventRunDefaultImpl()

    def wait(self):
        self.events.changed.wait()
        self.events.changed.clear()


class MainLoop(contextlib.nullcontext):
    """A main context, which the program runs whenever it waits."""

    def __init__(self, events):
        super().__init__()
        self.events = events

    def wait(self):
        self.events.context.iteration(True)


class LibvirtGLibLoop(MainLoop):
    def __init__(self, events):
        super().__init__(events)
        LibvirtGLib.event_register()


LOOPS = {'python': PythonLoop, 'glib': LibvirtGLibLoop, 'none': MainLoop}


class Program:
    def __init__(self, uri, kind, is_first):
        self.events = Events()
        self.loop = LOOPS[kind](self.events) if is_first else None
        self.connection = Vck.Connection.open(uri, 0, None)
        self.loop = self.loop or LOOPS[kind](self.events)
        self.libvirt = libvirt.open(uri)

    def wait_for(self, condition):
        while not condition():
            self.loop.wait()

    def follow(self):
        """The life of a domain: each step once both libraries have reported the one before."""
        events = self.events
        self.connection.connect('domain-added', lambda _c, each: self.take(each))
        self.connection.connect('domain-removed', lambda *_: events.note(events.vck, 'removed'))
        self.libvirt.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, events.note_life_cycle, None
        )
        domain = self.libvirt.defineXML(DOMAIN)
        for count, step in enumerate((domain.create, domain.destroy, domain.undefine), start=1):
            self.wait_for(lambda: min(len(events.vck), len(events.python)) == count)
            step()
        self.wait_for(lambda: min(len(events.vck), len(events.python)) == 4)

    def take(self, domain):
        if domain.get_name() == NAME:
            self.domain = domain
            domain.connect('notify::state', self.events.note_state)
            self.events.note(self.events.vck, 'added')

    def close(self):
        """Both ways to end are reported."""
        self.connection.connect('closed', lambda _c, why: self.events.note(self.events.vck, why.value_nick))
        self.connection.close()
        self.wait_for(lambda: len(self.events.vck) == 5)
        self.libvirt.close()


def idle(uri):
    context = GLib.MainContext.new()
    context.push_thread_default()
    connection = Vck.Connection.open(uri, 0, None)
    reasons = []
    connection.connect('closed', lambda _connection, reason: reasons.append(reason.value_nick))
    print(json.dumps(connection.is_open), flush=True)
    sys.stdin.readline()
    print(json.dumps(connection.count_domains(0, None) >= 0), flush=True)
    while not reasons:
        context.iteration(True)
    print(json.dumps({'reason': reasons[0], 'open': connection.is_open}))


def errors(uri):
    heard = []
    connection = Vck.Connection.open(uri, 0, None)
    other = libvirt.open(uri)
    libvirt.registerErrorHandler(lambda _data, error: heard.append(error[0]), None)
    with contextlib.suppress(libvirt.libvirtError):
        other.networkLookupByName('nosuch')
    with contextlib.suppress(GLib.Error):
        connection.lookup_domain_by_name('nosuch', None)
    print(json.dumps(heard))


def report(who, uri):
    kind, _, order = who.partition('-')
    program = Program(uri, kind, order == 'first')
    with program.loop:
        program.follow()
        program.close()
    events = program.events
    print(json.dumps({'vck': events.vck, 'python': events.python, 'own-loop': has_own_loop()}))


def main(who, uri):
    programs = {'idle': idle, 'errors': errors}
    if who in programs:
        programs[who](uri)
    else:
        report(who, uri)


if __name__ == '__main__':
    main(*sys.argv[1:])
